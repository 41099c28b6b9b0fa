"""A linear discriminant with many more features than clips: what learns a known speaker's ways fastest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.linalg
from sklearn.base import BaseEstimator

from ml.estimators import aligned, fit_temperature, soften, softmax
from ml.extraction import Dataset
from ml.protocols import calibration_splits
from ml.search import Trial

Floats = npt.NDArray[Any]
Strings = npt.NDArray[np.str_]

OUTLIER_SD = 6.0
CALIBRATION_FOLDS = 4


@dataclass(frozen=True, kw_only=True)
class Discriminant:
    """A discriminant on all features, calibrated on speakers that it had not heard.

    Attributes
    ----------
    first : int
        The first so many features count together as much as all others together.
    shrinkage : float
        Of the covariance within labels towards a multiple of identity.
    """

    first: int
    shrinkage: float

    def fit(self, data: Dataset, *, seed: int) -> CalibratedDiscriminant:  # noqa: ARG002 (nothing is drawn)
        """The discriminant and its temperature."""
        return CalibratedDiscriminant(self.first, self.shrinkage).fit(data)

    fit_plain = fit

    def varied(self, trial: Trial) -> Discriminant:
        """A discriminant of other shrinkage."""
        return replace(self, shrinkage=trial.suggest_float("shrinkage", 1e-3, 0.9, log=True))


class CalibratedDiscriminant(BaseEstimator):  # type: ignore[misc]
    """A fitted discriminant: a weight for each feature and label.

    Parameters
    ----------
    first : int
    shrinkage : float
    """

    def __init__(self, first: int, shrinkage: float) -> None:
        self.first = first
        self.shrinkage = shrinkage

    def fit(self, data: Dataset) -> Self:
        """Fit the discriminant, then the temperature on speakers that discriminants like it had not heard."""
        self._fit(data.vectors, data.emotions)
        unheard, truth = [], []
        for split in calibration_splits(data.speakers, data.emotions, most=CALIBRATION_FOLDS):
            inner = CalibratedDiscriminant(self.first, self.shrinkage)
            inner._fit(data.vectors[split.train], data.emotions[split.train])
            unheard.append(aligned(softmax(inner._decision(data.vectors[split.test])), inner.classes_, self.classes_))
            truth.append(np.searchsorted(self.classes_, data.emotions[split.test]))
        self.temperature_ = fit_temperature(np.concatenate(unheard), np.concatenate(truth))
        return self

    def predict_proba(self, vectors: Floats) -> Floats:
        """Calibrated scores [shape=(n, labels)] of vectors [shape=(n, features)]."""
        return soften(softmax(self._decision(vectors)), self.temperature_)

    def _fit(self, vectors: Floats, labels: Strings) -> Self:
        self._fit_scale(vectors)
        z = self._scaled(vectors)
        self.classes_, label = np.unique(labels, return_inverse=True)
        means = np.stack([z[label == i].mean(axis=0) for i in range(len(self.classes_))])
        residual = z - means[label]
        # The covariance has a row a feature; by the Woodbury identity one with a row a clip is inverted instead.
        gram = (residual @ residual.T).astype(np.float64)
        ridge = self.shrinkage * np.trace(gram) / len(z) / (len(z) - 1)
        gram[np.diag_indices(len(z))] += ridge * len(z) / (1 - self.shrinkage)
        within = scipy.linalg.solve(gram, residual @ means.T, assume_a="pos")
        self.weights_ = ((means.T - residual.T @ within) / ridge).astype(np.float32)
        self.intercept_ = -0.5 * np.einsum("lf,fl->l", means, self.weights_)
        return self

    def _fit_scale(self, vectors: Floats) -> None:
        spread = vectors.std(axis=0)
        share = np.full(vectors.shape[1], 0.5 / max(1, vectors.shape[1] - self.first), np.float32)
        share[: self.first] = 0.5 / max(1, self.first)
        self.mean_ = vectors.mean(axis=0)
        self.gain_ = np.where(spread > 1e-6, np.sqrt(share) / np.maximum(spread, 1e-6), 0).astype(np.float32)
        self.limit_ = (OUTLIER_SD * np.sqrt(share)).astype(np.float32)

    def _scaled(self, vectors: Floats) -> Floats:
        scaled: Floats = np.clip((vectors - self.mean_) * self.gain_, -self.limit_, self.limit_)
        return scaled

    def _decision(self, vectors: Floats) -> Floats:
        decision: Floats = self._scaled(vectors) @ self.weights_ + self.intercept_
        return decision
