"""`python -m benchmarks.fit RAVDESS RECIPE` extracts features and fits a recipe on all clips; it measures nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from ml.corpora.ravdess import read_ravdess
from ml.datasets import load_dataset
from ml.extraction import Extractor, default_cache_dir
from ml.recipes import find_recipe


def main(ravdess: str, recipe_name: str) -> None:
    """Fit."""
    recipe = find_recipe(recipe_name)
    extractor = Extractor(recipe.conditioning, recipe.feature_set, default_cache_dir())
    corpus = read_ravdess(Path(ravdess))
    data = load_dataset(corpus, extractor, labels=recipe.labels, copies=recipe.copies)
    recipe.model.fit(data, seed=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
