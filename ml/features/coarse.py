"""Coarse contours: the 66 contours of a clip brought down to 34, each to roughly unit spread in speech."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from ml.features.contours import CONTOUR_NAMES, N_MELS, FloatArray

N_GROUPS: Final = 10
N_MFCC: Final = 12
MEL_UNIT: Final = 15
MFCC_UNIT: Final = 30
# Constants that bring each contour to roughly unit spread in speech.
UNITS: Final = {
    "f0": 6, "voiced": 0.5, "hnr": 8, "energy": 12, "cpp": 0.1, "flux": 0.3, "tilt": 4, "alpha_ratio": 12,
    "centroid": 0.8, "flatness": 8, "h1_h2": 8, "h1_a3": 15, "zcr": 0.1,
}  # fmt: skip
_SHAPES: Final = tuple(name for name in UNITS if name != "voiced")
COARSE_NAMES: Final = (
    *(f"mels{i}" for i in range(N_GROUPS)),
    *(f"mfcc{i}" for i in range(1, N_MFCC + 1)),
    *_SHAPES,
)


def mel_groups(contour: FloatArray, n_groups: int) -> FloatArray:
    """Mean level of neighbouring mel bands [shape=(n_frames, n_groups)], in units of `MEL_UNIT` dB."""
    return contour[:, :N_MELS].reshape(len(contour), n_groups, -1).mean(2) / MEL_UNIT


def cepstrum(contour: FloatArray, n_mfcc: int) -> FloatArray:
    """MFCC without the first, which is the level [shape=(n_frames, n_mfcc)], in units of `MFCC_UNIT`."""
    coefficients: FloatArray = dct(contour[:, :N_MELS], axis=1, norm="ortho")
    return coefficients[:, 1 : n_mfcc + 1] / MFCC_UNIT


def shapes(contour: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Some of the other contours in their units [shape=(n_frames, len(names))]."""
    columns = [CONTOUR_NAMES.index(name) for name in names]
    return contour[:, columns] / np.array([UNITS[name] for name in names])


def coarse(contour: FloatArray) -> NDArray[np.float64]:
    """Bring the contours of a clip down to 34.

    Parameters
    ----------
    contour : np.ndarray [shape=(n_frames, 66)]
        What `contours.contours` returns.

    Returns
    -------
    np.ndarray [shape=(n_frames, 34)]
        One column for each of `COARSE_NAMES`.
    """
    parts = [mel_groups(contour, N_GROUPS), cepstrum(contour, N_MFCC), shapes(contour, _SHAPES)]
    return np.concatenate(parts, axis=1, dtype=np.float64)
