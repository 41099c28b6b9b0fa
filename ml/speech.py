"""Is it speech at all? Music, noise and dial tones must not be given an emotion.

Speech is recognised by what it does and other sounds do not do all at once: it is voiced, its level moves by the
syllable, its pitch glides, where notes and tones hold theirs, and its voiced moments have many harmonics, loud ones
where the throat resonates. The limits were set so that no RAVDESS clip is refused, clean or over a telephone, and every
synthesised sound of the tests is (docs/research.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import librosa
import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.signal

from ml.audio import Clip, resample

Floats = npt.NDArray[np.float64]

RATE_HZ = 16_000
VOICE_BAND_HZ = (80, 1_000)
PITCH_RANGE_HZ = (75, 450)
FRAME_S, HOP_S = 0.048, 0.016
DECIMATED_HZ = 4_000  # enough for what the band lets through
VOICED_PERIODICITY = 0.6
VOICED_WITHIN_DB = 30
GLIDE_SEMITONES = (0.05, 3.0)
N_FFT = 512
SPECTRUM_HOP_S = 0.01
FULL_BAND_WITHIN_DB = 30
THROAT_HZ = (180, 950)  # the first formants of all vowels, and a telephone lets them through


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What speaks for speech.

    Attributes
    ----------
    speech_s : float
        Seconds that are loud enough.
    voiced_s : float
        Seconds that are periodic.
    voiced_share : float
        The same as a share of all frames.
    level_sd_db : float
        Standard deviation of the level between 150 and 3,800 Hz.
    gliding_share : float
        Share of steps between voiced frames in which the pitch moves, but does not jump.
    fullness : float
        Share of 30 bands between 150 and 3,800 Hz that are within 30 dB of the loudest, in the median voiced frame.
    throat_share : float
        Mean share of the voiced frames' power that lies between 180 and 950 Hz.
    """

    speech_s: float
    voiced_s: float
    voiced_share: float
    level_sd_db: float
    gliding_share: float
    fullness: float
    throat_share: float

    @property
    def is_speech(self) -> bool:
        """Whether it all speaks for speech."""
        return (
            self.speech_s >= 0.3
            and self.voiced_s >= 0.25
            and self.voiced_share >= 0.12
            and self.level_sd_db >= 4.5
            and self.gliding_share >= 0.03
            and self.fullness >= 0.25
            and self.throat_share >= 0.1
        )


def is_speech(clip: Clip) -> bool:
    """Whether a trimmed clip is speech at all."""
    return evidence(resample(clip, RATE_HZ)).is_speech


def evidence(clip: Clip) -> Evidence:
    """Measure a trimmed clip at 16 kHz.

    Parameters
    ----------
    clip : Clip
        Its level does not matter.
    """
    periodicity, pitch_semitones, power = _pitch_track(clip)
    loud = power > power.max(initial=0.0) * 10 ** (-VOICED_WITHIN_DB / 10)
    voiced = (periodicity > VOICED_PERIODICITY) & loud
    steps = np.abs(np.diff(pitch_semitones))[voiced[1:] & voiced[:-1]]
    low, high = GLIDE_SEMITONES
    spectrum = _power_spectrum(clip)
    bands = _speech_bands(clip.rate_hz) @ spectrum
    spoken = np.rint((np.flatnonzero(voiced) * HOP_S + FRAME_S / 2) / SPECTRUM_HOP_S).astype(int)
    spoken = np.minimum(spoken, spectrum.shape[1] - 1)
    return Evidence(
        speech_s=clip.duration_s if clip.speech_s is None else clip.speech_s,
        voiced_s=float(voiced.sum() * HOP_S),
        voiced_share=float(voiced.mean()) if len(voiced) else 0.0,
        level_sd_db=_level_sd_db(bands),
        gliding_share=float(np.mean((steps > low) & (steps < high))) if len(steps) else 0.0,
        fullness=_fullness(bands[:, spoken]),
        throat_share=_throat_share(spectrum[:, spoken], clip.rate_hz),
    )


def _pitch_track(clip: Clip) -> tuple[Floats, Floats, Floats]:
    """Height and place of the autocorrelation's peak in each frame (Boersma 1993), and the frames' power."""
    step = max(1, clip.rate_hz // DECIMATED_HZ)
    voice, rate_hz = scipy.signal.sosfilt(_voice_band(clip.rate_hz), clip.samples)[::step], clip.rate_hz / step
    width, hop = round(FRAME_S * rate_hz), round(HOP_S * rate_hz)
    if len(voice) < width:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(voice, width)[::hop]
    window, window_correlation = _window(width)
    correlation = _autocorrelation((frames - frames.mean(axis=1, keepdims=True)) * window)
    shortest, longest = int(rate_hz / PITCH_RANGE_HZ[1]), int(rate_hz / PITCH_RANGE_HZ[0])
    lags = correlation[:, shortest:longest] / window_correlation[shortest:longest]
    lags /= np.maximum(correlation[:, :1], 1e-20)
    pitch_semitones = 12 * np.log2(rate_hz / (shortest + lags.argmax(axis=1)))
    return lags.max(axis=1), pitch_semitones, np.mean(np.square(frames), axis=1)


@lru_cache(maxsize=8)
def _voice_band(rate_hz: int) -> Floats:
    band: Floats = scipy.signal.butter(4, VOICE_BAND_HZ, "bandpass", fs=rate_hz, output="sos")
    return band


@lru_cache(maxsize=8)
def _window(width: int) -> tuple[Floats, Floats]:
    window = np.hanning(width)
    correlation = _autocorrelation(window[np.newaxis])[0]
    return window, correlation / correlation[0]


def _autocorrelation(frames: Floats) -> Floats:
    width = frames.shape[1]
    power = np.square(np.abs(scipy.fft.rfft(frames, 2 * width)))
    correlation: Floats = scipy.fft.irfft(power)[:, :width]
    return correlation


def _power_spectrum(clip: Clip) -> npt.NDArray[np.float32]:
    hop = round(SPECTRUM_HOP_S * clip.rate_hz)
    power: npt.NDArray[np.float32] = np.square(np.abs(librosa.stft(clip.samples, n_fft=N_FFT, hop_length=hop)))
    return power


def _level_sd_db(bands: npt.NDArray[np.float32]) -> float:
    power = bands.sum(axis=0)
    return float(np.std(10 * np.log10(power + power.max() * 1e-3 + 1e-30)))


def _fullness(bands: npt.NDArray[np.float32]) -> float:
    if not bands.size:
        return 0.0
    full = bands >= bands.max(axis=0) * 10 ** (-FULL_BAND_WITHIN_DB / 10)
    return float(np.median(full.mean(axis=0)))


def _throat_share(spectrum: npt.NDArray[np.float32], rate_hz: int) -> float:
    if not spectrum.size:
        return 0.0
    frequencies_hz = np.fft.rfftfreq(N_FFT, 1 / rate_hz)
    throat = spectrum[(frequencies_hz >= THROAT_HZ[0]) & (frequencies_hz < THROAT_HZ[1])]
    return float(np.mean(throat.sum(axis=0) / (spectrum.sum(axis=0) + 1e-20)))


@lru_cache(maxsize=8)
def _speech_bands(rate_hz: int) -> npt.NDArray[np.float32]:
    filters: npt.NDArray[np.float32] = librosa.filters.mel(sr=rate_hz, n_fft=N_FFT, n_mels=30, fmin=150, fmax=3_800)
    return filters
