"""Frame-level contours of a clip: log-mel bands, pitch, voice quality, spectral shape.

All contours are relative to the clip's own loud frames, so they do not depend on
the recording level. Frames are 25 ms long (45 ms for pitch) with 10 ms hops.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final
from weakref import WeakKeyDictionary

import librosa
import numba
import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from ml.audio import Clip

FloatArray = NDArray[Any]

RATE_HZ: Final = 16_000
HOP: Final = 160
N_MELS: Final = 40
_WIN: Final = 400
_N_FFT: Final = 512
_PITCH_WIN: Final = 720
_PITCH_FFT: Final = 2048
_LAG_MIN: Final = int(RATE_HZ / 700)
_LAG_MAX: Final = int(RATE_HZ / 60) + 1
_N_CANDIDATES: Final = 6

_SHAPE_NAMES: Final = (
    "f0", "voiced", "hnr", "energy", "centroid", "bandwidth", "rolloff25", "rolloff50",
    "rolloff85", "rolloff95", "flatness", "band0", "band1", "band2", "band3", "band4", "alpha_ratio",
    "hammarberg", "tilt", "flux", "zcr", "cpp", "h1_h2", "h1_h4", "h1_a1", "h1_a3",
)  # fmt: skip
CONTOUR_NAMES: Final = tuple(f"mel{i}" for i in range(N_MELS)) + _SHAPE_NAMES

_HANN: Final = np.hanning(_WIN + 2)[1:-1].astype(np.float32)
_PITCH_HANN: Final = np.hanning(_PITCH_WIN + 2)[1:-1].astype(np.float32)
_BINS_HZ: Final = np.fft.rfftfreq(_N_FFT, 1 / RATE_HZ)
_PITCH_BINS_HZ: Final = np.fft.rfftfreq(_PITCH_FFT, 1 / RATE_HZ)
_MEL: Final = librosa.filters.mel(
    sr=RATE_HZ, n_fft=_N_FFT, n_mels=N_MELS, fmin=60, fmax=7600, htk=True, norm=None
).astype(np.float32)


def _window_autocorrelation() -> FloatArray:
    autocorrelation = irfft(np.abs(rfft(_PITCH_HANN, _PITCH_FFT)) ** 2, _PITCH_FFT)
    return (autocorrelation / autocorrelation[0])[: _LAG_MAX + 2].astype(np.float32)


_WINDOW_AC: Final = _window_autocorrelation()


def _frames(y: FloatArray, win: int, n: int) -> FloatArray:
    padded = np.pad(y, (win // 2, win // 2 + HOP))
    return np.lib.stride_tricks.sliding_window_view(padded, win)[::HOP][:n]


@numba.njit(cache=True, fastmath=True)
def _pitch_candidates(r, lag_min, lag_max, rate, k_max, octave_cost):  # type: ignore[no-untyped-def]
    """Peaks of each frame's normalised autocorrelation, in semitones re 100 Hz."""
    n = r.shape[0]
    pitch = np.zeros((n, k_max))
    score = np.full((n, k_max), -1e9)
    strength = np.zeros((n, k_max))
    count = np.zeros(n, np.int64)
    for t in range(n):
        for lag in range(lag_min, lag_max):
            x = r[t, lag]
            if x > 0.2 and x >= r[t, lag - 1] and x > r[t, lag + 1]:
                a, c = r[t, lag - 1], r[t, lag + 1]
                den = a - 2 * x + c
                shift = 0.0 if den == 0 else 0.5 * (a - c) / den
                peak = min(x - 0.25 * (a - c) * shift, 1.0)
                semitones = 12 * np.log2(rate / (lag + shift) / 100.0)
                s = peak + octave_cost * semitones / 12.0
                if count[t] < k_max:
                    i = count[t]
                    count[t] += 1
                else:
                    i = 0
                    for q in range(k_max):
                        if score[t, q] < score[t, i]:
                            i = q
                    if score[t, i] >= s:
                        continue
                pitch[t, i] = semitones
                score[t, i] = s
                strength[t, i] = peak
    return pitch, score, strength, count


