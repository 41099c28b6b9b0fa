"""A row of the comparison: what was published of a recipe, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ml.comparison.units import Cost
from ml.evaluation import Evaluation
from ml.metrics import Figure, accuracy, uar, with_interval
from ml.recipes import Awaited, Recipe, find_recipe


@dataclass(frozen=True)
class Spread:
    """A mean over seeds, and the standard deviation between them."""

    mean: float
    sd: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of one value a seed."""
        return cls(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One recipe.

    Attributes
    ----------
    recipe, summary : str
    corpora : tuple of str
    classes : int or None
        None where the recipe cannot be trained here yet.
    published : float or None
        Accuracy.
    source : str
        Where that was published.
    rival : str
        The recipe whose figure that is, where it is another's.
    clips : int
    random_accuracy, random_uar : Spread or None
        Under the published split, or in five stratified folds.
    actors_accuracy, actors_uar : Figure or None
        From speakers that were never heard in training.
    cost : Cost or None
    note : str
        Why nothing was measured.
    """

    recipe: str
    summary: str
    corpora: tuple[str, ...]
    classes: int | None = None
    published: float | None = None
    source: str = ""
    rival: str = ""
    clips: int = 0
    random_accuracy: Spread | None = None
    random_uar: Spread | None = None
    actors_accuracy: Figure | None = None
    actors_uar: Figure | None = None
    cost: Cost | None = None
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Row:
        """The inverse of `as_dict`."""
        parts = {name: kind(**data[name]) for name, kind in PARTS.items() if data[name] is not None}
        return cls(**{**data, **parts, "corpora": tuple(data["corpora"])})


PARTS: dict[str, type[Any]] = {
    "random_accuracy": Spread,
    "random_uar": Spread,
    "actors_accuracy": Figure,
    "actors_uar": Figure,
    "cost": Cost,
}


def unmeasured(recipe: Recipe | Awaited, note: str) -> Row:
    """A row with what was published alone."""
    rival = find_recipe(recipe.rival) if isinstance(recipe, Recipe) and recipe.rival else None
    known = recipe.published or (rival.published if rival else None)
    return Row(
        recipe=recipe.name,
        summary=recipe.summary,
        corpora=recipe.corpora,
        classes=len(recipe.labels) if isinstance(recipe, Recipe) else None,
        published=known.accuracy if known else None,
        source=known.source if known else "",
        rival=rival.name if rival else "",
        note=note,
    )


def measured(evaluations: dict[str, Evaluation], cost: Cost | None) -> dict[str, Any]:
    """The fields of a `Row` that come from measuring."""
    found: dict[str, Any] = {"cost": cost, "clips": max(item.clips for item in evaluations.values())}
    if "random" in evaluations:
        outcomes = evaluations["random"].outcomes
        found["random_accuracy"] = Spread.of([accuracy(outcome) for outcome in outcomes])
        found["random_uar"] = Spread.of([uar(outcome) for outcome in outcomes])
    if "actors" in evaluations:
        outcomes = evaluations["actors"].outcomes
        found["actors_accuracy"] = with_interval(accuracy, outcomes)
        found["actors_uar"] = with_interval(uar, outcomes)
    return found
