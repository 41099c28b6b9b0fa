"""What is pickled: scikit-learn estimators, calibrated on speakers they never heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

Floats = npt.NDArray[np.floating[Any]]
Strings = npt.NDArray[np.str_]


class LogColumns(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Takes the logarithm of the last columns (powers span nine orders of magnitude) and leaves the others.

    Parameters
    ----------
    start : int
        First column of those that are powers; all after it are too.
    floor : float
        Powers below it count as this much.
    """

    def __init__(self, start: int, floor: float = 1e-10) -> None:
        self.start = start
        self.floor = floor

    def fit(self, X: Floats, y: object = None) -> LogColumns:  # noqa: ARG002, N803
        """Nothing to learn."""
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Floats) -> Floats:  # noqa: N803
        """The same columns, the last ones as logarithms."""
        logged = np.array(X, dtype=np.float64)
        logged[:, self.start :] = np.log(np.maximum(logged[:, self.start :], self.floor))
        return logged


class SoftVote(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The mean of several copies of a classifier that differ in their seeds only.

    Parameters
    ----------
    estimator : estimator
        With a `random_state`.
    seeds : sequence of int
    """

    def __init__(self, estimator: Any, seeds: Sequence[int]) -> None:
        self.estimator = estimator
        self.seeds = seeds

    def fit(self, X: Floats, y: Strings) -> SoftVote:  # noqa: N803
        """Fit every copy."""
        self.estimators_ = [clone(self.estimator).set_params(random_state=seed).fit(X, y) for seed in self.seeds]
        self.classes_ = self.estimators_[0].classes_
        return self

    def predict_proba(self, X: Floats) -> Floats:  # noqa: N803
        """Mean scores [shape=(n, labels)]."""
        mean: Floats = np.mean([estimator.predict_proba(X) for estimator in self.estimators_], axis=0)
        return mean

    def predict(self, X: Floats) -> Strings:  # noqa: N803
        """Labels with the highest scores [shape=(n,)]."""
        labels: Strings = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels


class Calibrated(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Softens a classifier's scores by one temperature, learnt on speakers that the classifier had not heard.

    Temperature scaling (Guo et al. 2017) changes no decision. The scores it is fitted on come from folds of speakers
    inside the training data; the classifier that serves is then fitted on all of it.

    Parameters
    ----------
    estimator : estimator
    folds : int
    """

    def __init__(self, estimator: Any, folds: int = 5) -> None:
        self.estimator = estimator
        self.folds = folds

    def fit(self, X: Floats, y: Strings, speakers: Strings) -> Calibrated:  # noqa: N803
        """Learn the temperature, then the classifier.

        Parameters
        ----------
        X : np.ndarray [shape=(n, features)]
        y, speakers : np.ndarray [shape=(n,)]
        """
        folds = GroupKFold(min(self.folds, len(np.unique(speakers))))
        unheard = cross_val_predict(clone(self.estimator), X, y, groups=speakers, cv=folds, method="predict_proba")
        self.temperature_ = fit_temperature(unheard, np.searchsorted(np.unique(y), y))
        self.estimator_ = clone(self.estimator).fit(X, y)
        self.classes_ = self.estimator_.classes_
        return self

    def predict_proba(self, X: Floats) -> Floats:  # noqa: N803
        """Calibrated scores [shape=(n, labels)]."""
        return soften(self.estimator_.predict_proba(X), self.temperature_)


def soften(scores: Floats, temperature: float) -> Floats:
    """Scores raised to 1/temperature and brought back to a sum of one [shape=(n, labels)]."""
    logits = np.log(np.maximum(scores, 1e-12)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    softened: Floats = powers / powers.sum(axis=1, keepdims=True)
    return softened


def fit_temperature(scores: Floats, truth: npt.NDArray[np.int64]) -> float:
    """The temperature under which the true labels are likeliest."""

    def surprise(log_temperature: float) -> float:
        softened = soften(scores, float(np.exp(log_temperature)))
        return float(-np.mean(np.log(softened[np.arange(len(truth)), truth] + 1e-12)))

    return float(np.exp(minimize_scalar(surprise, bounds=(-2.5, 2.5), method="bounded").x))


def networks(estimator: Any) -> Iterator[MLPClassifier]:
    """The MLPs inside pipelines, votes and calibrators."""
    if isinstance(estimator, Calibrated):
        yield from networks(estimator.estimator_)
    elif isinstance(estimator, SoftVote):
        for member in estimator.estimators_:
            yield from networks(member)
    elif isinstance(estimator, Pipeline):
        for _, step in estimator.steps:
            yield from networks(step)
    elif isinstance(estimator, MLPClassifier):
        yield estimator


def loss_curves(estimator: Any) -> list[list[float]]:
    """Training loss after each epoch, one curve for each network."""
    return [[round(float(loss), 5) for loss in network.loss_curve_] for network in networks(estimator)]


def slim(estimator: Any) -> Any:
    """Drop what training needed and predicting does not: optimiser state, and half of every weight's precision.

    Works in place; returns the estimator.
    """
    for network in networks(estimator):
        network.coefs_ = [weights.astype(np.float32) for weights in network.coefs_]
        network.intercepts_ = [weights.astype(np.float32) for weights in network.intercepts_]
        for attribute in ("_optimizer", "_random_state", "_no_improvement_count"):
            vars(network).pop(attribute, None)
    return estimator
