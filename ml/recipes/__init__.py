"""Recipes: everything needed to train a model, by name.

Those from the field train as they were published (no scaler, no trim, the files' own rate unless said), so that our
figures stand beside theirs.
"""

from __future__ import annotations

from ml.recipes.against_the_field import AGAINST_THE_FIELD
from ml.recipes.awaited import AWAITED
from ml.recipes.capstone_7 import CAPSTONE_7
from ml.recipes.ours import CLASSIC, EXPRESSIVE
from ml.recipes.ravdess_16 import RAVDESS_16
from ml.recipes.recipe import Awaited, Published, Recipe
from ml.recipes.speech import AER, AER_DEEP, FEELINGFINE, REACTION
from ml.recipes.two_step import TWO_STEP

__all__ = [
    "AWAITED",
    "CLASSIC",
    "EXPRESSIVE",
    "FEELINGFINE",
    "RECIPES",
    "Awaited",
    "Published",
    "Recipe",
    "find_recipe",
]

FROM_THE_FIELD = (FEELINGFINE, REACTION, AER, AER_DEEP, *RAVDESS_16, *CAPSTONE_7, *TWO_STEP)
RECIPES = {recipe.name: recipe for recipe in (CLASSIC, EXPRESSIVE, *FROM_THE_FIELD, *AGAINST_THE_FIELD)}


def find_recipe(name: str) -> Recipe:
    """Find a recipe by name.

    Raises
    ------
    ValueError
        With the names that exist.
    """
    if name in AWAITED:
        raise ValueError(f"The recipe {name!r} is published, but cannot be trained here yet: {AWAITED[name].summary}")
    if name not in RECIPES:
        raise ValueError(f"There is no recipe {name!r}; there is {', '.join(RECIPES)}.")
    return RECIPES[name]
