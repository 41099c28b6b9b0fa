"""Timelines to download: an answer that a client sends back, checked and written in the format of another program."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from ninja import Schema
from pydantic import AfterValidator, Field, ValidationError, model_validator

from classifier.errors import WebError
from ml.emotions import EMOTIONS, GENDERED_EMOTIONS
from ml.exports import Track, as_csv, as_textgrid, as_webvtt
from ml.results import Channels, Score, Segment

LONGEST_S = 7 * 24 * 3600.0
LONGEST_NAME = 100
UNREADABLE = "The field result does not hold an answer of /api/v1/classify with a timeline."

Seconds = Annotated[float, Field(ge=0, le=LONGEST_S, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
LABELS = (*EMOTIONS, *GENDERED_EMOTIONS)
Label = Annotated[str, AfterValidator(lambda label: LABELS[LABELS.index(label)])]
FormatName = Literal["csv", "json", "vtt", "textgrid"]


class ScoreIn(Schema):
    """How strongly one emotion was heard."""

    label: Label
    score: Share


class SegmentIn(Schema):
    """A stretch of a timeline."""

    start_s: Seconds
    end_s: Seconds
    speech: bool
    emotion: Label | None
    confidence: Share | None
    scores: list[ScoreIn] = Field(max_length=len(LABELS))

    @model_validator(mode="after")
    def check_sense(self) -> Self:
        """Refuse what ends before it begins, and speech without an emotion."""
        if self.end_s <= self.start_s or (self.speech and (self.emotion is None or self.confidence is None)):
            raise ValueError
        return self

    def segment(self) -> Segment:
        """The same as plain data."""
        scores = tuple(Score(score.label, score.score) for score in self.scores)
        return Segment(self.start_s, self.end_s, self.speech, self.emotion, self.confidence, scores)


def _in_order(segments: list[SegmentIn]) -> list[SegmentIn]:
    if any(before.end_s > after.start_s for before, after in pairwise(segments)):
        raise ValueError
    return segments


class SideIn(Schema):
    """What was heard in one channel, or in all together."""

    channel: Channels = "mix"
    timeline: Annotated[list[SegmentIn], AfterValidator(_in_order)] = Field(default_factory=list)


class ResultIn(SideIn):
    """As much of an answer as is exported: one timeline, or one for each channel."""

    channels: list[SideIn] = Field(default_factory=list, max_length=2)

    def tracks(self) -> list[Track]:
        """The same as plain data."""
        heard = [side for side in self.channels or [self] if side.timeline]
        return [Track(side.channel, tuple(part.segment() for part in side.timeline)) for side in heard]


@dataclass(frozen=True, slots=True)
class Download:
    """A file for a browser to keep."""

    name: str
    content_type: str
    body: str


@dataclass(frozen=True, slots=True)
class Format:
    """How files of a format are called, and how they are written; None: as the answer is."""

    ending: str
    content_type: str
    write: Callable[[list[Track]], str] | None


FORMATS: dict[FormatName, Format] = {
    "csv": Format("csv", "text/csv; charset=utf-8", as_csv),
    "json": Format("json", "application/json", None),
    "vtt": Format("vtt", "text/vtt; charset=utf-8", as_webvtt),
    "textgrid": Format("TextGrid", "text/plain; charset=utf-8", as_textgrid),
}
CONTENT = {form.content_type.partition(";")[0]: {"schema": {"type": "string"}} for form in FORMATS.values()}
"""What a download may be, for the API's own description."""


def download(*, result: str, format: FormatName, name: str) -> Download:  # noqa: A002 (as the field is called)
    """An answer with a timeline as a file.

    Parameters
    ----------
    result : str
        The answer, as JSON.
    format : str
    name : str
        Of the recording; the file is called after it.

    Raises
    ------
    WebError
        `invalid_parameter`.
    """
    chosen = FORMATS[format]
    tracks = _tracks(result)
    body = chosen.write(tracks) if chosen.write else json.dumps(json.loads(result), indent=2) + "\n"
    return Download(f"{_stem(name)}.{chosen.ending}", chosen.content_type, body)


def _tracks(result: str) -> list[Track]:
    try:
        tracks = ResultIn.model_validate_json(result).tracks()
    except ValidationError as error:
        raise WebError(code="invalid_parameter", message=UNREADABLE) from error
    if not tracks:
        raise WebError(code="invalid_parameter", message=UNREADABLE)
    return tracks


def _stem(name: str) -> str:
    """What a file may be called after a recording, whatever that was called."""
    printable = "".join(char for char in name if char.isprintable())
    return PurePosixPath(printable.replace("\\", "/")).stem[:LONGEST_NAME] or "undertone"
