"""Narrowband contours: what every telephone line carries of a clip, and nothing else.

What a line leaves beyond its passband differs from line to line, and spoils whatever looks at the whole spectrum. So
the 66 contours are measured again on the mel bands inside a telephone's passband (ITU-T G.712) alone: a clip gives
nearly the same numbers before and after a line. Pitch, voicing and periodicity, which a line keeps, are as they were.
"""

from __future__ import annotations

from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray

from ml.features.contours import CONTOUR_NAMES, N_MELS, FloatArray, flux

LOWEST_HZ, HIGHEST_HZ = 300, 3_400
LEAST_DB: Final = -45
ROLLOFFS: Final = (25, 50, 85, 95)
N_PARTS: Final = 5
_CENTRES_HZ: Final = librosa.mel_frequencies(N_MELS + 2, fmin=60, fmax=7_600, htk=True)[1:-1]
_INSIDE: Final = np.flatnonzero((_CENTRES_HZ > LOWEST_HZ) & (_CENTRES_HZ < HIGHEST_HZ))
_KHZ: Final = _CENTRES_HZ[_INSIDE] / 1_000
_OCTAVES: Final = np.log2(_KHZ) - np.log2(_KHZ).mean()
_PARTS: Final = np.array_split(np.arange(len(_INSIDE)), N_PARTS)
_KEPT: Final = ("f0", "voiced", "hnr", "cpp")


def _stretching() -> FloatArray:
    """Linear interpolation of the bands inside to as many as there were [shape=(inside, N_MELS)]."""
    position = np.linspace(0, len(_INSIDE) - 1, N_MELS)
    return np.stack([np.interp(position, np.arange(len(_INSIDE)), row) for row in np.eye(len(_INSIDE))])


_STRETCHING: Final = _stretching().astype(np.float32)


def narrowband(contour: FloatArray) -> NDArray[np.float32]:
    """Measure contours again inside a telephone's passband.

    Parameters
    ----------
    contour : np.ndarray [shape=(n_frames, 66)]
        What `contours.contours` returns.

    Returns
    -------
    np.ndarray [shape=(n_frames, 66)]
        The same columns. The mel bands are those inside, stretched over all forty; levels are relative to the loud
        frames inside the passband, floored 45 dB below. What is measured on a telephone's missing parts is 0.
    """
    power = 10 ** (contour[:, _INSIDE] / 10)
    total = power.sum(axis=1)
    loud = np.percentile(total, 95) + 1e-9
    power = np.maximum(power / loud, 10 ** (LEAST_DB / 10))
    db = 10 * np.log10(power)
    columns = {name: contour[:, CONTOUR_NAMES.index(name)] for name in _KEPT}
    columns |= _spectral_shape(power, db)
    columns["energy"] = np.maximum(10 * np.log10(total / loud + 1e-9), LEAST_DB)
    columns["flux"] = flux(power)
    narrow = np.zeros((len(contour), len(CONTOUR_NAMES)), np.float32)
    narrow[:, :N_MELS] = db @ _STRETCHING
    for name, column in columns.items():
        narrow[:, CONTOUR_NAMES.index(name)] = column
    return narrow


def _spectral_shape(power: FloatArray, db: FloatArray) -> dict[str, FloatArray]:
    share = power / power.sum(axis=1, keepdims=True)
    centroid = share @ _KHZ
    cumulative = np.cumsum(share, axis=1)
    shape = {
        "centroid": centroid,
        "bandwidth": np.sqrt(np.maximum(share @ _KHZ**2 - centroid**2, 0)),
        **{f"rolloff{q}": _KHZ[np.minimum((cumulative < q / 100).sum(1), len(_KHZ) - 1)] for q in ROLLOFFS},
        "flatness": db.mean(axis=1) - 10 * np.log10(power.mean(axis=1)),
        "tilt": db @ _OCTAVES / (_OCTAVES @ _OCTAVES),
        "alpha_ratio": 10 * np.log10(share[:, _KHZ >= 1].sum(axis=1) / share[:, _KHZ < 1].sum(axis=1)),
        "hammarberg": db[:, _KHZ < 2].max(axis=1) - db[:, _KHZ >= 2].max(axis=1),
    }
    return shape | {f"band{i}": 10 * np.log10(power[:, part].sum(axis=1)) for i, part in enumerate(_PARTS)}
