"""What all recipes keep to, and those of the field what was published."""

from __future__ import annotations

import pytest

from ml.augmentation import AUGMENTATIONS
from ml.corpora.readers import READERS
from ml.emotions import EMOTIONS, GENDERED_EMOTIONS
from ml.recipes import AWAITED, RECIPES, Recipe, find_recipe

PUBLISHED = {
    "feelingfine-8": 0.61,
    "reaction-4": 0.6823,
    "aer-4": 0.7031,
    "aer-4-deep": 0.7396,
    "ravdess-16-tree": 0.46,
    "ravdess-16-forest": 0.67,
    "ravdess-16-lightgbm": 0.71,
    "ravdess-16-xgboost": 0.73,
    "ravdess-16-mlp": 0.83,
    "ravdess-16-knn": 0.55,
    "ravdess-16-logistic": 0.68,
    "ravdess-16-v1": 0.82,
    "ravdess-16-v2": 0.83,
    "ravdess-16-v3": 0.82,
    "ravdess-16-v4": 0.84,
    "capstone-7-mlp": 0.88,
    "capstone-7-vote": 0.89,
}


def test_the_published_figures_are_those_of_the_sources() -> None:
    published = {name: recipe.published.accuracy for name, recipe in RECIPES.items() if recipe.published}
    assert published == PUBLISHED


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_a_recipe_names_what_exists(recipe: Recipe) -> None:
    assert {*recipe.corpora} <= READERS.keys()
    assert {*recipe.labels} <= {*EMOTIONS} or {*recipe.labels} == {*GENDERED_EMOTIONS}
    assert {step for copy in recipe.copies for step in copy.split("+")} <= AUGMENTATIONS.keys()
    assert len(recipe.feature_set.names) > 0
    assert recipe.published is None or recipe.published.source


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES.values() if recipe.rival], ids=lambda r: r.name)
def test_who_has_a_rival_is_tested_as_it_was(recipe: Recipe) -> None:
    rival = RECIPES[recipe.rival or ""]
    assert (recipe.corpora, recipe.labels, recipe.split) == (rival.corpora, rival.labels, rival.split)


def test_deep_networks_are_awaited_with_their_published_figures() -> None:
    assert not AWAITED.keys() & RECIPES.keys()
    assert AWAITED["capstone-7-conv1d"].published.accuracy == 0.90
    assert AWAITED["ravdess-16-vote-vgg16-cnn"].published.accuracy == 0.78
    with pytest.raises(ValueError, match="published, but cannot be trained here yet: A recurrent network"):
        find_recipe("ravdess-16-rnn")


def test_an_unknown_recipe_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match="there is classic, expressive, feelingfine-8"):
        find_recipe("unheard-of")
