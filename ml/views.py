"""The expressive model: several views of a clip, each with a vote of its own, whose scores are averaged.

Each view is an equal part of the features: one of the whole spectrum, one of what a telephone carries alone. Views that
err on different clips hear more together than all features in one space (docs/research.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, clone

from ml.component_vote import ComponentVote
from ml.components import Components
from ml.estimators import USUAL_SHARE, aligned, fit_temperature, soften, softmax
from ml.extraction import Dataset
from ml.protocols import Split, calibration_splits
from ml.voice import MOST_CLIPS, Baseline, draw_baselines

Floats = npt.NDArray[Any]
Strings = npt.NDArray[np.str_]
Integers = npt.NDArray[np.int64]

CALIBRATION_FOLDS = 4


class Views(BaseEstimator):  # type: ignore[misc]
    """Views of a clip, voting.

    Parameters
    ----------
    components : sequence of Components
        Unfitted, one for each view.
    weights : sequence of float
        Of each view's log-scores.
    vote : ComponentVote
        Unfitted: what is fitted in each view.
    """

    strange_from_ = inf  # where it was not looked at: in `fit_plain`

    def __init__(self, components: Sequence[Components], weights: Sequence[float], vote: ComponentVote) -> None:
        self.components = components
        self.weights = weights
        self.vote = vote

    def fit(self, data: Dataset) -> Self:
        """Fit components, votes and temperatures.

        Parameters
        ----------
        data : Dataset
            All its copies take part.
        """
        z = self._fit_components(data)
        usual = np.concatenate([self._strangeness(version) for version in _versions(data)])
        self.strange_from_ = float(np.quantile(usual, USUAL_SHARE))
        self.votes_ = [self._fitted(view, data.emotions).fit_voice(view, data.emotions, data.speakers) for view in z]
        plain, voiced, truth = zip(*[self._unheard(z, data, split) for split in _splits(data)], strict=True)
        self.temperature_ = fit_temperature(np.concatenate(plain), np.concatenate(truth))
        self.voice_temperature_ = fit_temperature(np.concatenate(voiced), np.concatenate(truth))
        return self

    def fit_plain(self, data: Dataset) -> Self:
        """Fit only what hears strangers without a baseline: all that the `random` protocol asks for."""
        z = self._fit_components(data)
        self.votes_ = [self._fitted(view, data.emotions) for view in z]
        plain, truth = zip(*[self._unheard_plain(z, data, split) for split in _splits(data)], strict=True)
        self.temperature_ = fit_temperature(np.concatenate(plain), np.concatenate(truth))
        return self

    @property
    def classes_(self) -> npt.NDArray[np.str_]:
        """The emotions, in the order of the scores."""
        classes: npt.NDArray[np.str_] = self.votes_[0].classes_
        return classes

    def predict_proba(self, vectors: Floats, baseline: Baseline | None = None) -> Floats:
        """Calibrated scores [shape=(n, labels)] of vectors [shape=(n, features)]."""
        z = self._transformed(vectors)
        if baseline is None:
            return soften(self._heard(self.votes_, z), self.temperature_)
        means = [np.broadcast_to(mean, view.shape) for mean, view in zip(self._by_view(baseline.mean), z, strict=True)]
        clips = np.full(len(vectors), min(baseline.clips, MOST_CLIPS))
        return soften(self._heard_with_voice(self.votes_, z, means, clips), self.voice_temperature_)

    def baseline(self, vectors: Floats) -> Baseline:
        """A speaker's normal voice from vectors of their ordinary speech [shape=(n, features)]."""
        return Baseline(np.concatenate([view.mean(axis=0) for view in self._transformed(vectors)]), len(vectors))

    def uses_voice(self, vectors: Floats) -> npt.NDArray[np.bool_]:
        """Which clips a baseline helps with: all [shape=(n,)]."""
        return np.ones(len(vectors), bool)

    def strangeness(self, vectors: Floats) -> Floats:
        """How far vectors are from all that was learned from [shape=(n,)]: above 1 is farther than nearly all of it."""
        return self._strangeness(vectors) / self.strange_from_

    def _fit_components(self, data: Dataset) -> list[Floats]:
        """Fit the components; returns, for each view, all versions of all clips in them [shape=(versions, n, d)]."""
        self.components_, z = [], []
        versions = [np.array_split(version, len(self.components), axis=1) for version in _versions(data)]
        for unfitted, view in zip(self.components, zip(*versions, strict=True), strict=True):
            components = clone(unfitted).fit(list(view), np.random.default_rng(self.vote.seed))
            self.components_.append(components)
            z.append(np.stack([components.transform(version) for version in view]))
        return z

    def _transformed(self, vectors: Floats) -> list[Floats]:
        return [components.transform(part) for components, part in self._parts(vectors)]

    def _strangeness(self, vectors: Floats) -> Floats:
        mean: Floats = np.mean([components.strangeness(part) for components, part in self._parts(vectors)], axis=0)
        return mean

    def _parts(self, vectors: Floats) -> Iterator[tuple[Components, Floats]]:
        """Each view's components and its part of the features."""
        return zip(self.components_, np.array_split(vectors, len(self.components_), axis=1), strict=True)

    def _by_view(self, components: Floats) -> list[Floats]:
        """Components of all views [shape=(…, d)] by view."""
        ends = np.cumsum([len(view.origin_) for view in self.components_])
        return np.split(components, ends[:-1], axis=-1)

    def _fitted(self, view: Floats, emotions: Strings) -> ComponentVote:
        vote: ComponentVote = clone(self.vote).fit(view, emotions)
        return vote

    def _heard(self, votes: Sequence[ComponentVote], z: Sequence[Floats]) -> Floats:
        return self._averaged([vote.log_scores(view) for vote, view in zip(votes, z, strict=True)])

    def _heard_with_voice(
        self, votes: Sequence[ComponentVote], z: Sequence[Floats], means: Sequence[Floats], clips: Integers
    ) -> Floats:
        heard = zip(votes, z, means, strict=True)
        return self._averaged([vote.log_scores_with_voice(view, mean, clips) for vote, view, mean in heard])

    def _averaged(self, log_scores: Sequence[Floats]) -> Floats:
        return softmax(np.average(log_scores, axis=0, weights=self.weights))

    def _unheard_plain(self, z: Sequence[Floats], data: Dataset, split: Split) -> tuple[Floats, Integers]:
        """Scores of clips whose speakers inner votes had not heard, and the truth."""
        votes = [self._fitted(view[:, split.train], data.emotions[split.train]) for view in z]
        heard = self._heard(votes, [view[0, split.test] for view in z])
        return aligned(heard, votes[0].classes_, self.classes_), self._truth(data, split)

    def _unheard(self, z: Sequence[Floats], data: Dataset, split: Split) -> tuple[Floats, Floats, Integers]:
        """The same, without and with baselines."""
        emotions, speakers = data.emotions[split.train], data.speakers[split.train]
        inner = [view[:, split.train] for view in z]
        votes = [self._fitted(view, emotions).fit_voice(view, emotions, speakers) for view in inner]
        tested, who = [view[0, split.test] for view in z], data.speakers[split.test]
        rng = np.random.default_rng(self.vote.seed + 1)
        means, clips = draw_baselines(np.hstack(tested), data.emotions[split.test], who, rng, ordinary={"neutral": 1.0})
        heard = self._heard(votes, tested), self._heard_with_voice(votes, tested, self._by_view(means), clips)
        plain, voiced = (aligned(scores, votes[0].classes_, self.classes_) for scores in heard)
        return plain, voiced, self._truth(data, split)

    def _truth(self, data: Dataset, split: Split) -> Integers:
        return np.searchsorted(self.classes_, data.emotions[split.test])


def _versions(data: Dataset) -> list[Floats]:
    """The clips, then each training copy of all of them."""
    return [data.vectors, *data.copies.values()]


def _splits(data: Dataset) -> list[Split]:
    return calibration_splits(data.speakers, data.emotions, most=CALIBRATION_FOLDS)
