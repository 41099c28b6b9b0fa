"""Honest figures: every clip is judged by a model that was fitted without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from ml import metrics
from ml.errors import CorpusError
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
    runs = _runs(data, recipe, protocol, folds)
    parallel = Parallel(n_jobs=jobs, return_as="generator")
    tasks = [(seed, split) for seed, splits in runs for split in splits]
    scored = progress(parallel(delayed(_score)(data, recipe, split, seed) for seed, split in tasks), len(tasks))
    by_seed: dict[int, list[tuple[Split, np.ndarray]]] = {seed: [] for seed, _ in runs}
    for (seed, split), scores in zip(tasks, scored, strict=True):
        by_seed[seed].append((split, scores))
    outcomes = tuple(_pool(data, recipe, parts) for parts in by_seed.values())
    tested = np.unique(np.concatenate([split.test for _, split in tasks]))
    return Evaluation(protocol, len(tested), outcomes)


def evaluate_with_voice(
    data: Dataset,
    recipe: Recipe,
    *,
    folds: Sequence[Sequence[int]] | None = None,
    jobs: int = -1,
    progress: Progress = unwatched,
) -> Evaluation:
    """Test strangers who gave two neutral clips as their normal voice.

    Every pair of a speaker's neutral clips is tried; the clips of the pair are not tested with it. The outcome holds
    each clip once a pair.

    Parameters
    ----------
    data : Dataset
    recipe : Recipe
        Its model knows baselines.
    folds, jobs, progress
        As for `evaluate_recipe`.

    Raises
    ------
    CorpusError
    """
    splits = actor_splits(data.speakers, folds)
    parallel = Parallel(n_jobs=jobs, return_as="generator")
    scored = progress(parallel(delayed(_score_with_voice)(data, recipe, split) for split in splits), len(splits))
    rows, scores = (np.concatenate(parts) for parts in zip(*scored, strict=True))
    outcome = outcome_of(data.rows(rows), recipe.labels, scores)
    return Evaluation(VOICE_PROTOCOL, len(np.unique(rows)), (outcome,))


def _score_with_voice(data: Dataset, recipe: Recipe, split: Split) -> tuple[np.ndarray, np.ndarray]:
    model = recipe.model.fit(data.rows(split.train), seed=0)
    rows, scores = [], []
    for speaker in np.unique(data.speakers[split.test]):
        own = split.test[data.speakers[split.test] == speaker]
        for pair in combinations(own[data.emotions[own] == "neutral"], 2):
            tested = own[~np.isin(own, pair)]
            baseline = model.baseline(data.vectors[list(pair)])
            found = model.predict_proba(data.vectors[tested], baseline)
            rows.append(tested)
            scores.append(aligned(found, model.classes_, recipe.labels))
    return np.concatenate(rows), np.concatenate(scores)


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
        heard |= np.isin(data.speakers, list(trained_on.speakers))
    unheard = data.rows(np.flatnonzero(~heard))
    if not len(unheard):
        raise CorpusError(
            f"{recogniser.manifest.name} was trained on all {len(data)} of these clips, or on their speakers: no "
            "honest figure can be given. Evaluate its recipe instead, which is refitted in every fold."
        )
    scores = recogniser.estimator.predict_proba(unheard.vectors)
    return Evaluation(protocol, len(unheard), (outcome_of(unheard, recogniser.manifest.labels, scores),))


def _runs(
    data: Dataset, recipe: Recipe, protocol: str, folds: Sequence[Sequence[int]] | None
) -> list[tuple[int, list[Split]]]:
    if protocol == "actors":
        return [(0, actor_splits(data.speakers, folds))]
    counts = np.unique(data.emotions, return_counts=True)[1]
    if counts.min() < SEEDS:
        raise CorpusError(f"The random protocol needs {SEEDS} clips of each emotion; one has {counts.min()}.")
    return [
        (seed, list(random_splits(data.digests, data.emotions, published=recipe.split, seed=seed)))
        for seed in range(SEEDS)
    ]


def _score(data: Dataset, recipe: Recipe, split: Split, seed: int) -> np.ndarray:
    estimator = recipe.model.fit_plain(data.rows(split.train), seed=seed)
    scores: np.ndarray = aligned(estimator.predict_proba(data.vectors[split.test]), estimator.classes_, recipe.labels)
    return scores


def aligned(scores: np.ndarray, classes: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """Scores in the order of the labels; a label that was never trained on scores nothing."""
    columns = np.zeros((len(scores), len(labels)))
    for column, label in enumerate(classes):
        columns[:, list(labels).index(label)] = scores[:, column]
    return columns


def _pool(data: Dataset, recipe: Recipe, parts: list[tuple[Split, np.ndarray]]) -> Outcome:
    rows = np.concatenate([split.test for split, _ in parts])
    return outcome_of(data.rows(rows), recipe.labels, np.concatenate([scores for _, scores in parts]))


def outcome_of(data: Dataset, labels: Sequence[str], scores: np.ndarray) -> Outcome:
    """Scores beside the truth."""
    truth = np.array([list(labels).index(emotion) for emotion in data.emotions])
    return Outcome(tuple(labels), truth, scores, data.speakers)
