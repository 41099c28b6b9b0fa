"""Recipes that two projects of the field propose and never tried: the gender first, then the emotion within it."""

from __future__ import annotations

from dataclasses import replace

from ml.library import Library
from ml.recipes.capstone_7 import CAPSTONE_7
from ml.recipes.ravdess_16 import RAVDESS_16
from ml.recipes.recipe import Recipe
from ml.recipes.speech import FEELINGFINE
from ml.two_step import TwoStep


def _in_two_steps(name: str, one_step: Recipe) -> Recipe:
    """A recipe whose model is asked once for each gender, after a forest has told which."""
    return replace(
        one_step,
        name=name,
        summary=f"A random forest tells the gender, then the model of {one_step.name}, one a gender, the emotion.",
        model=TwoStep(gender=Library(kind="forest"), emotion=one_step.model),
        published=None,
        rival=one_step.name,
    )


_BY_NAME = {recipe.name: recipe for recipe in (*RAVDESS_16, *CAPSTONE_7)}

TWO_STEP = (
    _in_two_steps("two-step-8", FEELINGFINE),
    _in_two_steps("two-step-16", _BY_NAME["ravdess-16-mlp"]),
    _in_two_steps("two-step-7", _BY_NAME["capstone-7-mlp"]),
)
