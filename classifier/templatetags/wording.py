"""The words around a score: what a page says with the numbers a model gives."""

from __future__ import annotations

from typing import Any

from django import template

from classifier.forms import too_large
from ml.card.wording import condition, corpus, listed
from ml.emotions import EMOTIONS

register = template.Library()

SURENESS = ((0.8, "Very sure"), (0.6, "Fairly sure"), (0.4, "Leaning this way"), (0.0, "A cautious guess"))
"""Lowest confidence and the words for it, from the surest down."""

UNCERTAIN = "Not sure"

BLANK = {
    "emotion": "",
    "confidence": 0.0,
    "uncertain": False,
    "scores": [{"label": label, "score": 0.0} for label in EMOTIONS],
    "why": [],
    "voice_used": False,
    "duration_s": 0.0,
    "speech_s": 0.0,
    "model": {"name": "", "version": "", "features": ""},
    "channel": "mix",
    "timeline": [],
    "channels": [],
    "warnings": [],
}
"""An answer with nothing in it: the same markup, for scripts to fill."""


@register.filter
def percent(share: float, decimals: int = 0) -> str:
    """Write a share in [0, 1] in percent, with a no-break space."""
    return f"{share * 100:.{decimals}f}\u00a0%"


@register.filter
def hundred(share: float) -> str:
    """Write a share in [0, 1] as so many of a hundred."""
    return f"{share * 100:.0f}"


@register.filter
def points(share: float) -> str:
    """Write a difference between shares in percentage points, with one decimal and never as minus zero."""
    return f"{round(share * 100, 1) + 0:.1f}"


@register.filter
def tenths(share: float) -> int:
    """Which of ten steps a share in [0, 1] falls on, for shading."""
    return min(int(share * 10), 9)


register.filter("condition", condition)
register.filter("corpus", corpus)
register.filter("listed", listed)


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


@register.filter
def spoken_duration(duration_s: float) -> str:
    """Write a limit as people say it: minutes where they are whole."""
    minutes, rest = divmod(duration_s, 60)
    if minutes and not rest:
        return f"{minutes:.0f}\u00a0minute{'s' if minutes > 1 else ''}"
    return f"{duration_s:g}\u00a0seconds"


@register.simple_tag
def blank_answer() -> dict[str, Any]:
    """An answer with nothing in it."""
    return BLANK


def refusals(limits: dict[str, Any]) -> dict[str, str]:
    """The server's own words for what a page can tell before it sends; a test holds the two together."""
    return {
        "empty_upload": "The file is empty. Please choose another recording.",
        "too_large": too_large().message,
        "unsupported_format": (
            "This file is none of the formats that can be read: "
            "WAV, FLAC, OGG (Opus or Vorbis), MP3, M4A/MP4/AAC or WebM."
        ),
        "too_long": (
            f"This recording is longer than {limits['max_seconds']:g} seconds. Please send a shorter part of it."
        ),
        "too_short": "This recording is shorter than 0.5 seconds. Please record a whole sentence.",
    }
