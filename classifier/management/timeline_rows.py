"""Timelines as rows of CSV: one for each segment, numbered, so that a file tells which recordings are whole in it."""

from __future__ import annotations

from collections.abc import Iterator

from classifier.management.rows import FAILED, OK, Row, csv_text, harmless
from ml.errors import UndertoneError
from ml.exports import SEGMENT_COLUMNS, number, segment_cells, tracks_of
from ml.results import Prediction

COLUMNS = (
    *("path", "status", "segment", "segments"),
    *SEGMENT_COLUMNS,
    *("voice_used", "duration_s", "model", "version", "error_code", "error"),
)
"""Of a CSV file; what a pause and what a failed recording does not have is left empty."""

HEAD = csv_text(COLUMNS)


def csv_records(row: Row) -> str:
    """The records of one recording; a failed one has one."""
    cells = [_failed(row.outcome)] if isinstance(row.outcome, UndertoneError) else list(_segments(row.outcome))
    return "".join(
        csv_text(
            harmless({**segment, "path": row.path, "segment": str(place), "segments": str(len(cells))}.get(column, ""))
            for column in COLUMNS
        )
        for place, segment in enumerate(cells, start=1)
    )


def _failed(error: UndertoneError) -> dict[str, str]:
    return {"status": FAILED, "error_code": error.code, "error": error.message}


def _segments(heard: Prediction) -> Iterator[dict[str, str]]:
    common = {
        "status": OK,
        "voice_used": "true" if heard.voice_used else "false",
        "duration_s": number(heard.duration_s),
        "model": heard.model.name,
        "version": heard.model.version,
    }
    for track in tracks_of(heard):
        yield from (common | segment_cells(track.channel, segment) for segment in track.segments)
