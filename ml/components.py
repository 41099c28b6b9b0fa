"""The expressive model: a soft vote in one space of principal components, with or without a voice baseline.

The vote is between a linear discriminant and small networks, both on components whitened within the emotions: the
directions in which clips of one emotion differ (speaker, text, channel) count for less. With a baseline two more
discriminants join, each on components without the speaker's offset, estimated in two ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import GroupKFold
from sklearn.neural_network import MLPClassifier

from ml.estimators import USUAL_SHARE, fit_temperature, logarithm, quietly_fitted, soften, softmax
from ml.extraction import Dataset
from ml.voice import MOST_CLIPS, ORDINARY, Baseline, draw_baselines

Floats = npt.NDArray[Any]
Strings = npt.NDArray[np.str_]
Integers = npt.NDArray[np.int64]

OUTLIER_SD = 6.0
BASELINE_SHARE = 0.7
CALIBRATION_FOLDS = 4
DIAGONAL_SHARE = 0.3  # twenty speakers span few directions: the diagonal lets a new one differ in others too


class Components(BaseEstimator):  # type: ignore[misc]
    """Principal components of standardised features, of clean and degraded clips alike.

    Parameters
    ----------
    n_components : int
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
        stacked = np.concatenate(versions)
        n, features = versions[0].shape
        weight = np.ones(features, np.float32)
        weight[: self.n_heavy] = self.heavy_weight
        spread = stacked.std(axis=0)
        self.mean_ = stacked.mean(axis=0)
        self.gain_ = np.where(spread > 1e-6, weight / np.maximum(spread, 1e-6), 0).astype(np.float32)
        self.limit_ = (OUTLIER_SD * weight).astype(np.float32)
        # Half clean, half degraded rows: components that only a clean recording has are left out.
        version = np.where(rng.random(n) < 0.5, 0, rng.integers(0, len(versions), n))
        basis = self._standardised(stacked[version * n + np.arange(n)])
        eigenvalues, vectors = np.linalg.eigh((basis @ basis.T).astype(np.float64))
        top = np.argsort(-eigenvalues)[: self.n_components]
        self.axes_ = (basis.T @ (vectors[:, top] / np.sqrt(eigenvalues[top])).astype(np.float32)).astype(np.float16)
        self.axes_ = self.axes_.astype(np.float32)  # as they will be when unpickled
        self.origin_, self.unit_ = np.zeros(len(top), np.float32), np.float32(1)
        raw = self.transform(stacked)
        self.unit_ = np.float32(np.sqrt(np.mean((raw - raw.mean(axis=0)) ** 2)))
        self.origin_ = raw.mean(axis=0)
        return self

    def transform(self, vectors: Floats) -> Floats:
        """Features [shape=(n, features)] to components [shape=(n, n_components)]."""
        blocks = [self._standardised(vectors[i : i + 512]) @ self.axes_ for i in range(0, len(vectors), 512)]
        components: Floats = (np.concatenate(blocks) - self.origin_) / self.unit_
        return components

    def strangeness(self, vectors: Floats) -> Floats:
        """Mean squared standardised feature of each vector [shape=(n,)]."""
        blocks = [self._standardised(vectors[i : i + 512]) for i in range(0, len(vectors), 512)]
        return np.concatenate([np.mean(np.square(block), axis=1) for block in blocks])

    def _standardised(self, vectors: Floats) -> Floats:
        return np.clip((vectors - self.mean_) * self.gain_, -self.limit_, self.limit_).astype(np.float32)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "axes_": self.axes_.astype(np.float16)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "axes_": state["axes_"].astype(np.float32)})


