"""Rows as they come out of the engine."""

from __future__ import annotations

from dataclasses import replace

from classifier.management.rows import Row
from ml.errors import AudioError
from ml.results import ModelId, Prediction, Score, Segment


def heard(path: str, *, emotion: str = "happy", version: str = "1") -> Row:
    scores = (Score(emotion, 0.75), Score("sad", 0.25))
    model = ModelId("classic", version, "classic-180")
    return Row(path, Prediction(emotion, 0.75, False, scores, ("loud",), False, 3.7, 1.9, model))


def failed(path: str) -> Row:
    return Row(path, AudioError("no_speech", 'There is no "speech", here.'))


def over_time(path: str, *, channels: tuple[str, ...] = (), duration_s: float = 4.0) -> Row:
    """A pause to the middle, then a quarter happy, then a quarter sad; the same in each channel."""
    row = heard(path)
    assert isinstance(row.outcome, Prediction)
    bounds = [duration_s * share for share in (0.0, 0.5, 0.75, 1.0)]
    timeline = (
        Segment(bounds[0], bounds[1], False, None, None, ()),
        Segment(bounds[1], bounds[2], True, "happy", 0.75, (Score("happy", 0.75), Score("sad", 0.25))),
        Segment(bounds[2], bounds[3], True, "sad", 0.75, (Score("sad", 0.75), Score("happy", 0.25))),
    )
    whole = replace(row.outcome, duration_s=duration_s, timeline=timeline)
    if not channels:
        return Row(path, whole)
    sides = tuple(replace(whole, channel=channel) for channel in channels)
    return Row(path, replace(whole, channel="split", timeline=(), channels=sides))
