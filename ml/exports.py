"""Timelines in the formats of other programs: CSV for spreadsheets, WebVTT for players, TextGrid for Praat."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from praatio.data_classes.interval_tier import IntervalTier
from praatio.utilities.textgrid_io import getTextgridAsStr
from webvtt import Caption, WebVTT
from webvtt.models import Timestamp

from ml.emotions import EMOTIONS, emotion_of
from ml.results import Prediction, Score, Segment

SCORE_COLUMNS = tuple(f"score_{emotion}" for emotion in EMOTIONS)
SEGMENT_COLUMNS = ("channel", "start_s", "end_s", "speech", "emotion", "confidence", *SCORE_COLUMNS)
"""Of a CSV file; a stretch without speech has neither emotion nor scores."""


@dataclass(frozen=True, slots=True)
class Track:
    """The timeline of one channel.

    Attributes
    ----------
    channel : str
        `mix`, `left` or `right`.
    segments : tuple of Segment
        In the order of time, without overlap.
    """

    channel: str
    segments: tuple[Segment, ...]


def tracks_of(heard: Prediction) -> list[Track]:
    """The timelines in an answer: one, or one for each channel."""
    return [Track(side.channel, side.timeline) for side in heard.channels or (heard,)]


def as_csv(tracks: Sequence[Track]) -> str:
    """A heading and one record for each segment."""
    text = io.StringIO()
    writer = csv.DictWriter(text, SEGMENT_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(segment_cells(track.channel, segment) for track in tracks for segment in track.segments)
    return text.getvalue()


def segment_cells(channel: str, segment: Segment) -> dict[str, str]:
    """The cells of a segment by their columns; what it does not have is left out."""
    cells = {
        "channel": channel,
        "start_s": number(segment.start_s),
        "end_s": number(segment.end_s),
        "speech": "true" if segment.speech else "false",
    }
    if segment.emotion is not None and segment.confidence is not None:
        cells |= {"emotion": segment.emotion, "confidence": number(segment.confidence), **score_cells(segment.scores)}
    return cells


def score_cells(scores: Iterable[Score]) -> dict[str, str]:
    """The cells of scores by their columns; labels of one emotion (`female happy`, `male happy`) count together."""
    totals: dict[str, float] = {}
    for score in scores:
        column = f"score_{emotion_of(score.label)}"
        totals[column] = totals.get(column, 0.0) + score.score
    return {column: number(total) for column, total in totals.items()}


def number(value: float) -> str:
    """A number as a cell: at most six decimals, none that says nothing."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def as_webvtt(tracks: Sequence[Track]) -> str:
    """A cue for each segment with speech, as `happy (71 %)`; with several channels, each speaks with its own voice.

    References
    ----------
    W3C, WebVTT: The Web Video Text Tracks Format.
    """
    several = len(tracks) > 1
    cues = [
        (segment.start_s, _cue(segment, voice=track.channel if several else None))
        for track in tracks
        for segment in track.segments
        if segment.speech
    ]
    in_time = [cue for _, cue in sorted(cues, key=lambda cue: cue[0])]  # as the format asks for
    return WebVTT(captions=in_time).content + "\n"


def _cue(segment: Segment, *, voice: str | None) -> Caption:
    tag = f"<v {voice}>" if voice else ""
    start, end = (str(Timestamp.from_seconds(seconds)) for seconds in (segment.start_s, segment.end_s))
    return Caption(start, end, f"{tag}{segment.emotion} ({segment.confidence:.0%})".replace("%", " %"))


def as_textgrid(tracks: Sequence[Track]) -> str:
    """Two interval tiers for each channel, `emotion` and `confidence`; intervals without speech are empty.

    References
    ----------
    Boersma and Weenink, Praat manual, "TextGrid file formats" (the long one).
    """
    several = len(tracks) > 1
    end_s = max((segment.end_s for track in tracks for segment in track.segments), default=0.0)
    tiers = [
        tier for track in tracks for tier in _tiers(track, prefix=f"{track.channel} " if several else "", end_s=end_s)
    ]
    grid = {"xmin": 0.0, "xmax": end_s, "tiers": tiers}
    return str(getTextgridAsStr(grid, "long_textgrid", includeBlankSpaces=True))


def _tiers(track: Track, *, prefix: str, end_s: float) -> Iterator[dict[str, object]]:
    heard = [segment for segment in track.segments if segment.speech]
    labels: dict[str, Callable[[Segment], str]] = {
        "emotion": lambda segment: segment.emotion or "",
        "confidence": lambda segment: number(segment.confidence or 0.0),
    }
    for name, label in labels.items():
        intervals = [(segment.start_s, segment.end_s, label(segment)) for segment in heard]
        tier = IntervalTier(f"{prefix}{name}", intervals, 0.0, end_s)
        yield {
            "class": tier.tierType,
            "name": tier.name,
            "xmin": tier.minTimestamp,
            "xmax": tier.maxTimestamp,
            "entries": tier.entries,
        }


TIMELINE_FORMATS: dict[str, Callable[[Sequence[Track]], str]] = {
    "csv": as_csv,
    "vtt": as_webvtt,
    "textgrid": as_textgrid,
}