@numba.njit(cache=True, fastmath=True)
def _best_path(pitch, score, count, unvoiced, jump_cost, switch_cost):  # type: ignore[no-untyped-def]  # noqa: C901
    """Viterbi path through the candidates; state `k` means unvoiced."""
    n, k = pitch.shape
    best = np.full((n, k + 1), -1e9)
    back = np.zeros((n, k + 1), np.int64)
    for t in range(n):
        for i in range(k + 1):
            if i < k:
                if i >= count[t]:
                    continue
                local = score[t, i]
            else:
                local = unvoiced[t]
            if t == 0:
                best[t, i] = local
                continue
            top = -1e18
            arg = 0
            for j in range(k + 1):
                if best[t - 1, j] < -1e8:
                    continue
                if j < k and i < k:
                    cost = jump_cost * abs(pitch[t - 1, j] - pitch[t, i])
                elif j == k and i == k:
                    cost = 0.0
                else:
                    cost = switch_cost
                v = best[t - 1, j] - cost
                if v > top:
                    top = v
                    arg = j
            best[t, i] = top + local
            back[t, i] = arg
    path = np.zeros(n, np.int64)
    path[n - 1] = np.argmax(best[n - 1])
    for t in range(n - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path


def _pitch(y: FloatArray, n: int) -> tuple[FloatArray, FloatArray, NDArray[np.bool_], FloatArray]:
    """Pitch in semitones re 100 Hz (interpolated through the unvoiced), strength, voicing, power spectrum."""
    power = np.abs(rfft(_frames(y, _PITCH_WIN, n) * _PITCH_HANN, _PITCH_FFT)) ** 2
    autocorrelation = irfft(power, _PITCH_FFT)[:, : _LAG_MAX + 2]
    energy = autocorrelation[:, 0].copy()
    normalised = (autocorrelation / (energy[:, None] + 1e-9) / _WINDOW_AC).astype(np.float64)
    pitch, score, strength, count = _pitch_candidates(
        normalised, _LAG_MIN, _LAG_MAX, float(RATE_HZ), _N_CANDIDATES, 0.03
    )
    level_db = 10 * np.log10(energy + 1e-9)
    level_db = level_db - np.percentile(level_db, 95)
    unvoiced = 0.45 + np.clip((-25 - level_db) / 20, 0, 0.6)
    path = _best_path(pitch, score, count, unvoiced, 0.10, 0.14)
    index = np.arange(n)
    chosen = np.minimum(path, _N_CANDIDATES - 1)
    voiced = path < _N_CANDIDATES
    strength_path = np.where(voiced, strength[index, chosen], 0.0)
    if voiced.sum() >= 3:
        f0 = np.interp(index, index[voiced], pitch[index, chosen][voiced])
    else:
        t = int(np.argmax(np.where(count > 0, strength.max(1), -1)))
        f0 = np.full(n, pitch[t].max() if count[t] > 0 else 6.0)
    return f0, strength_path, voiced, power


def _spectral_shape(power: FloatArray) -> dict[str, FloatArray]:
    """Centroid, roll-offs, band energies and tilt of frames whose loud ones have total power 1."""
    p, f = power[:, 2:] + 1e-9, _BINS_HZ[2:]
    total = p.sum(1)
    centroid = (p @ f) / total
    cumulative = np.cumsum(p, 1) / total[:, None]
    db = 10 * np.log10(np.maximum(p, 1e-7))

    def band(low: float, high: float) -> FloatArray:
        return 10 * np.log10(p[:, (f >= low) & (f < high)].sum(1) + 1e-7)

    def peak(low: float, high: float) -> FloatArray:
        return db[:, (f >= low) & (f < high)].max(1)

    def rolloff(share: float) -> FloatArray:
        return f[np.minimum((cumulative < share).sum(1), len(f) - 1)] / 1000

    middle = (f >= 100) & (f < 4000)
    octaves = np.log2(f[middle]) - np.log2(f[middle]).mean()
    edges = (60, 500, 1000, 2000, 4000, 7600)
    shape = {
        "centroid": centroid / 1000,
        "bandwidth": np.sqrt(np.maximum((p @ (f * f)) / total - centroid**2, 0)) / 1000,
        **{f"rolloff{q}": rolloff(q / 100) for q in (25, 50, 85, 95)},
        "flatness": np.log10(p[:, 1:]).mean(1) * 10 - 10 * np.log10(p[:, 1:].mean(1)),
    }
    shape |= {f"band{i}": band(*pair) for i, pair in enumerate(pairwise(edges))}
    shape["alpha_ratio"] = band(1000, 5000) - band(50, 1000)
    shape["hammarberg"] = peak(0, 2000) - peak(2000, 5000)
    shape["tilt"] = db[:, middle] @ octaves / (octaves @ octaves)
    return shape


def _voice_quality(power: FloatArray, f0: FloatArray, voiced: NDArray[np.bool_]) -> dict[str, FloatArray]:
    """Cepstral peak prominence and harmonic amplitude differences in dB."""
    # Up to 6 kHz: higher bins carry codec and room artefacts rather than voice.
    log_power = np.log(power[:, :769] + 1e-7 * power.max(1, keepdims=True) + 1e-9)
    cepstrum = irfft(log_power, 1536, axis=1)[:, 12000 // 500 : 12000 // 60]
    db = 10 * np.log10(power + 1e-9)
    index = np.arange(len(power))
    f0_hz = 100 * 2 ** (f0 / 12)

    def harmonic(k: int) -> FloatArray:
        bins = np.clip(f0_hz * k / (RATE_HZ / _PITCH_FFT), 1, power.shape[1] - 3)
        i = np.round(bins).astype(int)
        return np.maximum(np.maximum(db[index, i - 1], db[index, i]), db[index, i + 1])

    def peak(low: float, high: float) -> FloatArray:
        return db[:, (low <= _PITCH_BINS_HZ) & (high > _PITCH_BINS_HZ)].max(1)

    h1 = harmonic(1)
    differences = {"h1_h2": harmonic(2), "h1_h4": harmonic(4), "h1_a1": peak(250, 1000), "h1_a3": peak(2000, 3400)}
    quality = {name: (h1 - other) * voiced for name, other in differences.items()}
    quality["cpp"] = cepstrum.max(1) - cepstrum.mean(1)
    return quality


def flux(mel: FloatArray) -> FloatArray:
    """How much the shape of the spectrum changes from frame to frame [shape=(n_frames,)], of mel powers."""
    magnitude = np.sqrt(mel)
    unit = magnitude / (np.linalg.norm(magnitude, axis=1, keepdims=True) + 1e-6)
    return np.r_[0, np.linalg.norm(np.diff(unit, axis=0), axis=1)]


# Features and explanations both ask for a clip's contours; they are forgotten with the clip.
_CONTOURS: Final = WeakKeyDictionary[Clip, NDArray[np.float32]]()


def contours_of(clip: Clip) -> NDArray[np.float32]:
    """The contours of a clip at `RATE_HZ`, computed once however often they are asked for; see `contours`."""
    if clip not in _CONTOURS:
        _CONTOURS[clip] = contours(clip.samples)
    return _CONTOURS[clip]


def contours(y: FloatArray) -> NDArray[np.float32]:
    """Compute the contours of a clip that is already trimmed to speech.

    Parameters
    ----------
    y : np.ndarray [shape=(n,)]
        Mono samples at `RATE_HZ`.

    Returns
    -------
    np.ndarray [shape=(n_frames, 66)]
        One column for each of `CONTOUR_NAMES`; log-mel bands and energies in dB
        relative to the clip's loud frames (95th percentile), floored 60 dB below.
    """
    n = max(8, len(y) // HOP)
    y = np.pad(y, (0, max(0, n * HOP - len(y)))).astype(np.float32)
    frames = _frames(y, _WIN, n)
    power = (np.abs(rfft(frames * _HANN, _N_FFT)) ** 2).astype(np.float32)
    total = power[:, 2:].sum(1)
    loud = np.percentile(total, 95) + 1e-9
    power = power / loud
    mel = power @ _MEL.T
    f0, strength, voiced, pitch_power = _pitch(y, n)
    periodicity = np.clip(strength, 1e-2, 0.999)
    columns = _spectral_shape(power) | _voice_quality(pitch_power, f0, voiced)
    columns |= {
        "f0": f0,
        "voiced": voiced.astype(float),
        "hnr": 10 * np.log10(periodicity / (1 - periodicity)),
        "energy": 10 * np.log10(total / loud + 1e-6),
        "flux": flux(mel),
        "zcr": (np.diff(np.signbit(frames), axis=1) != 0).mean(1),
    }
    shape = np.stack([columns[name] for name in _SHAPE_NAMES], 1)
    return np.concatenate([10 * np.log10(mel + 1e-6), shape], 1).astype(np.float32)
