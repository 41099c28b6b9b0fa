"""Rows as CSV and lines of JSON that other programs can read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

import pytest

from classifier.management.rows import COLUMNS, CSV_HEAD, Row, csv_record, harmless, jsonl_line, original
from tests.classifier.management.answers import failed, heard


def records(rows: Iterable[Row]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(CSV_HEAD + "".join(map(csv_record, rows)), newline="")))


def test_jsonl_is_one_object_a_line() -> None:
    lines = "".join(map(jsonl_line, [heard("a.wav"), failed("two\nlines.wav")])).splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["a.wav", "two\nlines.wav"]


def test_csv_has_the_documented_columns() -> None:
    assert (
        *("path", "status", "emotion", "confidence", "uncertain", "score_neutral", "score_calm", "score_happy"),
        *("score_sad", "score_angry", "score_fearful", "score_disgust", "score_surprised", "voice_used"),
        *("duration_s", "speech_s", "model", "version", "error_code", "error"),
    ) == COLUMNS
    assert tuple(records([heard("a.wav")])[0]) == COLUMNS


def test_csv_holds_what_was_heard_and_leaves_other_cells_empty() -> None:
    (record,) = records([heard("a.wav")])
    assert {column: cell for column, cell in record.items() if cell} == {
        "path": "a.wav",
        "status": "ok",
        "emotion": "happy",
        "confidence": "0.75",
        "uncertain": "false",
        "score_happy": "0.75",
        "score_sad": "0.25",
        "voice_used": "false",
        "duration_s": "3.7",
        "speech_s": "1.9",
        "model": "classic",
        "version": "1",
    }


def test_csv_holds_why_a_recording_failed() -> None:
    (record,) = records([failed("a,b.wav")])
    assert {column: cell for column, cell in record.items() if cell} == {
        "path": "a,b.wav",
        "status": "failed",
        "error_code": "no_speech",
        "error": 'There is no "speech", here.',
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_gives_a_spreadsheet_nothing_to_run(start: str) -> None:
    path = f"{start}cmd|'/c calc'!A1.wav"
    (record,) = records([heard(path)])
    assert record["path"] == f"'{path}"
    assert original(record["path"]) == path


@pytest.mark.parametrize("path", ["a.wav", "'quoted'.wav", "'=a.wav", "''=a.wav", "=a.wav", ""])
def test_no_two_paths_share_a_cell(path: str) -> None:
    assert original(harmless(path)) == path
