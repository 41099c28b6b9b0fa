"""Random dilated convolutions over coarse contours, pooled in eleven ways.

After MiniRocket (Dempster, Schmidt, Webb 2021): kernels of nine weights, six of them
-1 and three 2. Here thresholds are quantiles of the clip's own response, so nothing
is fitted: the features depend on the clip and on a seed only.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

from ml.features.coarse import UNITS, cepstrum, mel_groups, shapes
from ml.features.contours import FloatArray

LENGTH: Final = 200
MAX_CHANNELS: Final = 6
POOLS: Final = (
    "ppv-1", "ppv-.4", "ppv0", "ppv.4", "ppv1", "ppv", "log_sd", "mean_positive", "mean_index",
    "longest", "max",
)  # fmt: skip
_TRIPLES: Final = np.array(list(itertools.combinations(range(9), 3)), np.int64)
_LEVELS: Final = np.array([-1.0, -0.4, 0.0, 0.4, 1.0], np.float32)


@dataclass(frozen=True)
class Bank:
    """A set of random kernels over a choice of contours.

    Attributes
    ----------
    name : str
    columns : tuple of str
        Contours beside the mel groups and the MFCCs.
    seed : int
        Of the kernels' draw.
    differences : bool
        Whether the kernels see the contours' slopes in their place.
    combinations : int
        Draws of channels for each weight pattern and dilation.
    n_mel_groups, n_mfcc : int
    """

    name: str
    columns: tuple[str, ...]
    seed: int
    differences: bool = False
    combinations: int = 1
    n_mel_groups: int = 10
    n_mfcc: int = 8

    @property
    def n_channels(self) -> int:
        """Contours that the kernels choose from."""
        return self.n_mel_groups + self.n_mfcc + len(self.columns)


COARSE: Final = Bank("coarse", ("f0",), seed=0, combinations=2)
QUALITY: Final = Bank("quality", tuple(UNITS), seed=7)
MOTION: Final = Bank("motion", ("f0",), seed=3, differences=True)


def kernels(bank: Bank) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Draw (weight triple, dilation, channels) of each kernel; every second draw is used."""
    rng = np.random.default_rng(bank.seed)
    dilations = np.unique(np.floor(np.logspace(0, np.log2((LENGTH - 1) / 8), 7, base=2)).astype(int))
    rows = []
    for dilation, triple, _ in itertools.product(dilations, range(len(_TRIPLES)), range(bank.combinations)):
        size = min(bank.n_channels, int(2 ** rng.uniform(0, np.log2(MAX_CHANNELS + 1))))
        channels = np.full(MAX_CHANNELS, -1)
        channels[:size] = rng.choice(bank.n_channels, size, replace=False)
        rows.append((triple, dilation, channels))
    drawn = list(zip(*rows[::2], strict=True))
    return np.array(drawn[0]), np.array(drawn[1]), np.array(drawn[2])


_KERNELS: Final = {bank.name: kernels(bank) for bank in (COARSE, QUALITY, MOTION)}


def rocket_names(*banks: Bank) -> tuple[str, ...]:
    """A name for each number that `rocket` gives."""
    drawn = [(bank.name, number) for bank in banks for number in range(len(_KERNELS[bank.name][0]))]
    return tuple(f"rocket.{bank}{number}.{pool}" for bank, number in drawn for pool in POOLS)


def _channels(contour: FloatArray, bank: Bank) -> NDArray[np.float32]:
    """Coarse contours at a fixed length, shape (n_channels, LENGTH)."""
    parts = [
        mel_groups(contour, bank.n_mel_groups),
        cepstrum(contour, bank.n_mfcc),
        shapes(contour, bank.columns),
    ]
    x = np.concatenate(parts, 1).astype(np.float32)
    if bank.differences:
        x = np.gradient(x, axis=0) * 3
    position = np.linspace(0, len(x) - 1, LENGTH)
    i = np.minimum(position.astype(int), len(x) - 2)
    share = (position - i)[:, None].astype(np.float32)
    return np.ascontiguousarray((x[i] * (1 - share) + x[i + 1] * share).T)


@numba.njit(cache=True, fastmath=True)
def _convolve(x, triple, dilation, channels, mixed, out):  # type: ignore[no-untyped-def]
    n = x.shape[1]
    mixed[:] = 0.0
    for c in channels:
        if c < 0:
            break
        for t in range(n):
            mixed[t] += x[c, t]
    out[:] = 0.0
    for j in range(9):
        w = 2.0 if (j == triple[0] or j == triple[1] or j == triple[2]) else -1.0
        shift = (j - 4) * dilation
        a, b = max(0, -shift), min(n, n - shift)
        for t in range(a, b):
            out[t] += w * mixed[t + shift]
        for t in range(a):
            out[t] += w * mixed[0]
        for t in range(b, n):
            out[t] += w * mixed[n - 1]


@numba.njit(cache=True, fastmath=True)
def _pooled(x, triples, dilations, channels, all_triples, levels):  # type: ignore[no-untyped-def]
    n, k, q = x.shape[1], len(triples), len(levels)
    pooled = np.zeros((k, q + 6), np.float32)
    response = np.zeros(n, np.float32)
    mixed = np.zeros(n, np.float32)
    for i in range(k):
        _convolve(x, all_triples[triples[i]], dilations[i], channels[i], mixed, response)
        mean = 0.0
        square = 0.0
        for t in range(n):
            mean += response[t]
            square += response[t] * response[t]
        mean /= n
        sd = np.sqrt(max(square / n - mean * mean, 1e-8))
        for level in range(q):
            threshold = mean + levels[level] * sd
            above = 0
            for t in range(n):
                above += response[t] > threshold
            pooled[i, level] = above / n
        count = 0
        total = 0.0
        index = 0.0
        longest = 0
        run = 0
        top = -1e9
        for t in range(n):
            if response[t] > 0:
                count += 1
                total += response[t]
                index += t
                run += 1
                longest = max(longest, run)
            else:
                run = 0
            top = max(top, response[t])
        pooled[i, q] = count / n
        pooled[i, q + 1] = np.log(sd)
        pooled[i, q + 2] = total / max(count, 1)
        pooled[i, q + 3] = index / max(count, 1) / n
        pooled[i, q + 4] = longest / n
        pooled[i, q + 5] = top
    return pooled


def rocket(contour: FloatArray, *banks: Bank) -> NDArray[np.float32]:
    """Pool the responses of random kernels.

    Parameters
    ----------
    contour : np.ndarray [shape=(n_frames, 66)]
        What `contours.contours` returns.
    *banks : Bank
        Whose kernels, 252 for each of its `combinations`.

    Returns
    -------
    np.ndarray [shape=(kernels × 11,)]
        In the order of `rocket_names`.
    """
    pooled = [_pooled(_channels(contour, bank), *_KERNELS[bank.name], _TRIPLES, _LEVELS).ravel() for bank in banks]
    return np.nan_to_num(np.concatenate(pooled))
