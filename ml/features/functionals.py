"""Functionals: statistics of contours over the clip, and over its voiced frames alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from ml.features.contours import CONTOUR_NAMES, N_MELS, FloatArray

N_MFCC: Final = 20
_VOICED: Final = CONTOUR_NAMES.index("voiced")
_F0: Final = CONTOUR_NAMES.index("f0")
_ENERGY: Final = CONTOUR_NAMES.index("energy")

_BASE_NAMES: Final = CONTOUR_NAMES + tuple(f"mfcc{i}" for i in range(N_MFCC))
_ALL_NAMES: Final = _BASE_NAMES + tuple(f"d_{name}" for name in _BASE_NAMES[N_MELS:])
_STATISTICS: Final = (
    "mean", "sd", "q05", "q25", "q50", "q75", "q95", "range90", "range50", "skew", "kurtosis", "slope",
    "curvature", "mean_abs_delta", "sd_delta", "argmax", "argmin", "third1", "third2", "third3",
)  # fmt: skip
_VOICED_STATISTICS: Final = ("mean", "sd", "q10", "q50", "q90", "energy_mean")
_RHYTHM: Final = (
    "voiced_share", "runs", "run_mean", "run_max", "frames", "log_frames", "run_rate",
    "f0_step_mean", "f0_step_median", "f0_step_max",
)  # fmt: skip
FUNCTIONAL_NAMES: Final = (
    tuple(f"{name}.{statistic}" for statistic in _STATISTICS for name in _ALL_NAMES)
    + tuple(f"voiced.{name}.{statistic}" for statistic in _VOICED_STATISTICS for name in _BASE_NAMES)
    + tuple(f"rhythm.{name}" for name in _RHYTHM)
)


def mfcc(contour: FloatArray, n: int = N_MFCC) -> FloatArray:
    """MFCC from the log-mel columns, shape (n_frames, n)."""
    return dct(contour[:, :N_MELS], axis=1, norm="ortho")[:, :n]


def _statistics(c: FloatArray) -> FloatArray:
    """Statistics of contours, one in each row [shape=(k, n_frames)]."""
    n = c.shape[1]
    q = _quantiles(c, (0.05, 0.25, 0.5, 0.75, 0.95))
    mean, sd = c.mean(1), c.std(1) + 1e-4
    z = (c - mean[:, None]) / sd[:, None]
    squared = z * z  # a power of floats takes thirty times as long
    time = np.linspace(-1, 1, n)
    bend = time**2 - (time**2).mean()
    delta = np.diff(c, axis=1)
    thirds = [part.mean(1) - mean for part in np.array_split(c, 3, axis=1)]
    return np.concatenate([
        mean, sd, *q, q[4] - q[0], q[3] - q[1], (squared * z).mean(1), (squared * squared).mean(1),
        (c @ time) / (time @ time), (c @ bend) / (bend @ bend),
        np.abs(delta).mean(1), delta.std(1), c.argmax(1) / n, c.argmin(1) / n, *thirds,
    ])  # fmt: skip


def _quantiles(c: FloatArray, shares: Sequence[float]) -> list[FloatArray]:
    """Quantiles of each row, interpolated as numpy does, which takes three times as long for few of many rows."""
    ordered, last = np.sort(c, axis=1), c.shape[1] - 1
    below = [int(share * last) for share in shares]
    return [
        ordered[:, i] + (ordered[:, min(i + 1, last)] - ordered[:, i]) * (share * last - i)
        for share, i in zip(shares, below, strict=True)
    ]


def _rhythm(c: FloatArray, voiced: NDArray[np.bool_], share: float) -> list[float]:
    edges = np.diff(np.r_[0, voiced.astype(int), 0])
    runs = np.where(edges == -1)[0] - np.where(edges == 1)[0]
    steps = np.abs(np.diff(c[:, _F0]))[voiced[1:] & voiced[:-1]]
    if len(steps) == 0:
        steps = np.zeros(1)
    n = len(c)
    return [
        share, len(runs), runs.mean() if len(runs) else 0, runs.max() if len(runs) else 0, n, np.log(n),
        len(runs) / n, steps.mean(), np.median(steps), steps.max(),
    ]  # fmt: skip


def _voiced_statistics(c: FloatArray) -> FloatArray:
    voiced = c[:, _VOICED] > 0
    used = voiced if voiced.sum() >= 5 else np.ones(len(c), bool)
    w = np.ascontiguousarray(np.c_[c, mfcc(c)][used].T)
    weight = 10 ** (w[_ENERGY] / 10)
    weight /= weight.sum()
    rhythm = _rhythm(c, voiced, float(used.mean()))
    return np.concatenate([w.mean(1), w.std(1), *_quantiles(w, (0.1, 0.5, 0.9)), w @ weight, rhythm])


def functionals(contour: FloatArray) -> NDArray[np.float32]:
    """Summarise contours by 3,166 named statistics.

    Parameters
    ----------
    contour : np.ndarray [shape=(n_frames, 66)]
        What `contours.contours` returns.

    Returns
    -------
    np.ndarray [shape=(3166,)]
        In the order of `FUNCTIONAL_NAMES`.
    """
    base = np.c_[contour, mfcc(contour)]
    everything = np.ascontiguousarray(np.c_[base, np.gradient(base, axis=0)[:, N_MELS:]].T)
    return np.nan_to_num(np.concatenate([_statistics(everything), _voiced_statistics(contour)])).astype(np.float32)
