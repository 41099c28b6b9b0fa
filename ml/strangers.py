"""The whole model that would be served, on speakers it never heard: as it is used, as clips arrive, and what it needs.

`ml.evaluation` tests what a recipe hears of clean clips; this tests everything that a model does for strangers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from ml.estimators import aligned
from ml.evaluation import VOICE_PROTOCOL, Evaluation, outcome_of, strangers_of
from ml.extraction import Dataset
from ml.features.groups import feature_groups
from ml.metrics import uar
from ml.progress import Progress, unwatched
from ml.protocols import Split
from ml.recipes import Recipe

SHUFFLES = 3
MOST_VOICE_TRIALS = 6  # a speaker: all pairs of RAVDESS's four neutral clips
Columns = Mapping[str, np.ndarray]
Scored = dict[str, tuple[np.ndarray, np.ndarray]]  # rows and their scores, by what was tested


@dataclass(frozen=True)
class Strangers:
    """How a model hears speakers that it never heard in training.

    Attributes
    ----------
    protocols : dict of str to Evaluation
        `actors`; `actors+voice` where the model can use a speaker's normal voice: every pair of a speaker's neutral
        clips, or six of them, is tried as such, without testing those two, and the outcome holds each clip once a pair.
    conditions : dict of str to Evaluation
        Clips that arrived otherwise than they were recorded.
    shuffled : dict of str to Evaluation
        For each group of features: clips whose numbers of that group are those of other clips.
    """

    protocols: dict[str, Evaluation]
    conditions: dict[str, Evaluation]
    shuffled: dict[str, Evaluation]

    def importance(self) -> dict[str, float]:
        """What is lost of the UAR without each group of features (permutation importance), most first."""
        whole = uar(self.protocols["actors"].outcomes[0])
        lost = {group: whole - uar(evaluation.outcomes[0]) for group, evaluation in self.shuffled.items()}
        return dict(sorted(lost.items(), key=lambda item: -item[1]))


def try_on_strangers(
    data: Dataset,
    recipe: Recipe,
    *,
    folds: Sequence[Sequence[int]] | None = None,
    conditions: Dataset | None = None,
    jobs: int = -1,
    progress: Progress = unwatched,
) -> Strangers:
    """Refit the whole model in every fold and test it on the rest.

    Parameters
    ----------
    data : Dataset
    recipe : Recipe
    folds : sequence of sequences of int, optional
        Other groupings of actors.
    conditions : Dataset, optional
        The same clips; its copies are how they arrive from life, each a condition to test.
    jobs : int
    progress : callable

    Raises
    ------
    CorpusError
    """
    splits = strangers_of(data, folds)
    arrived = conditions.copies if conditions else {}
    groups = feature_groups(recipe.feature_set)
    parallel = Parallel(n_jobs=jobs, return_as="generator")
    tasks = (delayed(_score_fold)(data, recipe, split, arrived, groups) for split in splits)
    scored = list(progress(parallel(tasks), len(splits)))
    return Strangers(*(_pooled(data, recipe, parts) for parts in zip(*scored, strict=True)))


def _pooled(data: Dataset, recipe: Recipe, folds: Sequence[Scored]) -> dict[str, Evaluation]:
    """What all folds together scored; a fold can lack what its speakers have no clips for."""
    evaluations = {}
    for name in dict.fromkeys(name for fold in folds for name in fold):
        tested = [fold[name] for fold in folds if name in fold]
        rows, scores = (np.concatenate(parts) for parts in zip(*tested, strict=True))
        outcome = outcome_of(data.rows(rows), recipe.labels, scores)
        evaluations[name] = Evaluation(name, len(np.unique(rows)), (outcome,))
    return evaluations


def _score_fold(
    data: Dataset, recipe: Recipe, split: Split, arrived: Columns, groups: Columns
) -> tuple[Scored, Scored, Scored]:
    """Rows and scores of one fold: as a model is used, by condition, and by shuffled group of features."""
    with threadpool_limits(1):  # the same model, however many processes share the work
        model = recipe.model.fit(data.rows(split.train), seed=0)

    def score(vectors: np.ndarray, **known: Any) -> np.ndarray:
        return aligned(model.predict_proba(vectors, **known), model.classes_, recipe.labels)

    clean = data.vectors[split.test]
    used = {"actors": (split.test, score(clean))}
    if hasattr(model, "baseline"):
        parts = [
            (tested, score(data.vectors[tested], baseline=model.baseline(data.vectors[list(pair)])))
            for pair, tested in _voice_trials(data, split.test)
        ]
        if parts:
            rows, scores = zip(*parts, strict=True)
            used[VOICE_PROTOCOL] = np.concatenate(rows), np.concatenate(scores)
    conditions = {name: (split.test, score(vectors[split.test])) for name, vectors in arrived.items()}
    repeated = np.tile(split.test, SHUFFLES)
    shuffled = {
        name: (repeated, np.concatenate([score(vectors) for vectors in _shuffles(clean, columns)]))
        for name, columns in groups.items()
    }
    return used, conditions, shuffled


def _voice_trials(data: Dataset, test: np.ndarray) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """Pairs of neutral clips of each tested speaker, and that speaker's other clips."""
    for speaker in np.unique(data.speakers[test]):
        own = test[data.speakers[test] == speaker]
        pairs = list(combinations(own[data.emotions[own] == "neutral"], 2))
        for pair in pairs[:: max(1, len(pairs) // MOST_VOICE_TRIALS)][:MOST_VOICE_TRIALS]:
            yield pair, own[~np.isin(own, pair)]


def _shuffles(vectors: np.ndarray, columns: np.ndarray) -> Iterator[np.ndarray]:
    """The vectors with some columns, together, taken from other clips."""
    rng = np.random.default_rng(0)
    for _ in range(SHUFFLES):
        shuffled = vectors.copy()
        shuffled[:, columns] = vectors[rng.permutation(len(vectors))][:, columns]
        yield shuffled
