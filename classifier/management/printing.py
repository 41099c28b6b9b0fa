"""Rows as they are printed: a table for people, an array of JSON, or the formats that files of rows have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Protocol

from classifier.management.formats import ROW_FORMATS, TIMELINE_FORMATS
from classifier.management.rows import Row
from classifier.management.tally import clock
from ml.errors import UndertoneError
from ml.exports import tracks_of
from ml.results import Prediction

TABLE_HEAD = f"{'emotion':<10} {'sure':>5}  {'':<9} {'length':>9}  file\n"


class Printer(Protocol):
    """How rows are printed."""

    def __call__(self, rows: Iterable[Row], *, timeline: bool) -> Iterator[str]:
        """The text, piece by piece."""


def as_table(rows: Iterable[Row], *, timeline: bool = False) -> Iterator[str]:
    """For people: a line for each recording, and under it what should be known of the answer, and its timeline."""
    yield TABLE_HEAD
    for row in rows:
        path = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in row.path)
        if isinstance(row.outcome, UndertoneError):
            yield f"{'–':<10} {'':>5}  {row.outcome.code}: {path}: {row.outcome.message}\n"
        else:
            heard = row.outcome
            sure, note = f"{heard.confidence:.0%}", "uncertain" if heard.uncertain else ""
            yield f"{heard.emotion:<10} {sure:>5}  {note:<9} {heard.duration_s:>7.1f} s  {path}\n"
            yield from (f"  {warning}\n" for warning in heard.warnings)
            if timeline:
                yield from _segments(heard)


def _segments(heard: Prediction) -> Iterator[str]:
    for track in tracks_of(heard):
        channel = f"  {track.channel}" if heard.channels else ""
        for segment in track.segments:
            sure = "" if segment.confidence is None else f"{segment.confidence:.0%}"
            when = f"{clock(segment.start_s)} to {clock(segment.end_s)}"
            yield f"  {segment.emotion or '–':<8} {sure:>5}  {when}{channel}\n"


def as_json(rows: Iterable[Row], *, timeline: bool = False) -> Iterator[str]:  # noqa: ARG001 (an answer says it itself)
    """One array, whether there is one recording or many."""
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row.as_dict())
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _as_file(name: str, rows: Iterable[Row], *, timeline: bool = False) -> Iterator[str]:
    row_format = (TIMELINE_FORMATS if timeline else ROW_FORMATS)[name]
    yield row_format.head
    for row in rows:
        yield row_format.encode(row)


PRINTED: dict[str, Printer] = {
    "table": as_table,
    "json": as_json,
    **{name: partial(_as_file, name) for name in ROW_FORMATS},
}
