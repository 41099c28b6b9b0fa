"""Texture: which sounds a clip holds, and how often, whatever their order.

Random cosines of what surrounds each frame, averaged over the clip: the mean embedding of its frames' distribution in
the space of a Gaussian kernel (Rahimi & Recht 2007; Smola et al. 2007). Nothing is fitted: the cosines are drawn once.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ml.features.coarse import COARSE_NAMES, UNITS, coarse
from ml.features.contours import FloatArray

N_COSINES: Final = 700
SEED: Final = 5
NEAR: Final = 3  # frames of 10 ms, to both sides
FAR: Final = 6
USED: Final = 0.25  # share of the numbers around a frame that a cosine hears
WIDTHS: Final = (0.5, 1, 2)
QUIET_DB: Final = 35  # frames so far under the loud ones do not count
_ENERGY: Final = COARSE_NAMES.index("energy")
TEXTURE_NAMES: Final = tuple(f"texture{i}.{statistic}" for statistic in ("mean", "sd") for i in range(N_COSINES))


def _draw() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Frequencies [shape=(3 × 34, N_COSINES)] and phases [shape=(N_COSINES,)]."""
    rng = np.random.default_rng(SEED)
    shape = (3 * len(COARSE_NAMES), N_COSINES)
    frequencies = rng.standard_normal(shape) * (rng.random(shape) < USED)
    frequencies /= np.sqrt((frequencies**2).sum(axis=0))
    frequencies *= rng.choice(WIDTHS, N_COSINES)
    return frequencies.astype(np.float32), rng.uniform(0, 2 * np.pi, N_COSINES).astype(np.float32)


_FREQUENCIES, _PHASES = _draw()


def texture(contour: FloatArray) -> NDArray[np.float32]:
    """Average random cosines of a clip's frames, loud ones counting more.

    Parameters
    ----------
    contour : np.ndarray [shape=(n_frames, 66)]
        What `contours.contours` returns.

    Returns
    -------
    np.ndarray [shape=(1400,)]
        In the order of `TEXTURE_NAMES`.
    """
    x = coarse(contour)
    weight = np.clip(x[:, _ENERGY] * UNITS["energy"] + QUIET_DB, 0, None)
    weight = (weight / (weight.sum() + 1e-9)).astype(np.float32)
    cosines = np.cos(_around(x.astype(np.float32)) @ _FREQUENCIES + _PHASES)
    mean = weight @ cosines
    spread = np.sqrt(np.maximum(weight @ np.square(cosines) - mean**2, 1e-6))
    return np.concatenate([mean, spread], dtype=np.float32)


def _around(x: FloatArray) -> FloatArray:
    """Each frame, its slope and its bend [shape=(n_frames, 3 × 34)]."""
    n = len(x)
    padded = np.pad(x, ((FAR, FAR), (0, 0)), mode="edge")

    def at(shift: int) -> FloatArray:
        return padded[FAR + shift : FAR + shift + n]

    return np.concatenate([x, at(NEAR) - at(-NEAR), at(FAR) - 2 * x + at(-FAR)], axis=1)
