"""How well a recogniser hears, with honest intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.emotions import emotion_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

ECE_BINS = 15
BOOTSTRAPS = 1000
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Outcome:
    """Predictions for clips that the predicting model never saw.

    Attributes
    ----------
    labels : tuple of str
    truth : np.ndarray [shape=(n,)]
        Index of the true label.
    scores : np.ndarray [shape=(n, labels)]
        Rows sum to 1.
    speakers : np.ndarray [shape=(n,)]
    genders : np.ndarray [shape=(n,)], optional
        Of the speakers; empty words where the corpus does not say.
    """

    labels: tuple[str, ...]
    truth: Integers
    scores: Floats
    speakers: npt.NDArray[np.str_]
    genders: npt.NDArray[np.str_] | None = None

    @property
    def heard(self) -> Integers:
        """Index of the label with the highest score [shape=(n,)]."""
        heard: Integers = self.scores.argmax(axis=1)
        return heard

    def by_emotion(self) -> Outcome:
        """The same answers with the scores of an emotion's labels added up, whatever gender they name."""
        emotions = tuple(dict.fromkeys(emotion_of(label) for label in self.labels))
        column = np.array([emotions.index(emotion_of(label)) for label in self.labels])
        scores = np.zeros((len(self.scores), len(emotions)))
        np.add.at(scores.T, column, self.scores.T)
        return replace(self, labels=emotions, truth=column[self.truth], scores=scores)

    def take(self, rows: Integers) -> Outcome:
        """The outcome of some clips, repeated ones included."""
        genders = None if self.genders is None else self.genders[rows]
        return Outcome(self.labels, self.truth[rows], self.scores[rows], self.speakers[rows], genders)


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval, bootstrapped over speakers."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Tally:
    """Sums over clips from which every measure follows: tallies of speakers add up to that of all of them.

    Attributes
    ----------
    clips, right : np.ndarray [shape=(..., labels)]
        Clips of each true label, and how many of them were heard.
    confidence, confident : np.ndarray [shape=(..., bins)]
        Of the clips in each bin of confidence its sum, and how many were heard.
    """

    clips: Floats
    right: Floats
    confidence: Floats
    confident: Floats

    @classmethod
    def of(cls, outcome: Outcome, groups: Integers, count: int) -> Tally:
        """A tally of each of so many groups of clips, of which every clip names its own."""
        confidence = outcome.scores.max(axis=1)
        right = (outcome.heard == outcome.truth).astype(float)
        bins = _bins(confidence)

        def sums(columns: Integers, width: int, values: Floats) -> Floats:
            totals: npt.NDArray[Any] = np.bincount(groups * width + columns, values, count * width)
            return totals.reshape(count, width)

        return cls(
            clips=sums(outcome.truth, len(outcome.labels), np.ones(len(right))),
            right=sums(outcome.truth, len(outcome.labels), right),
            confidence=sums(bins, ECE_BINS, confidence),
            confident=sums(bins, ECE_BINS, right),
        )

    def drawn(self, times: Integers) -> Tally:
        """What groups amount to together, each counted so many times [shape=(draws, groups)]."""
        return Tally(times @ self.clips, times @ self.right, times @ self.confidence, times @ self.confident)


@dataclass(frozen=True)
class Measure:
    """A way to judge an outcome: `measure(outcome)`.

    Attributes
    ----------
    of_tallies : callable
        From tallies [shape=(..., labels or bins)] to figures [shape=(...)], not a number where there is no clip.
    """

    of_tallies: Callable[[Tally], Floats]

    def __call__(self, outcome: Outcome) -> float:
        """The figure of an outcome."""
        everyone = np.zeros(len(outcome.truth), dtype=np.int64)
        return float(self.of_tallies(Tally.of(outcome, everyone, 1))[0])


def _accuracy(tally: Tally) -> Floats:
    return _share(tally.right.sum(axis=-1), tally.clips.sum(axis=-1))


def _uar(tally: Tally) -> Floats:
    heard = np.where(tally.clips > 0, _share(tally.right, tally.clips), 0.0)
    return _share(heard.sum(axis=-1), (tally.clips > 0).sum(axis=-1))


def _ece(tally: Tally) -> Floats:
    return _share(np.abs(tally.confidence - tally.confident).sum(axis=-1), tally.clips.sum(axis=-1))


accuracy = Measure(_accuracy)
"""Share of clips whose emotion was heard."""

uar = Measure(_uar)
"""Unweighted average recall: every emotion counts the same, however many clips it has."""

ece = Measure(_ece)
"""Expected calibration error of the top label (Guo et al. 2017), 15 equal bins."""


def recalls(outcome: Outcome) -> dict[str, float]:
    """Share of each label's clips that were heard; labels without a clip are left out."""
    right = outcome.heard == outcome.truth
    return {
        label: float(right[outcome.truth == index].mean())
        for index, label in enumerate(outcome.labels)
        if (outcome.truth == index).any()
    }


def by_gender(measure: Measure, outcome: Outcome) -> dict[str, float]:
    """A measure for the speakers of each gender, where the corpus tells it."""
    if outcome.genders is None:
        return {}
    genders = sorted(set(outcome.genders.tolist()) - {""})
    return {gender: measure(outcome.take(np.flatnonzero(outcome.genders == gender))) for gender in genders}


def confusion(outcome: Outcome) -> list[list[int]]:
    """Clips by true label (rows) and heard label (columns)."""
    matrix = np.zeros((len(outcome.labels), len(outcome.labels)), dtype=int)
    np.add.at(matrix, (outcome.truth, outcome.heard), 1)
    rows: list[list[int]] = matrix.tolist()
    return rows


def reliability(outcome: Outcome) -> list[dict[str, float]]:
    """For each bin of confidence that has clips: their number, mean confidence and accuracy."""
    confidence, right = outcome.scores.max(axis=1), outcome.heard == outcome.truth
    bins = _bins(confidence)
    return [
        {
            "clips": int((bins == b).sum()),
            "confidence": float(confidence[bins == b].mean()),
            "accuracy": float(right[bins == b].mean()),
        }
        for b in range(ECE_BINS)
        if (bins == b).any()
    ]


def with_interval(measure: Measure, outcomes: Sequence[Outcome]) -> Figure:
    """The mean of a measure over several outcomes (seeds), with an interval over speakers.

    Speakers are drawn with replacement, not clips: the clips of one speaker stand or fall together.
    """
    speakers = np.unique(np.concatenate([outcome.speakers for outcome in outcomes]))
    drawn = np.random.default_rng(0).choice(len(speakers), (BOOTSTRAPS // len(outcomes), len(speakers)))
    times = np.array([np.bincount(draw, minlength=len(speakers)) for draw in drawn])
    tallies = [Tally.of(item, np.searchsorted(speakers, item.speakers), len(speakers)) for item in outcomes]
    draws = np.nanmean([measure.of_tallies(tally.drawn(times)) for tally in tallies], axis=0)
    low, high = np.percentile(draws, INTERVAL)
    return Figure(float(np.mean([measure(outcome) for outcome in outcomes])), float(low), float(high))


def _bins(confidence: Floats) -> Integers:
    return np.minimum((confidence * ECE_BINS).astype(np.int64), ECE_BINS - 1)


def _share(part: Floats, whole: npt.NDArray[Any]) -> Floats:
    """Part of a whole; not a number where there is none."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
