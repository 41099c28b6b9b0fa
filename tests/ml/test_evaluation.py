"""Figures of recipes that are refitted in every fold."""

from __future__ import annotations

import numpy as np
import pytest

from ml.evaluation import evaluate_recipe
from ml.extraction import Dataset
from ml.recipes import Recipe


@pytest.mark.parametrize("protocol", ["actors", "random"])
def test_figures_are_the_same_however_many_processes_share_the_work(
    dataset: Dataset, quick_recipe: Recipe, protocol: str
) -> None:
    one, two = (evaluate_recipe(dataset, quick_recipe, protocol=protocol, jobs=jobs) for jobs in (1, 2))
    assert one.figures() == two.figures()
    for outcome, other in zip(one.outcomes, two.outcomes, strict=True):
        np.testing.assert_array_equal(outcome.scores, other.scores)
