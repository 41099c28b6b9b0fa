"""The classic model: one bank of small networks for each way in which a voice can arrive.

- `wide` hears a stranger at full bandwidth; its training clips come at several speeds, as from several throats.
- `narrow` hears a stranger over a telephone: from what every line carries alone (`LineBands`).
- `personal` hears how a clip differs from its speaker's normal voice.

One bank for everything costs three to four points on clean clips (docs/research.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from ml.estimators import USUAL_SHARE, LogColumns, aligned, fit_temperature, quietly_fitted, soften
from ml.extraction import Dataset
from ml.protocols import calibration_splits
from ml.voice import Baseline, draw_baselines

Floats = npt.NDArray[Any]
Strings = npt.NDArray[np.str_]
View = Callable[[Dataset], tuple[Floats, Strings]]

CALIBRATION_FOLDS = 3
ORDINARY = {"neutral": 1.0}  # calm clips in the baselines cost a point (docs/research.md)
TELEPHONE = "telephone"
"""What is in the names of the narrow bank's training copies."""

ANY_TELEPHONE = "some-telephone"
"""The copy on which the narrow bank is calibrated: each clip on a line of its own."""


@dataclass
class Bank:
    """A fitted classifier and how to read it.

    Attributes
    ----------
    classifier : estimator
        A pipeline: all but its last step bring vectors to a common scale.
    temperature : float
        Under it, scores mean what they say.
    strange_from : float
        Vectors that are farther from the mean than this are unlike what was learned from.
    """

    classifier: Any
    temperature: float
    strange_from: float = inf

    def predict_proba(self, vectors: Floats) -> Floats:
        """Calibrated scores [shape=(n, labels)]."""
        return soften(self.classifier.predict_proba(vectors), self.temperature)

    def strangeness(self, vectors: Floats) -> Floats:
        """How far vectors are from all that was learned from [shape=(n,)]: above 1 is farther than nearly all of it."""
        return _distance(self.classifier, vectors) / self.strange_from


