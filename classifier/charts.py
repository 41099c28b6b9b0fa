"""Points of the small charts on a model's page, in the units of their drawings (0 to 100, upwards is less)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from ml.card.facts import Bin

SIDE = 100.0
LARGEST_RADIUS = 4.5


@dataclass(frozen=True, slots=True)
class Dot:
    """A circle, and what it stands for in words."""

    x: float
    y: float
    radius: float
    words: str


def reliability(bins: Sequence[Bin]) -> list[Dot]:
    """A dot for each bin of confidence, its area in proportion to the clips in it."""
    most = max(each.clips for each in bins)
    return [
        Dot(
            x=round(SIDE * each.confidence, 2),
            y=round(SIDE * (1 - each.accuracy), 2),
            radius=round(LARGEST_RADIUS * sqrt(each.clips / most), 2),
            words=f"{each.clips} clips: {each.confidence:.0%} sure, {each.accuracy:.0%} right",
        )
        for each in bins
    ]


def curves(series: Iterable[Sequence[float]]) -> list[str]:
    """The points of one polyline a series, all on the same axes, from zero."""
    lines = [line for line in series if len(line) > 1]
    highest = max((max(line) for line in lines), default=1.0)
    longest = max((len(line) for line in lines), default=2) - 1
    return [
        " ".join(f"{SIDE * x / longest:.2f},{SIDE * (1 - value / highest):.2f}" for x, value in enumerate(line))
        for line in lines
    ]
