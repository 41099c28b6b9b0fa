"""The timeline of an answer, and times as people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import template

from classifier.timelines import HEIGHT, WIDTH, tracks

register = template.Library()


@register.inclusion_tag("partials/timeline.html")
def timeline(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What was heard over time, and the forms that save it; hidden where nobody asked for it."""
    return {"tracks": tracks(answer), "answer": answer, "json": json.dumps(answer)}


@register.inclusion_tag("partials/track.html")
def blank_track() -> dict[str, Any]:
    """A track with nothing in it: the same markup, for scripts to fill."""
    return {"track": None, "width": WIDTH, "height": HEIGHT}


@register.filter
def clock(at_s: float) -> str:
    """Write a moment as minutes, seconds and tenths."""
    tenths = round(at_s * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
