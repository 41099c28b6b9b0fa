"""What a page draws of an answer's timeline: a ribbon of scores and a table for each channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.emotions import EMOTIONS

WIDTH = 1000.0
HEIGHT = 100.0

HEADINGS = {"mix": "", "left": "Left channel", "right": "Right channel"}


@dataclass(frozen=True, slots=True)
class Band:
    """A rectangle of the ribbon: as wide as a segment lasts, as high as the score of one emotion in it."""

    emotion: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Track:
    """The timeline of one channel.

    Attributes
    ----------
    channel, heading : str
    duration_s : float
    segments : sequence of dict
        As the API returns them.
    """

    channel: str
    heading: str
    duration_s: float
    segments: Sequence[Mapping[str, Any]]

    @property
    def bands(self) -> list[Band]:
        """The ribbon; emotions are stacked in one order everywhere, a pause is empty."""
        return [band for segment in self.segments if segment["speech"] for band in self._stack(segment)]

    def _stack(self, segment: Mapping[str, Any]) -> list[Band]:
        scores = {score["label"]: score["score"] for score in segment["scores"]}
        x = WIDTH * segment["start_s"] / self.duration_s
        width = WIDTH * (segment["end_s"] - segment["start_s"]) / self.duration_s
        bands, y = [], HEIGHT
        for emotion in EMOTIONS:
            height = HEIGHT * scores.get(emotion, 0.0)
            y -= height
            bands.append(Band(emotion, round(x, 2), round(y, 2), round(width, 2), round(height, 2)))
        return bands


def tracks(answer: Mapping[str, Any]) -> list[Track]:
    """One track, or one for each side of a call; none where no timeline was asked for."""
    return [
        Track(each["channel"], HEADINGS[each["channel"]], each["duration_s"], each["timeline"])
        for each in answer["channels"] or [answer]
        if each["timeline"]
    ]