class ComponentVote(BaseEstimator):  # type: ignore[misc]
    """Discriminants and networks voting on components.

    Parameters
    ----------
    components : Components
    network : MLPClassifier
        Unfitted.
    n_networks : int
    network_weight : float
        Of the networks' mean log-score in the vote; the discriminant's is 1.
    shrinkage : float
        Of the covariance within emotions towards a multiple of identity.
    seed : int
    """

    strange_from_ = inf  # where it was not looked at: in `fit_plain`, and in models that were fitted before

    def __init__(
        self,
        components: Components,
        network: MLPClassifier,
        *,
        n_networks: int,
        network_weight: float,
        shrinkage: float,
        seed: int,
    ) -> None:
        self.components = components
        self.network = network
        self.n_networks = n_networks
        self.network_weight = network_weight
        self.shrinkage = shrinkage
        self.seed = seed

    def fit(self, data: Dataset) -> Self:
        """Fit components, votes and temperatures.

        Parameters
        ----------
        data : Dataset
            All its copies take part.
        """
        z = self._fit_components(data)
        usual = np.concatenate([self.components_.strangeness(version) for version in _versions(data)])
        self.strange_from_ = float(np.quantile(usual, USUAL_SHARE))
        self._fit_plain(z, data.emotions)
        self._fit_voice(z, data.emotions, data.speakers)
        plain, voiced, truth = zip(*[self._unheard(z, data, *rows) for rows in _inner_folds(data)], strict=True)
        self.temperature_ = fit_temperature(np.concatenate(plain), np.concatenate(truth))
        self.voice_temperature_ = fit_temperature(np.concatenate(voiced), np.concatenate(truth))
        return self

    def fit_plain(self, data: Dataset) -> Self:
        """Fit only what hears strangers without a baseline: all that the `random` protocol asks for."""
        z = self._fit_components(data)
        self._fit_plain(z, data.emotions)
        plain, truth = zip(*[self._unheard_plain(z, data, *rows) for rows in _inner_folds(data)], strict=True)
        self.temperature_ = fit_temperature(np.concatenate(plain), np.concatenate(truth))
        return self

    def predict_proba(self, vectors: Floats, baseline: Baseline | None = None) -> Floats:
        """Calibrated scores [shape=(n, labels)] of vectors [shape=(n, features)]."""
        z = self.components_.transform(vectors)
        if baseline is None:
            return soften(softmax(self._plain(z)), self.temperature_)
        means = np.broadcast_to(baseline.mean, z.shape)
        clips = np.full(len(z), min(baseline.clips, MOST_CLIPS))
        return soften(softmax(self._with_voice(z, means, clips)), self.voice_temperature_)

    def baseline(self, vectors: Floats) -> Baseline:
        """A speaker's normal voice from vectors of their ordinary speech [shape=(n, features)]."""
        return Baseline(self.components_.transform(vectors).mean(axis=0), len(vectors))

    def uses_voice(self, vectors: Floats) -> npt.NDArray[np.bool_]:
        """Which clips a baseline helps with: all [shape=(n,)]."""
        return np.ones(len(vectors), bool)

    def strangeness(self, vectors: Floats) -> Floats:
        """How far vectors are from all that was learned from [shape=(n,)]: above 1 is farther than nearly all of it."""
        relative: Floats = self.components_.strangeness(vectors) / self.strange_from_
        return relative

    def _fit_components(self, data: Dataset) -> Floats:
        """Fit the components; returns all versions of all clips in them [shape=(versions, n, d)]."""
        versions = _versions(data)
        self.components_ = self.components.fit(versions, np.random.default_rng(self.seed))
        return np.stack([self.components_.transform(version) for version in versions])

    def _fit_plain(self, z: Floats, emotions: Strings) -> None:
        flat, labels = z.reshape(-1, z.shape[2]), np.tile(emotions, len(z))
        self.classes_ = np.unique(emotions)
        self.discriminant_ = _discriminant(flat, labels, self.shrinkage)
        self.networks_ = [self._network(flat, labels, self.seed + i) for i in range(self.n_networks)]

    def _fit_voice(self, z: Floats, emotions: Strings, speakers: Strings) -> None:
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
        self.shift_scores_ = [(offset.T @ self.shifted_.coef_.T).astype(np.float32) for offset in filters]
        self.relative_ = _discriminant(flat - np.float32(BASELINE_SHARE) * means, labels, self.shrinkage)

    def _unheard_plain(self, z: Floats, data: Dataset, train: Integers, test: Integers) -> tuple[Floats, Integers]:
        """Scores of clips whose speakers an inner vote had not heard, and the truth."""
        inner = ComponentVote(**self.get_params(deep=False))
        inner._fit_plain(z[:, train], data.emotions[train])
        return softmax(inner._plain(z[0, test])), np.searchsorted(self.classes_, data.emotions[test])

    def _unheard(self, z: Floats, data: Dataset, train: Integers, test: Integers) -> tuple[Floats, Floats, Integers]:
        """The same, without and with baselines."""
        inner = ComponentVote(**self.get_params(deep=False))
        inner._fit_plain(z[:, train], data.emotions[train])
        inner._fit_voice(z[:, train], data.emotions[train], data.speakers[train])
        tested, emotions = z[0, test], data.emotions[test]
        rng = np.random.default_rng(self.seed + 1)
        baselines = draw_baselines(tested, emotions, data.speakers[test], rng, ordinary={"neutral": 1.0})
        truth = np.searchsorted(self.classes_, emotions)
        return softmax(inner._plain(tested)), softmax(inner._with_voice(tested, *baselines)), truth

    def _network(self, z: Floats, labels: Strings, seed: int) -> MLPClassifier:
        """A network on whitened components; the whitening is then folded into its first layer."""
        residual, _ = _residuals(z, labels)
        covariance = _shrunk(residual.T @ residual / len(z), self.shrinkage)
        whiten = np.linalg.inv(np.linalg.cholesky(covariance)).T
        whiten /= np.sqrt(np.mean((z @ whiten) ** 2))
        classes, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
        weight = (len(labels) / len(classes) / counts)[index]
        unfitted = clone(self.network).set_params(random_state=seed)
        network = quietly_fitted(unfitted, (z @ whiten).astype(np.float32), labels, sample_weight=weight)
        network.coefs_[0] = whiten @ network.coefs_[0]
        return network

    def _plain(self, z: Floats) -> Floats:
        networks = np.mean([logarithm(network.predict_proba(z)) for network in self.networks_], axis=0)
        discriminant = logarithm(self.discriminant_.predict_proba(z))
        vote: Floats = (discriminant + self.network_weight * networks) / (1 + self.network_weight)
        return vote

    def _with_voice(self, z: Floats, means: Floats, clips: Integers) -> Floats:
        decision = np.array(self.shifted_.decision_function(z), np.float64)
        for count in np.unique(clips):
            rows = clips == count
            decision[rows] -= (means[rows] - self.ordinary_) @ self.shift_scores_[count - 1]
        relative = self.relative_.predict_proba(z - np.float32(BASELINE_SHARE) * means)
        vote: Floats = (self._plain(z) + logarithm(softmax(decision)) + logarithm(relative)) / 3
        return vote


