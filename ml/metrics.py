"""How well a recogniser hears, with honest intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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


def accuracy(outcome: Outcome) -> float:
    """Share of clips whose emotion was heard."""
    return float(np.mean(outcome.heard == outcome.truth))


def recalls(outcome: Outcome) -> dict[str, float]:
    """Share of each label's clips that were heard; labels without a clip are left out."""
    right = outcome.heard == outcome.truth
    return {
        label: float(right[outcome.truth == index].mean())
        for index, label in enumerate(outcome.labels)
        if (outcome.truth == index).any()
    }


def uar(outcome: Outcome) -> float:
    """Unweighted average recall: every emotion counts the same, however many clips it has."""
    return float(np.mean(list(recalls(outcome).values())))


def by_gender(measure: Callable[[Outcome], float], outcome: Outcome) -> dict[str, float]:
    """A measure for the speakers of each gender, where the corpus tells it."""
    if outcome.genders is None:
        return {}
    genders = sorted(set(outcome.genders.tolist()) - {""})
    return {gender: measure(outcome.take(np.flatnonzero(outcome.genders == gender))) for gender in genders}


def ece(outcome: Outcome) -> float:
    """Expected calibration error of the top label (Guo et al. 2017), 15 equal bins."""
    confidence, right = outcome.scores.max(axis=1), outcome.heard == outcome.truth
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [abs(np.sum(confidence[bins == b]) - np.sum(right[bins == b])) for b in range(ECE_BINS)]
    return float(sum(gaps) / len(confidence))


def confusion(outcome: Outcome) -> list[list[int]]:
    """Clips by true label (rows) and heard label (columns)."""
    matrix = np.zeros((len(outcome.labels), len(outcome.labels)), dtype=int)
    np.add.at(matrix, (outcome.truth, outcome.heard), 1)
    rows: list[list[int]] = matrix.tolist()
    return rows


def reliability(outcome: Outcome) -> list[dict[str, float]]:
    """For each bin of confidence that has clips: their number, mean confidence and accuracy."""
    confidence, right = outcome.scores.max(axis=1), outcome.heard == outcome.truth
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    return [
        {
            "clips": int((bins == b).sum()),
            "confidence": float(confidence[bins == b].mean()),
            "accuracy": float(right[bins == b].mean()),
        }
        for b in range(ECE_BINS)
        if (bins == b).any()
    ]


def with_interval(measure: Callable[[Outcome], float], outcomes: Sequence[Outcome]) -> Figure:
    """The mean of a measure over several outcomes (seeds), with an interval over speakers.

    Speakers are drawn with replacement, not clips: the clips of one speaker stand or fall together.
    """
    rng = np.random.default_rng(0)
    speakers = np.unique(np.concatenate([outcome.speakers for outcome in outcomes]))
    rows = [{speaker: np.flatnonzero(outcome.speakers == speaker) for speaker in speakers} for outcome in outcomes]
    draws = []
    for _ in range(BOOTSTRAPS // len(outcomes)):
        drawn = rng.choice(speakers, len(speakers))
        samples = [
            outcome.take(np.concatenate([of_speaker[name] for name in drawn]))
            for outcome, of_speaker in zip(outcomes, rows, strict=True)
        ]
        draws.append(np.mean([measure(sample) for sample in samples if len(sample.truth)]))
    low, high = np.percentile(draws, INTERVAL)
    return Figure(float(np.mean([measure(outcome) for outcome in outcomes])), float(low), float(high))
