"""What a model's own figures say, in the order in which a person asks; nothing that the manifest does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """A share in [0, 1] with the interval in which it lies with 95 % confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Certainty:
    """What happens where a model calls itself certain: on how many clips it does, and how often it is then right."""

    threshold: float
    coverage: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a visitor should know of one model; None or empty where nobody measured it.

    Attributes
    ----------
    chance : float
        How often pure guessing among its emotions would be right.
    strangers, strangers_uar, strangers_ece : Measure
        On voices never heard in training: accuracy, unweighted average recall, calibration error.
    familiar : Measure
        Accuracy where a speaker may be on both sides: the figure that is usually published.
    certainty : Certainty
    recall : tuple of (str, float)
        Share of each emotion's clips that was heard as it, on strangers; the best first.
    """

    name: str
    is_default: bool
    chance: float
    strangers: Measure | None
    strangers_uar: Measure | None
    strangers_ece: Measure | None
    familiar: Measure | None
    certainty: Certainty | None
    recall: tuple[tuple[str, float], ...]
    corpora: tuple[tuple[str, int], ...]
    licence: str

    @property
    def worst(self) -> tuple[str, float] | None:
        """The emotion that is missed most often."""
        return self.recall[-1] if self.recall else None


def facts(models: Iterable[Mapping[str, Any]]) -> list[ModelFacts]:
    """Read the summaries of the models served."""
    return [_facts(model) for model in models]


def _facts(model: Mapping[str, Any]) -> ModelFacts:
    figures = model["figures"]
    actors = figures.get("actors", {})
    recall = sorted(actors.get("recall", {}).items(), key=lambda entry: entry[1], reverse=True)
    return ModelFacts(
        name=model["name"],
        is_default=model["default"],
        chance=1 / len(model["labels"]),
        strangers=_measure(actors, "accuracy"),
        strangers_uar=_measure(actors, "uar"),
        strangers_ece=_measure(actors, "ece"),
        familiar=_measure(figures.get("random", {}), "accuracy"),
        certainty=_certainty(model["calibration"]),
        recall=tuple(recall),
        corpora=tuple((corpus["name"], corpus["clips"]) for corpus in model["corpora"]),
        licence=model["licence"],
    )


def _measure(figures: Mapping[str, Any], name: str) -> Measure | None:
    found = figures.get(name)
    return Measure(found["value"], found["low"], found["high"]) if found else None


def _certainty(calibration: Mapping[str, Any]) -> Certainty | None:
    threshold = calibration.get("uncertain_below")
    for point in calibration.get("coverage", ()):
        if threshold is not None and abs(point["confidence"] - threshold) < 1e-9:
            return Certainty(threshold, point["coverage"], point["accuracy"])
    return None
