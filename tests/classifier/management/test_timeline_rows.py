"""Timelines as rows of CSV."""

from __future__ import annotations

import csv
import io

from classifier.management.rows import Row
from classifier.management.timeline_rows import COLUMNS, HEAD, csv_records
from tests.classifier.management.answers import failed, over_time


def records(row: Row) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(HEAD + csv_records(row), newline="")))


def test_it_has_the_documented_columns() -> None:
    assert tuple(records(over_time("a.wav"))[0]) == COLUMNS
    assert COLUMNS[:10] == (
        *("path", "status", "segment", "segments", "channel"),
        *("start_s", "end_s", "speech", "emotion", "confidence"),
    )


def test_each_segment_is_a_row_and_says_how_many_there_are() -> None:
    rows = records(over_time("=a.wav"))
    assert [(row["segment"], row["segments"], row["start_s"], row["emotion"]) for row in rows] == [
        ("1", "3", "0", ""),
        ("2", "3", "2", "happy"),
        ("3", "3", "3", "sad"),
    ]
    assert {(row["path"], row["status"], row["duration_s"], row["model"]) for row in rows} == {
        ("'=a.wav", "ok", "4", "classic")
    }


def test_both_channels_of_a_call_are_numbered_through() -> None:
    rows = records(over_time("a.wav", channels=("left", "right")))
    assert [(row["segment"], row["segments"], row["channel"]) for row in rows] == [
        *((str(number), "6", "left") for number in (1, 2, 3)),
        *((str(number), "6", "right") for number in (4, 5, 6)),
    ]


def test_a_failed_recording_is_one_row() -> None:
    (row,) = records(failed("a.wav"))
    assert (row["status"], row["segment"], row["segments"], row["error_code"]) == ("failed", "1", "1", "no_speech")
    assert row["start_s"] == ""
