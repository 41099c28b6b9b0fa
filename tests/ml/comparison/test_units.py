from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.comparison.units import Bench
from ml.evaluation import planned_folds
from ml.extraction import Dataset, Extractor
from ml.recipes import Recipe
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
