"""Honest figures: every clip is judged by a model that was fitted without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from ml import metrics
from ml.errors import CorpusError
from ml.estimators import aligned
from ml.extraction import Dataset
from ml.metrics import Outcome
from ml.progress import Progress, unwatched
from ml.protocols import Split, actor_splits, random_splits
from ml.recipes import Recipe
from ml.recogniser import Recogniser
from ml.store import TrainedOn

SEEDS = 5
PROTOCOLS = ("actors", "random")
VOICE_PROTOCOL = "actors+voice"


@dataclass(frozen=True)
class Fold:
    """One refit and its test: the seed of both, and who is on which side."""

    seed: int
    split: Split


@dataclass(frozen=True)
class Evaluation:
    """What came of testing under one protocol.

    Attributes
    ----------
    protocol : str
    clips : int
        Distinct clips that were tested.
    outcomes : tuple of Outcome
        One a seed; `actors` has one.
    """

    protocol: str
    clips: int
    outcomes: tuple[Outcome, ...]

    def figures(self) -> dict[str, Any]:
        """Plain data for the manifest and for `--json`."""
        first = self.outcomes[0]
        measures = {"accuracy": metrics.accuracy, "uar": metrics.uar, "ece": metrics.ece}
        return {
            "protocol": self.protocol,
            "clips": self.clips,
            **{name: asdict(metrics.with_interval(measure, self.outcomes)) for name, measure in measures.items()},
            "uar_by_gender": metrics.by_gender(metrics.uar, first),
            "recall": metrics.recalls(first),
            "confusion": {"labels": list(first.labels), "rows": metrics.confusion(first)},
            "reliability": metrics.reliability(first),
        }


def evaluate_recipe(
    data: Dataset,
    recipe: Recipe,
    *,
    protocol: str,
    folds: Sequence[Sequence[int]] | None = None,
    jobs: int = -1,
    progress: Progress = unwatched,
) -> Evaluation:
    """Refit a recipe in every fold and test it on the rest.

    Parameters
    ----------
    data : Dataset
    recipe : Recipe
    protocol : str
        `actors` or `random`.
    folds : sequence of sequences of int, optional
        Other groupings of actors.
    jobs : int
    progress : callable

    Raises
    ------
    CorpusError
        Where the data cannot be split so.
    """
    plan = planned_folds(data, recipe, protocol=protocol, folds=folds)
    parallel = Parallel(n_jobs=jobs, return_as="generator")
    scored = progress(parallel(delayed(score_fold)(data, recipe, fold) for fold in plan), len(plan))
    return pooled(data, recipe, plan, list(scored), protocol=protocol)


def evaluate_model(recogniser: Recogniser, data: Dataset, trained_on: TrainedOn, *, protocol: str) -> Evaluation:
    """Score a model as it is on what it has not heard.

    Parameters
    ----------
    recogniser : Recogniser
    data : Dataset
        Extracted with the recogniser's own conditioning and features.
    trained_on : TrainedOn
    protocol : str
        `actors` leaves out every clip of a speaker that was trained on, `random` only the clips themselves.

    Raises
    ------
    CorpusError
        Where no clip is left.
    """
    heard = np.isin(data.digests, list(trained_on.clips))
    if protocol == "actors":
        heard |= np.isin(data.speakers, [*trained_on.speakers, *data.speakers[heard]])
    unheard = data.rows(np.flatnonzero(~heard))
    if not len(unheard):
        raise CorpusError(
            f"{recogniser.manifest.name} was trained on all {len(data)} of these clips, or on their speakers: no "
            "honest figure can be given. Evaluate its recipe instead, which is refitted in every fold."
        )
    scores = recogniser.estimator.predict_proba(unheard.vectors)
    return Evaluation(protocol, len(unheard), (outcome_of(unheard, recogniser.manifest.labels, scores),))


def strangers_of(data: Dataset, folds: Sequence[Sequence[int]] | None = None) -> list[Split]:
    """Speaker-disjoint splits that can be learned from; see `actor_splits`.

    Raises
    ------
    CorpusError
        Where the data cannot be split so.
    """
    splits = actor_splits(data.speakers, data.digests, folds)
    if any(len(np.unique(data.emotions[split.train])) < 2 for split in splits):
        raise CorpusError(
            "Whichever speakers are left out to be tested, those that are left must speak at least two emotions: "
            "otherwise a model would tell voices apart, not emotions."
        )
    return splits


def planned_folds(
    data: Dataset, recipe: Recipe, *, protocol: str, folds: Sequence[Sequence[int]] | None = None
) -> list[Fold]:
    """The refits and tests that a protocol asks for; see `evaluate_recipe`.

    Raises
    ------
    CorpusError
        Where the data cannot be split so.
    """
    if protocol == "actors":
        return [Fold(0, split) for split in strangers_of(data, folds)]
    counts = np.unique(data.emotions, return_counts=True)[1]
    if counts.min() < SEEDS:
        raise CorpusError(f"The random protocol needs {SEEDS} clips of each emotion; one has {counts.min()}.")
    return [
        Fold(seed, split)
        for seed in range(SEEDS)
        for split in random_splits(data.digests, data.emotions, published=recipe.split, seed=seed)
    ]


def score_fold(data: Dataset, recipe: Recipe, fold: Fold) -> np.ndarray:
    """Refit a recipe and score the fold's test clips [shape=(tested, labels)].

    On one core: the last digits of sums depend on how many share the work.
    """
    with threadpool_limits(1):
        estimator = recipe.model.fit_plain(data.rows(fold.split.train), seed=fold.seed)
        scores = estimator.predict_proba(data.vectors[fold.split.test])
    return aligned(scores, estimator.classes_, recipe.labels)


def pooled(
    data: Dataset, recipe: Recipe, plan: Sequence[Fold], scores: Sequence[np.ndarray], *, protocol: str
) -> Evaluation:
    """The scores of all folds together: an outcome a seed."""
    outcomes = []
    for seed in sorted({fold.seed for fold in plan}):
        parts = [(fold.split.test, scored) for fold, scored in zip(plan, scores, strict=True) if fold.seed == seed]
        tested, scored = (np.concatenate(part) for part in zip(*parts, strict=True))
        outcomes.append(outcome_of(data.rows(tested), recipe.labels, scored))
    tested = np.unique(np.concatenate([fold.split.test for fold in plan]))
    return Evaluation(protocol, len(tested), tuple(outcomes))


def outcome_of(data: Dataset, labels: Sequence[str], scores: np.ndarray) -> Outcome:
    """Scores beside the truth."""
    truth = np.array([list(labels).index(emotion) for emotion in data.emotions])
    return Outcome(tuple(labels), truth, scores, data.speakers, data.genders)
