"""Principal components of standardised features, of clean and degraded clips alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numba
import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

Floats = npt.NDArray[Any]

OUTLIER_SD = 6.0
STEPS = 127
"""A weight of a component is stored in one byte, as so many steps of the component's largest weight to either side."""

LEAST_EIGENVALUE = 1e-6
"""Of the largest: what is smaller, as where clips are fewer than components or copies of each other, is rounding."""

BLOCK_ROWS, BLOCK_FEATURES = 512, 1024


class Components(BaseEstimator):  # type: ignore[misc]
    """Finds the components and brings features to them.

    Parameters
    ----------
    n_components : int
        At most; clips that are fewer, or alike, have fewer.
    n_heavy : int
        The first so many features count `heavy_weight` times.
    heavy_weight : float
    """

    def __init__(self, n_components: int, n_heavy: int, heavy_weight: float) -> None:
        self.n_components = n_components
        self.n_heavy = n_heavy
        self.heavy_weight = heavy_weight

    def fit(self, versions: list[Floats], rng: np.random.Generator) -> Self:
        """Find the components.

        Parameters
        ----------
        versions : list of np.ndarray [shape=(n, features)]
            The clips, then each training copy of all of them, in the same order.
        rng : np.random.Generator
        """
        # One version after another: all at once, in all processes that fit, take more memory than machines have.
        n, features = versions[0].shape
        weight = np.ones(features, np.float32)
        weight[: self.n_heavy] = self.heavy_weight
        self.mean_ = np.mean([version.mean(axis=0) for version in versions], axis=0)
        spread = np.sqrt(np.mean([np.square(version - self.mean_).mean(axis=0) for version in versions], axis=0))
        self.gain_ = np.where(spread > 1e-6, weight / np.maximum(spread, 1e-6), 0).astype(np.float32)
        self.limit_ = (OUTLIER_SD * weight).astype(np.float32)
        # Half clean, half degraded rows: components that only a clean recording has are left out.
        drawn = np.where(rng.random(n) < 0.5, 0, rng.integers(0, len(versions), n))
        basis = self._standardised(np.array([versions[version][row] for row, version in enumerate(drawn)]))
        eigenvalues, vectors = np.linalg.eigh((basis @ basis.T).astype(np.float64))
        largest_first = np.argsort(-eigenvalues)[: self.n_components]
        top = largest_first[eigenvalues[largest_first] > LEAST_EIGENVALUE * eigenvalues.max()]
        axes = basis.T @ (vectors[:, top] / np.sqrt(eigenvalues[top])).astype(np.float32)
        self.step_ = np.maximum(np.abs(axes).max(axis=0), 1e-12) / STEPS
        self.axes_ = np.round(axes / self.step_).astype(np.int8)
        self.origin_, self.unit_ = np.zeros(len(top), np.float32), np.float32(1)
        raw = np.concatenate([self.transform(version) for version in versions])
        self.unit_ = np.float32(np.sqrt(np.mean((raw - raw.mean(axis=0)) ** 2)))
        self.origin_ = raw.mean(axis=0)
        return self

    def transform(self, vectors: Floats) -> Floats:
        """Features [shape=(n, features)] to components [shape=(n, n_components)]."""
        components: Floats = (self._by_rows(vectors, self._projected) - self.origin_) / self.unit_
        return components

    def strangeness(self, vectors: Floats) -> Floats:
        """Mean squared standardised feature of each vector [shape=(n,)]."""
        return self._by_rows(vectors, lambda block: np.mean(np.square(block), axis=1))

    def _by_rows(self, vectors: Floats, of: Callable[[Floats], Floats]) -> Floats:
        starts = range(0, len(vectors), BLOCK_ROWS)
        return np.concatenate([of(self._standardised(vectors[start : start + BLOCK_ROWS])) for start in starts])

    def _standardised(self, vectors: Floats) -> Floats:
        return np.clip((vectors - self.mean_) * self.gain_, -self.limit_, self.limit_).astype(np.float32)

    def _projected(self, standardised: Floats) -> Floats:
        if len(standardised) == 1:  # making floats of all bytes for BLAS takes longer than all that it does with them
            return np.atleast_2d(_one_projected(standardised[0], self.axes_)) * self.step_
        projected = np.zeros((len(standardised), len(self.step_)), np.float32)
        # Block by block, so that the bytes are never all floats at once: every worker would hold them.
        for start in range(0, len(self.axes_), BLOCK_FEATURES):
            block = slice(start, start + BLOCK_FEATURES)
            projected += standardised[:, block] @ self.axes_[block].astype(np.float32)
        return projected * self.step_


@numba.njit(cache=True, fastmath={"contract"})
def _one_projected(vector, axes):  # type: ignore[no-untyped-def]
    projected = np.zeros(axes.shape[1], np.float32)
    for feature in range(len(axes)):
        for component in range(axes.shape[1]):
            projected[component] += vector[feature] * np.float32(axes[feature, component])
    return projected
