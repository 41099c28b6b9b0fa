"""What a row says of a recording, read back from the object or the records that were written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from classifier.management.rows import Row
from ml.errors import UndertoneError
from ml.exports import tracks_of


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a timeline; one without an emotion is a pause."""

    channel: str
    start_s: float
    end_s: float
    emotion: str | None

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a row says, as far as it is counted and shown.

    Attributes
    ----------
    path : str
    emotion : str or None
        Of the whole recording, where the row tells it.
    error_code, error : str or None
        Why there is none.
    model : str or None
        Name and version of the model that answered.
    duration_s : float
        Of the recording.
    parts : tuple of Part
        The timeline, where one was asked for.
    """

    path: str
    emotion: str | None = None
    error_code: str | None = None
    error: str | None = None
    model: str | None = None
    duration_s: float = 0.0
    parts: tuple[Part, ...] = ()

    @property
    def shares(self) -> dict[str, float]:
        """Seconds of each emotion where there is a timeline; else the one emotion, once."""
        if not self.parts:
            return {self.emotion: 1.0} if self.emotion else {}
        seconds: defaultdict[str, float] = defaultdict(float)
        for part in self.parts:
            if part.emotion:
                seconds[part.emotion] += part.duration_s
        return seconds

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """From a row that was not written yet."""
        if isinstance(row.outcome, UndertoneError):
            return cls(path=row.path, error_code=row.outcome.code, error=row.outcome.message)
        return cls(
            path=row.path,
            emotion=row.outcome.emotion,
            model=row.model,
            duration_s=row.outcome.duration_s,
            parts=tuple(
                Part(track.channel, segment.start_s, segment.end_s, segment.emotion)
                for track in tracks_of(row.outcome)
                for segment in track.segments
            ),
        )

    @classmethod
    def from_object(cls, found: Mapping[str, Any]) -> Self:
        """From a row in the shape of the API.

        Raises
        ------
        KeyError, TypeError
            It has another shape.
        """
        if "error" in found:
            return cls(path=found["path"], error_code=found["error"]["code"], error=found["error"]["message"])
        sides = found.get("channels") or [found]
        return cls(
            path=found["path"],
            emotion=found["emotion"],
            model=f"{found['model']['name']} {found['model']['version']}",
            duration_s=found["duration_s"],
            parts=tuple(
                Part(side["channel"], part["start_s"], part["end_s"], part["emotion"])
                for side in sides
                for part in side.get("timeline", ())
            ),
        )

    @classmethod
    def from_cells(cls, records: Sequence[Mapping[str, str]]) -> Self:
        """From the records of one recording in a CSV file.

        Raises
        ------
        KeyError, ValueError
            They have another shape.
        """
        first = records[0]
        parts = tuple(_part(record) for record in records) if first.get("start_s") else ()
        return cls(
            path=first["path"],
            emotion=None if parts else first["emotion"] or None,
            error_code=first["error_code"] or None,
            error=first["error"] or None,
            model=f"{first['model']} {first['version']}" if first["model"] else None,
            duration_s=float(first["duration_s"] or 0.0),
            parts=parts,
        )


def _part(cells: Mapping[str, str]) -> Part:
    return Part(cells["channel"], float(cells["start_s"]), float(cells["end_s"]), cells["emotion"] or None)