class BankModel(BaseEstimator):  # type: ignore[misc]
    """Three banks behind one `predict_proba`.

    Parameters
    ----------
    wide, narrow, personal : estimator
        Unfitted classifiers of the three banks.
    log_from : int
        First column that holds mel powers; all after it do too.
    narrow_from : int
        First mel band that a telephone leaves empty.
    narrow_below : float
        A clip is a telephone's where the mean logarithm of those bands lies this far under that of the others.
    """

    def __init__(
        self,
        wide: Any,
        narrow: Any,
        personal: Any,
        *,
        log_from: int,
        narrow_from: int = 100,
        narrow_below: float = -7.0,
    ) -> None:
        self.wide = wide
        self.narrow = narrow
        self.personal = personal
        self.log_from = log_from
        self.narrow_from = narrow_from
        self.narrow_below = narrow_below

    def fit(self, data: Dataset) -> Self:
        """Fit all banks.

        Parameters
        ----------
        data : Dataset
            Its copies: those over a telephone, by their names, are the narrow bank's, the others widen the rest.
        """
        self.fit_wide(data)
        self.narrow_ = self._fit_bank(self.narrow, data, learn=self._narrow_copies, judge=self._over_telephone)
        self.personal_ = self._fit_bank(self.personal, data, learn=self._against_baselines, judge=self._own_baselines)
        return self

    def fit_wide(self, data: Dataset) -> Self:
        """Fit only what hears clean clips of strangers: all that the `random` protocol asks for."""
        self.classes_ = np.unique(data.emotions)
        self.wide_ = self._fit_bank(self.wide, data, learn=self._wide_copies, judge=self._clean)
        return self

    def predict_proba(self, vectors: Floats, baseline: Baseline | None = None) -> Floats:
        """Calibrated scores.

        Parameters
        ----------
        vectors : np.ndarray [shape=(n, features)]
        baseline : Baseline, optional
            What `baseline` made of the speaker's normal voice.

        Returns
        -------
        np.ndarray [shape=(n, labels)]
        """
        prepared = self._prepared(vectors)
        if baseline is None:
            scores = self.wide_.predict_proba(prepared)
        else:
            scores = self.personal_.predict_proba(_beside(prepared, baseline.mean))
        narrow = self.is_narrow(vectors)
        if narrow.any() and hasattr(self, "narrow_"):
            scores[narrow] = self.narrow_.predict_proba(prepared[narrow])
        return scores

    def baseline(self, vectors: Floats) -> Baseline:
        """A speaker's normal voice from vectors of their ordinary speech [shape=(n, features)]."""
        return Baseline(self._prepared(vectors).mean(axis=0), len(vectors))

    def uses_voice(self, vectors: Floats) -> npt.NDArray[np.bool_]:
        """Which clips a baseline helps with [shape=(n,)]: those that did not come over a telephone."""
        return ~self.is_narrow(vectors)

    def strangeness(self, vectors: Floats) -> Floats:
        """How far vectors are from all that a stranger's bank for them learned from [shape=(n,)]; see `Bank`."""
        prepared, narrow = self._prepared(vectors), self.is_narrow(vectors)
        strangeness = self.wide_.strangeness(prepared)
        if narrow.any():
            strangeness[narrow] = self.narrow_.strangeness(prepared[narrow])
        return strangeness

    def is_narrow(self, vectors: Floats) -> npt.NDArray[np.bool_]:
        """Which clips came over a telephone [shape=(n,)]; the personal bank does not hear those."""
        mel = self._prepared(vectors)[:, self.log_from :]
        upper, lower = mel[:, self.narrow_from :], mel[:, : self.narrow_from]
        narrow: npt.NDArray[np.bool_] = upper.mean(axis=1) - lower.mean(axis=1) < self.narrow_below
        return narrow

    def _prepared(self, vectors: Floats) -> Floats:
        return LogColumns(self.log_from).transform(vectors)

    def _fit_bank(self, classifier: Any, data: Dataset, *, learn: View, judge: View) -> Bank:
        """Fit a classifier on one view of the data, and its temperature on another, of unheard speakers."""
        unheard, truth = [], []
        for split in calibration_splits(data.speakers, data.emotions, most=CALIBRATION_FOLDS):
            vectors, emotions = judge(data.rows(split.test))
            inner = quietly_fitted(classifier, *learn(data.rows(split.train)))
            unheard.append(aligned(inner.predict_proba(vectors), inner.classes_, self.classes_))
            truth.append(emotions)
        temperature = fit_temperature(np.concatenate(unheard), np.searchsorted(self.classes_, np.concatenate(truth)))
        vectors, emotions = learn(data)
        fitted = quietly_fitted(classifier, vectors, emotions)
        return Bank(fitted, temperature, float(np.quantile(_distance(fitted, vectors), USUAL_SHARE)))

    def _clean(self, data: Dataset) -> tuple[Floats, Strings]:
        return self._prepared(data.vectors), data.emotions

    def _over_telephone(self, data: Dataset) -> tuple[Floats, Strings]:
        return self._prepared(data.copies[ANY_TELEPHONE]), data.emotions

    def _wide_copies(self, data: Dataset) -> tuple[Floats, Strings]:
        versions = self._wide_versions(data)
        return np.concatenate(versions), np.tile(data.emotions, len(versions))

    def _narrow_copies(self, data: Dataset) -> tuple[Floats, Strings]:
        versions = [self._prepared(vectors) for name, vectors in data.copies.items() if TELEPHONE in name]
        return np.concatenate(versions), np.tile(data.emotions, len(versions))

    def _against_baselines(self, data: Dataset) -> tuple[Floats, Strings]:
        versions = [_with_own_baselines(version, data) for version in self._wide_versions(data)]
        return np.concatenate(versions), np.tile(data.emotions, len(versions))

    def _own_baselines(self, data: Dataset) -> tuple[Floats, Strings]:
        return _with_own_baselines(self._prepared(data.vectors), data), data.emotions

    def _wide_versions(self, data: Dataset) -> list[Floats]:
        copies = [vectors for name, vectors in data.copies.items() if TELEPHONE not in name]
        return [self._prepared(vectors) for vectors in (data.vectors, *copies)]


def _distance(classifier: Any, vectors: Floats) -> Floats:
    """Mean squared number of vectors on the scale that a pipeline brings them to [shape=(n,)]."""
    for step in classifier[:-1]:
        vectors = step.transform(vectors)
    return np.mean(np.square(vectors), axis=1)


def _beside(prepared: Floats, baselines: Floats) -> Floats:
    return np.hstack([prepared - baselines, prepared])


def _with_own_baselines(prepared: Floats, data: Dataset) -> Floats:
    """Each clip beside a baseline of other neutral clips of its speaker."""
    rng = np.random.default_rng(0)
    means, _ = draw_baselines(prepared, data.emotions, data.speakers, rng, ordinary=ORDINARY)
    return _beside(prepared, means)
