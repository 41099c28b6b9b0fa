"""Modulations: how strongly the spectrum ripples over time and frequency, at each rate and scale.

Gabor filters over the log-mel bands, as the auditory cortex is modelled (Chi, Ru & Shamma 2005), which tell acted
emotions apart (Wu, Falk & Chan 2011).
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft, ifft

from ml.features.coarse import MEL_UNIT
from ml.features.contours import N_MELS, FloatArray

FRAMES_PER_S: Final = 100
RATES_HZ: Final = (1.5, 3, 5, 8, 12, 20)
SCALES: Final = (0.0, 0.06, 0.12, 0.22)  # ripples a mel band
REACH_BANDS: Final = 9
REACH_FRAMES: Final = 80
PLACES: Final = range(2, N_MELS, 4)  # bands that the filters are centred on
LEAST: Final = 1e-3
LENGTH_STEP: Final = 64  # filters are kept for the lengths of transforms that there are: let those be few, and fast
_DIRECTIONS: Final = (1, -1)  # what all bands do alike has only one
_STATISTICS: Final = ("mean", "variation", "max")
MODULATION_NAMES: Final = tuple(
    f"modulation.{scale:g}.{direction * rate_hz:g}Hz.{statistic}{place}"
    for scale in SCALES
    for rate_hz in RATES_HZ
    for direction in (_DIRECTIONS if scale else _DIRECTIONS[:1])
    for statistic in _STATISTICS
    for place in PLACES
)


def _across(scale: float) -> NDArray[np.complex64]:
    """A Gabor filter over bands [shape=(2 × REACH_BANDS + 1,)]; it does not hear a level that all bands share."""
    bands = np.arange(-REACH_BANDS, REACH_BANDS + 1)
    window = np.exp(-0.5 * (bands / (6 if scale < 0.1 else 4)) ** 2)
    window /= window.sum()
    ripple = window * np.exp(2j * np.pi * scale * bands)
    if scale > 0:
        ripple -= window * ripple.sum()
    return ripple.astype(np.complex64)


def _spread(ripple: FloatArray) -> NDArray[np.complex64]:
    """The filter at every place, with the outermost bands repeated beyond the ends [shape=(N_MELS, places)]."""
    spread = np.zeros((N_MELS, len(PLACES)), np.complex64)
    for column, place in enumerate(PLACES):
        heard = np.clip(place + np.arange(-REACH_BANDS, REACH_BANDS + 1), 0, N_MELS - 1)
        np.add.at(spread[:, column], heard, ripple)
    return spread


_SPREAD: Final = np.concatenate([_spread(_across(scale)) for scale in SCALES], axis=1)


def _along(rate_hz: float, direction: int) -> NDArray[np.complex128]:
    """A Gabor filter over frames, two periods long, without response to what does not move."""
    sigma = FRAMES_PER_S / rate_hz / 2
    reach = int(min(2.2 * sigma, REACH_FRAMES))
    frames = np.arange(-reach, reach + 1)
    window = np.exp(-0.5 * (frames / sigma) ** 2)
    window /= window.sum()
    ripple = window * np.exp(direction * 2j * np.pi * rate_hz / FRAMES_PER_S * frames)
    return ripple - window * ripple.sum()


@lru_cache(maxsize=16)
def _responses(n_fft: int) -> NDArray[np.complex64]:
    """Spectra of the filters over frames, their middles at 0 [shape=(rates, directions, 1, n_fft)]."""
    spectra = [_spectrum(_along(rate_hz, direction), n_fft) for rate_hz in RATES_HZ for direction in _DIRECTIONS]
    return np.array(spectra, np.complex64).reshape(len(RATES_HZ), len(_DIRECTIONS), 1, n_fft)


def _spectrum(ripple: FloatArray, n_fft: int) -> FloatArray:
    padded = np.pad(ripple, (0, n_fft - len(ripple)))
    return fft(np.roll(padded, -(len(ripple) // 2)))


def modulations(contour: FloatArray) -> NDArray[np.float32]:
    """Measure the ripples in the log-mel bands of a clip.

    Parameters
    ----------
    contour : np.ndarray [shape=(n_frames, 66)]
        What `contours.contours` returns.

    Returns
    -------
    np.ndarray [shape=(1260,)]
        Logarithms, in the order of `MODULATION_NAMES`.
    """
    n = len(contour)
    bands: NDArray[Any] = contour[:, :N_MELS].astype(np.float32) / MEL_UNIT
    padded = np.pad((bands @ _SPREAD).T, ((0, 0), (REACH_FRAMES, REACH_FRAMES)), mode="edge")
    n_fft = LENGTH_STEP * ceil(padded.shape[1] / LENGTH_STEP)
    spectra = fft(padded, n_fft).reshape(len(SCALES), len(PLACES), n_fft)
    parts = []
    for scale, spectrum in zip(SCALES, spectra, strict=True):
        responses = _responses(n_fft)[:, : len(_DIRECTIONS) if scale else 1]
        strength = np.abs(ifft(spectrum * responses, overwrite_x=True)[..., REACH_FRAMES : REACH_FRAMES + n])
        mean = strength.mean(axis=-1)
        variation = (strength.std(axis=-1) + LEAST) / (mean + LEAST)
        parts.append(np.stack([mean + LEAST, variation, strength.max(axis=-1) + LEAST], axis=2).ravel())
    return np.log(np.concatenate(parts)).astype(np.float32)
