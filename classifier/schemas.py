"""The shapes that the API takes and returns, for its own description."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import Field, create_model

from classifier.errors import codes_by_status
from ml.results import Channels


class ScoreOut(Schema):
    """How strongly one emotion was heard."""

    label: str
    score: float = Field(ge=0, le=1)


class ModelIdOut(Schema):
    """Which model answered."""

    name: str
    version: str
    features: str


class SegmentOut(Schema):
    """A stretch in which one emotion was heard, or no speech; then it has neither emotion nor scores."""

    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    speech: bool
    emotion: str | None
    confidence: float | None = Field(ge=0, le=1)
    scores: list[ScoreOut]


class PredictionOut(Schema):
    """What was heard in a recording. The scores are sorted and sum to 1."""

    emotion: str
    confidence: float = Field(ge=0, le=1)
    uncertain: bool
    scores: list[ScoreOut]
    why: list[str]
    voice_used: bool
    duration_s: float = Field(ge=0)
    speech_s: float = Field(ge=0)
    model: ModelIdOut
    channel: Channels
    timeline: list[SegmentOut]
    channels: list[PredictionOut]
    warnings: list[str]


class VoiceOut(Schema):
    """A token that stands for a speaker's normal voice."""

    voice: str
    clips: int = Field(ge=1, le=5)
    speech_s: float = Field(ge=0)


class ModelOut(Schema):
    """A model served, with the figures it was measured to have; `actors` figures tell how well a stranger is heard."""

    name: str
    version: str
    default: bool
    labels: list[str]
    features: str
    figures: dict[str, Any]
    robustness: dict[str, dict[str, float]]
    calibration: dict[str, Any]
    importance: dict[str, float]
    corpora: list[dict[str, Any]]
    licence: str


class ModelsOut(Schema):
    """All models served, the default first."""

    models: list[ModelOut]


def _error_schema(status: int, codes: tuple[str, ...]) -> type[Schema]:
    codes_type: Any = Literal[codes]
    detail = create_model(f"Error{status}Detail", __base__=Schema, code=(codes_type, ...), message=(str, ...))
    return create_model(f"Error{status}", __base__=Schema, error=(detail, ...))


ERRORS: dict[int, type[Schema]] = {status: _error_schema(status, codes) for status, codes in codes_by_status().items()}
"""By status: `{"error": {"code": …, "message": one sentence a person understands}}`, with the codes it can have."""


def with_errors(success: type[Schema], *statuses: int) -> dict[int, type[Schema]]:
    """The answers of one operation: its success, and errors by status."""
    return {200: success, **{status: ERRORS[status] for status in statuses}}
