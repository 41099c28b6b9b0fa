"""Rows as they come out of the engine."""

from __future__ import annotations

from classifier.management.rows import Row
from ml.errors import AudioError
from ml.results import ModelId, Prediction, Score


def heard(path: str, *, emotion: str = "happy", version: str = "1") -> Row:
    scores = (Score(emotion, 0.75), Score("sad", 0.25))
    model = ModelId("classic", version, "classic-180")
    return Row(path, Prediction(emotion, 0.75, False, scores, ("loud",), False, 3.7, 1.9, model))


def failed(path: str) -> Row:
    return Row(path, AudioError("no_speech", 'There is no "speech", here.'))
