from __future__ import annotations

from dataclasses import dataclass, make_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from ml.comparison.units import Bench, described, digest_of
from ml.evaluation import planned_folds
from ml.extraction import Dataset, Extractor
from ml.library import Library, SoftVotes
from ml.recipes import RECIPES, Recipe
from ml.specs import Mlp


@pytest.fixture
def bench(dataset: Dataset, quick_recipe: Recipe, tmp_path: Path) -> Bench:
    return Bench.of(tmp_path, dataset, Extractor(quick_recipe.conditioning, quick_recipe.feature_set, tmp_path))


def test_the_same_seed_gives_the_same_scores_to_the_last_bit(bench: Bench, quick_recipe: Recipe) -> None:
    (fold, *_) = planned_folds(bench.data, quick_recipe, protocol="actors")
    bench.score(quick_recipe, fold)
    first = bench.scores(quick_recipe, fold)
    bench.fold_path(quick_recipe, fold).unlink()
    bench.score(quick_recipe, fold)
    assert first is not None
    np.testing.assert_array_equal(bench.scores(quick_recipe, fold), first)


def test_another_seed_another_fold_or_another_model_is_another_unit(bench: Bench, quick_recipe: Recipe) -> None:
    fold, other = planned_folds(bench.data, quick_recipe, protocol="actors")[:2]
    stronger = replace(quick_recipe, model=Mlp(hidden=(24,), alpha=1.0, batch_size=8, epochs=40))
    paths = {
        bench.fold_path(quick_recipe, fold),
        bench.fold_path(quick_recipe, other),
        bench.fold_path(quick_recipe, replace(fold, seed=1)),
        bench.fold_path(stronger, fold),
        bench.cost_path(quick_recipe),
    }
    assert len(paths) == 5


def test_a_change_in_what_is_said_of_the_clips_or_in_their_vectors_is_noticed(dataset: Dataset) -> None:
    louder = dataset.vectors.copy()
    louder[3, 7] += 1
    others = [
        replace(dataset, vectors=louder),
        replace(dataset, emotions=np.roll(dataset.emotions, 1)),
        replace(dataset, speakers=np.roll(dataset.speakers, 1)),
        replace(dataset, copies={"white-noise": dataset.vectors}),
    ]
    assert len({digest_of(data) for data in [dataset, *others]}) == 5


def test_a_new_hyperparameter_with_a_default_changes_no_name() -> None:
    @dataclass(frozen=True)
    class Tree:
        depth: int

    grown = make_dataclass("Tree", [("depth", int), ("leaves", int, 1)], frozen=True)
    assert described(Tree(3)) == described(grown(3)) != described(grown(3, 2))


def test_hyperparameters_inside_others_count() -> None:
    votes = SoftVotes(members=(Library(kind="knn"), Library(kind="mlp", settings={"alpha": 0.1})))
    other = SoftVotes(members=(Library(kind="knn"), Library(kind="mlp", settings={"alpha": 0.2})))
    assert described(votes) != described(other)
    assert len({str(described(recipe.model)) for recipe in RECIPES.values()}) > 10
