"""A soft vote in one space of principal components, with or without a voice baseline.

The vote is between a linear discriminant and small networks, both on components whitened within the emotions: the
directions in which clips of one emotion differ (speaker, text, channel) count for less. With a baseline two more
discriminants join, each on components without the speaker's offset, estimated in two ways.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neural_network import MLPClassifier

from ml.estimators import logarithm, quietly_fitted, softmax
from ml.voice import MOST_CLIPS, ORDINARY, draw_baselines

Floats = npt.NDArray[Any]
Strings = npt.NDArray[np.str_]
Integers = npt.NDArray[np.int64]

BASELINE_SHARE = 0.7
DIAGONAL_SHARE = 0.3  # twenty speakers span few directions: the diagonal lets a new one differ in others too


class ComponentVote(BaseEstimator):  # type: ignore[misc]
    """Discriminants and networks voting on components.

    Parameters
    ----------
    network : MLPClassifier
        Unfitted.
    n_networks : int
    network_weight : float
        Of the networks' mean log-score in the vote; the discriminant's is 1.
    shrinkage : float
        Of the covariance within emotions towards a multiple of identity.
    seed : int
    """

    def __init__(
        self, network: MLPClassifier, *, n_networks: int, network_weight: float, shrinkage: float, seed: int
    ) -> None:
        self.network = network
        self.n_networks = n_networks
        self.network_weight = network_weight
        self.shrinkage = shrinkage
        self.seed = seed

    def fit(self, z: Floats, emotions: Strings) -> Self:
        """Fit what hears strangers without a baseline.

        Parameters
        ----------
        z : np.ndarray [shape=(versions, n, d)]
            Components of the clips, then of each training copy of all of them.
        emotions : np.ndarray [shape=(n,)]
        """
        flat, labels = z.reshape(-1, z.shape[2]), np.tile(emotions, len(z))
        self.classes_ = np.unique(emotions)
        self.discriminant_ = _discriminant(flat, labels, self.shrinkage)
        self.networks_ = [self._network(flat, labels, self.seed + i) for i in range(self.n_networks)]
        return self

    def fit_voice(self, z: Floats, emotions: Strings, speakers: Strings) -> Self:
        """Fit what a baseline is used for, after `fit` and on the same clips; `speakers` [shape=(n,)]."""
        flat, labels = z.reshape(-1, z.shape[2]), np.tile(emotions, len(z))
        # A speaker heard over another line counts as another voice.
        voices = np.array([f"{speaker}/{version}" for version in range(len(z)) for speaker in speakers])
        neutral = emotions == "neutral"
        self.ordinary_ = z[0][neutral if neutral.any() else slice(None)].mean(axis=0)
        rng = np.random.default_rng(self.seed)
        means, clips = draw_baselines(flat, labels, voices, rng, ordinary=ORDINARY)
        filters = _offset_filters(flat, labels, voices, self.shrinkage)
        shifted = flat.copy()
        for count in np.unique(clips):
            rows = clips == count
            shifted[rows] -= (means[rows] - self.ordinary_) @ filters[count - 1].T
        self.shifted_ = _discriminant(shifted, labels, self.shrinkage)
        # Only what the filters do to the scores is kept: d × labels numbers instead of d × d.
        self.shift_scores_ = [_by_label(offset.T @ self.shifted_.coef_.T).astype(np.float32) for offset in filters]
        self.relative_ = _discriminant(flat - np.float32(BASELINE_SHARE) * means, labels, self.shrinkage)
        return self

    def log_scores(self, z: Floats) -> Floats:
        """What the vote says of components [shape=(n, d)], as logarithms [shape=(n, labels)]."""
        networks = np.mean([logarithm(network.predict_proba(z)) for network in self.networks_], axis=0)
        discriminant = logarithm(self.discriminant_.predict_proba(z))
        vote: Floats = (discriminant + self.network_weight * networks) / (1 + self.network_weight)
        return vote

    def log_scores_with_voice(self, z: Floats, means: Floats, clips: Integers) -> Floats:
        """The same for speakers whose baselines are known.

        Parameters
        ----------
        z, means : np.ndarray [shape=(n, d)]
            Components of the clips, and of their speakers' ordinary speech.
        clips : np.ndarray [shape=(n,)]
            How many clips each mean is of: 1 to `MOST_CLIPS`.
        """
        decision = _by_label(np.array(self.shifted_.decision_function(z), np.float64))
        for count in np.unique(clips):
            rows = clips == count
            decision[rows] -= (means[rows] - self.ordinary_) @ self.shift_scores_[count - 1]
        relative = self.relative_.predict_proba(z - np.float32(BASELINE_SHARE) * means)
        vote: Floats = (self.log_scores(z) + logarithm(softmax(decision)) + logarithm(relative)) / 3
        return vote

    def _network(self, z: Floats, labels: Strings, seed: int) -> MLPClassifier:
        """A network on whitened components; the whitening is then folded into its first layer."""
        residual = _residuals(z, labels)
        covariance = _shrunk(residual.T @ residual / len(z), self.shrinkage)
        whiten = np.linalg.inv(np.linalg.cholesky(covariance)).T
        whiten /= np.sqrt(np.mean((z @ whiten) ** 2))
        classes, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
        weight = (len(labels) / len(classes) / counts)[index]
        unfitted = clone(self.network).set_params(random_state=seed)
        network = quietly_fitted(unfitted, (z @ whiten).astype(np.float32), labels, sample_weight=weight)
        network.coefs_[0] = whiten @ network.coefs_[0]
        return network


def _shrunk(covariance: Floats, shrinkage: float) -> npt.NDArray[np.float64]:
    d = len(covariance)
    shrunk: npt.NDArray[np.float64] = (1 - shrinkage) * covariance + shrinkage * np.trace(covariance) / d * np.eye(d)
    return shrunk


def _residuals(z: Floats, labels: Strings) -> Floats:
    """Components without their emotion's mean."""
    classes, index = np.unique(labels, return_inverse=True)
    means = np.array([z[labels == label].mean(axis=0) for label in classes])
    residuals: Floats = z - means[index]
    return residuals


def _discriminant(z: Floats, labels: Strings, shrinkage: float) -> LinearDiscriminantAnalysis:
    """Shrinkage discriminant with equal priors, without what only training needed."""
    n_labels = len(np.unique(labels))
    priors = np.full(n_labels, 1 / n_labels)
    discriminant = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage, priors=priors).fit(z, labels)
    del discriminant.covariance_, discriminant.means_
    return discriminant


def _by_label(linear: Floats) -> Floats:
    """A column for each label, where scikit-learn says of two labels only how far the second is before the first."""
    columns = linear.reshape(len(linear), -1)
    return columns if columns.shape[1] > 1 else np.hstack([np.zeros_like(columns), columns])


def _offset_filters(z: Floats, labels: Strings, voices: Strings, shrinkage: float) -> list[Floats]:
    """Wiener filters that estimate a speaker's offset from the mean of one to five clips: B (B + W/k)⁻¹."""
    residual = _residuals(z, labels)
    names, index = np.unique(voices, return_inverse=True)
    offsets = np.array([residual[index == i].mean(axis=0) for i in range(len(names))])
    residual = residual - offsets[index]
    within = _shrunk(residual.T @ residual / len(z), shrinkage)
    between = (offsets.T @ offsets / len(names)).astype(np.float64)
    between = (1 - DIAGONAL_SHARE) * between + DIAGONAL_SHARE * np.diag(np.diag(between))
    return [(between @ np.linalg.inv(between + within / k)).astype(np.float32) for k in range(1, MOST_CLIPS + 1)]
