"""Parts that models are made of, and what is done to them before they are pickled."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.fft
from scipy.optimize import minimize_scalar
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.utils._param_validation import InvalidParameterError  # scikit-learn names it nowhere else

from ml.errors import RecipeError

Floats = npt.NDArray[Any]
Strings = npt.NDArray[np.str_]

USUAL_SHARE = 0.995
"""Of what a model learned from, degraded copies included, so much is nothing strange to it."""


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
        logged = np.array(X, dtype=np.float32)
        logged[:, self.start :] = np.log(np.maximum(logged[:, self.start :], self.floor))
        return logged


class LineBands(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Keeps what every telephone line carries: outside its bands stands what one line's filter left, and no other's.

    Cepstral coefficients mix all bands, so the spectrum that they stand for takes their place, cut like the mel bands.

    Parameters
    ----------
    n_mfcc : int
        The first columns: means of cepstral coefficients.
    log_from : int
        First column of the logarithms of mel powers; all after it are, too.
    bands : tuple of int
        The mel bands from the one to before the other.
    """

    def __init__(self, n_mfcc: int, log_from: int, bands: tuple[int, int]) -> None:
        self.n_mfcc = n_mfcc
        self.log_from = log_from
        self.bands = bands

    def fit(self, X: Floats, y: object = None) -> LineBands:  # noqa: ARG002, N803
        """Nothing to learn."""
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Floats) -> Floats:  # noqa: N803
        """Mean levels within the bands, the columns between, and the logarithms within the bands."""
        within = slice(*self.bands)
        n_mels = X.shape[1] - self.log_from
        levels_db = scipy.fft.idct(X[:, : self.n_mfcc], type=2, norm="ortho", n=n_mels, axis=1)
        return np.hstack([levels_db[:, within], X[:, self.n_mfcc : self.log_from], X[:, self.log_from :][:, within]])


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


def quietly_fitted(classifier: Any, vectors: Floats, emotions: Strings, **options: Any) -> Any:
    """A fitted copy of a classifier that stops after a fixed number of epochs on purpose, converged or not.

    Raises
    ------
    RecipeError
        Where a hyperparameter cannot be as it is.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Got `batch_size` less than 1 or larger")  # there are fewer clips: one batch
        try:
            return clone(classifier).fit(vectors, emotions, **options)
        except InvalidParameterError as error:
            raise RecipeError(str(error)) from error


def softmax(logits: Floats) -> Floats:
    """Scores that sum to one [shape=(n, labels)]."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    scores: Floats = powers / powers.sum(axis=1, keepdims=True)
    return scores


def logarithm(scores: Floats) -> Floats:
    """Logarithms of scores, none so low that it silences the other voices of a vote."""
    return np.log(np.maximum(scores, 1e-6))


def soften(scores: Floats, temperature: float) -> Floats:
    """Scores raised to 1/temperature and brought back to a sum of one [shape=(n, labels)]."""
    return softmax(np.log(np.maximum(scores, 1e-12)) / temperature)


def fit_temperature(scores: Floats, truth: npt.NDArray[np.int64]) -> float:
    """The temperature under which the true labels are likeliest."""

    def surprise(log_temperature: float) -> float:
        softened = soften(scores, float(np.exp(log_temperature)))
        return float(-np.mean(np.log(softened[np.arange(len(truth)), truth] + 1e-12)))

    return float(np.exp(minimize_scalar(surprise, bounds=(-2.5, 2.5), method="bounded").x))


def aligned(scores: Floats, classes: Sequence[str] | Strings, labels: Sequence[str] | Strings) -> Floats:
    """Scores in the order of the labels; a label that was never trained on scores nothing."""
    columns = np.zeros((len(scores), len(labels)))
    for column, label in enumerate(classes):
        columns[:, list(labels).index(label)] = scores[:, column]
    return columns


def networks(part: Any) -> Iterator[MLPClassifier]:
    """The fitted MLPs inside a model, however deep in pipelines, votes and banks."""
    if isinstance(part, MLPClassifier):
        if hasattr(part, "coefs_"):
            yield part
    elif isinstance(part, list | tuple):
        for item in part:
            yield from networks(item)
    elif hasattr(part, "__dict__"):
        yield from networks(list(vars(part).values()))


def loss_curves(estimator: Any) -> list[list[float]]:
    """Training loss after each epoch, one curve for each network."""
    curves = (getattr(network, "loss_curve_", []) for network in networks(estimator))  # L-BFGS keeps none
    return [[round(float(loss), 5) for loss in curve] for curve in curves if curve]


def slim(estimator: Any) -> Any:
    """Drop what training needed and predicting does not: optimiser state, and half of every weight's precision.

    Works in place; returns the estimator.
    """
    for network in networks(estimator):
        network.coefs_ = [weights.astype(np.float32) for weights in network.coefs_]
        network.intercepts_ = [weights.astype(np.float32) for weights in network.intercepts_]
        for attribute in ("_optimizer", "_random_state", "_no_improvement_count", "_best_coefs", "_best_intercepts"):
            vars(network).pop(attribute, None)
    return estimator