def _versions(data: Dataset) -> list[Floats]:
    """The clips, then each training copy of all of them."""
    return [data.vectors, *data.copies.values()]


def _inner_folds(data: Dataset) -> Iterator[tuple[Integers, Integers]]:
    folds = GroupKFold(min(CALIBRATION_FOLDS, len(np.unique(data.speakers))))
    yield from folds.split(data.emotions, groups=data.speakers)


def _shrunk(covariance: Floats, shrinkage: float) -> npt.NDArray[np.float64]:
    d = len(covariance)
    shrunk: npt.NDArray[np.float64] = (1 - shrinkage) * covariance + shrinkage * np.trace(covariance) / d * np.eye(d)
    return shrunk


def _residuals(z: Floats, labels: Strings) -> tuple[Floats, Integers]:
    """Components without their emotion's mean."""
    classes, index = np.unique(labels, return_inverse=True)
    means = np.array([z[labels == label].mean(axis=0) for label in classes])
    return z - means[index], index


def _discriminant(z: Floats, labels: Strings, shrinkage: float) -> LinearDiscriminantAnalysis:
    """Shrinkage discriminant with equal priors, without what only training needed."""
    n_labels = len(np.unique(labels))
    priors = np.full(n_labels, 1 / n_labels)
    discriminant = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage, priors=priors).fit(z, labels)
    del discriminant.covariance_, discriminant.means_
    return discriminant


def _offset_filters(z: Floats, labels: Strings, voices: Strings, shrinkage: float) -> list[Floats]:
    """Wiener filters that estimate a speaker's offset from the mean of one to five clips: B (B + W/k)⁻¹."""
    residual, _ = _residuals(z, labels)
    names, index = np.unique(voices, return_inverse=True)
    offsets = np.array([residual[index == i].mean(axis=0) for i in range(len(names))])
    residual = residual - offsets[index]
    within = _shrunk(residual.T @ residual / len(z), shrinkage)
    between = (offsets.T @ offsets / len(names)).astype(np.float64)
    between = (1 - DIAGONAL_SHARE) * between + DIAGONAL_SHARE * np.diag(np.diag(between))
    return [(between @ np.linalg.inv(between + within / k)).astype(np.float32) for k in range(1, MOST_CLIPS + 1)]
