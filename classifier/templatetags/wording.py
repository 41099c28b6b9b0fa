"""The words around a score: what a page says with the numbers a model gives."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()

SURENESS = ((0.8, "Very sure"), (0.6, "Fairly sure"), (0.4, "Leaning this way"), (0.0, "A cautious guess"))
"""Lowest confidence and the words for it, from the surest down."""

UNCERTAIN = "Not sure"

MEANINGS = {
    "neutral": "neither one thing nor another",
    "calm": "soft and settled",
    "happy": "bright and lively",
    "sad": "low and slow",
    "angry": "hard and pressed",
    "fearful": "tense and unsteady",
    "disgust": "turned away",
    "surprised": "suddenly lifted",
}
"""How an acted voice of each emotion sounds, for the legend; never part of an answer."""


@register.filter
def percent(share: float) -> str:
    """Write a share in [0, 1] as whole percent, with a no-break space."""
    return f"{share * 100:.0f}\u00a0%"


@register.filter
def seconds(duration_s: float) -> str:
    """Write a duration in seconds with one decimal, with a no-break space."""
    return f"{duration_s:.1f}\u00a0s"


@register.filter
def sureness(answer: dict[str, Any]) -> str:
    """Say in words how sure a model is of its answer."""
    if answer["uncertain"]:
        return UNCERTAIN
    return next(words for lowest, words in SURENESS if answer["confidence"] >= lowest)
