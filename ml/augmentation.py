"""Training copies: the same clip as another voice, or over another line, would have delivered it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import scipy.signal

from ml.audio import Clip, frame_levels_db, resample

TELEPHONE_HZ = 8_000
TELEPHONE_BAND_HZ = (300, 3_400)  # ITU-T G.712
MU = 255  # ITU-T G.711
NOISE_BELOW_DB = (8, 30)


def play_at_speed(clip: Clip, *, factor: float) -> Clip:
    """The clip played faster or slower, like a tape: pitch, formants and pace move together, as another throat would.

    Parameters
    ----------
    clip : Clip
    factor : float
        Above 1 is faster and higher.
    """
    replayed = resample(clip, round(clip.rate_hz / factor))
    return Clip(replayed.samples, clip.rate_hz)


def over_telephone(clip: Clip) -> Clip:
    """The clip through a telephone line: 8 kHz, 300 to 3,400 Hz, µ-law."""
    narrow = resample(clip, TELEPHONE_HZ)
    band = scipy.signal.butter(3, TELEPHONE_BAND_HZ, "bandpass", fs=TELEPHONE_HZ, output="sos")
    limited = np.clip(scipy.signal.sosfilt(band, narrow.samples), -1, 1)
    companded = np.round(127 * np.sign(limited) * np.log1p(MU * np.abs(limited)) / np.log1p(MU)) / 127
    expanded = np.sign(companded) * np.expm1(np.abs(companded) * np.log1p(MU)) / MU
    return resample(Clip(expanded.astype(np.float32), TELEPHONE_HZ), clip.rate_hz)


def at_telephone_rate(clip: Clip) -> Clip:
    """The clip without anything above 4 kHz."""
    return resample(resample(clip, TELEPHONE_HZ), clip.rate_hz)


def in_noise(clip: Clip, *, colour: float) -> Clip:
    """The clip with stationary noise under it, 8 to 30 dB below the speech: its own samples decide how far and which.

    Parameters
    ----------
    clip : Clip
    colour : float
        Exponent of the noise's amplitude over frequency: 0 is white, 0.5 pink.
    """
    rng = np.random.default_rng(int(clip.digest[:8], 16))
    below_db = rng.uniform(*NOISE_BELOW_DB)
    spectrum = np.fft.rfft(rng.standard_normal(len(clip.samples)))
    spectrum *= np.maximum(np.fft.rfftfreq(len(clip.samples), 1 / clip.rate_hz), 20.0) ** -colour
    noise = np.fft.irfft(spectrum, len(clip.samples))
    noise *= speech_rms(clip) * 10 ** (-below_db / 20) / np.sqrt(np.mean(np.square(noise)))
    return Clip(clip.samples + noise.astype(np.float32), clip.rate_hz)


def speech_rms(clip: Clip) -> float:
    """Root mean square of the frames within 30 dB of the loudest: what noise is measured against."""
    powers = 10 ** (frame_levels_db(clip) / 10)
    return float(np.sqrt(np.mean(powers[powers >= powers.max() / 1000])))


AUGMENTATIONS: dict[str, Callable[[Clip], Clip]] = {
    **{f"speed-{factor}": partial(play_at_speed, factor=factor) for factor in (0.83, 0.9, 1.1, 1.2)},
    "white-noise": partial(in_noise, colour=0.0),
    "pink-noise": partial(in_noise, colour=0.5),
    "telephone": over_telephone,
    "telephone-rate": at_telephone_rate,
}


def augment(clip: Clip, name: str) -> Clip:
    """Apply augmentations by name, joined by `+` in the order in which they happen; an empty name changes nothing."""
    for step in filter(None, name.split("+")):
        clip = AUGMENTATIONS[step](clip)
    return clip
