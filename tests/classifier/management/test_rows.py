"""Rows as tables, JSON and CSV that other programs can read."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable

import pytest

from classifier.management.rows import COLUMNS, FORMATS, Row, harmless, original, spelled
from ml.results import Prediction
from tests.classifier.management.answers import failed, heard


def written(name: str, rows: Iterable[Row]) -> str:
    return "".join(FORMATS[name](rows))


def records(rows: Iterable[Row]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written("csv", rows), newline="")))


def test_json_is_what_the_api_answers_with_the_path() -> None:
    (row,) = json.loads(written("json", [heard("a.wav")]))
    outcome = heard("a.wav").outcome
    assert isinstance(outcome, Prediction)
    assert row.pop("path") == "a.wav"
    assert row == json.loads(json.dumps(outcome.as_dict()))


def test_json_gives_an_error_the_shape_of_the_api() -> None:
    assert json.loads(written("json", [failed("a.wav")])) == [
        {"path": "a.wav", "error": {"code": "no_speech", "message": 'There is no "speech", here.'}}
    ]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_one_array_however_many_there_are(count: int) -> None:
    rows = json.loads(written("json", [heard(f"{number}.wav") for number in range(count)]))
    assert [row["path"] for row in rows] == [f"{number}.wav" for number in range(count)]


def test_jsonl_is_one_object_a_line() -> None:
    lines = written("jsonl", [heard("a.wav"), failed("two\nlines.wav")]).splitlines()
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


def test_a_name_that_is_not_unicode_can_be_written() -> None:
    path = spelled(os.fsdecode(b"caf\xe9.wav"))
    for name in FORMATS:
        written(name, [heard(path), failed(path)]).encode()
    assert json.loads(written("json", [heard(path)]))[0]["path"] == r"caf\udce9.wav"


def test_the_table_says_what_was_heard_how_surely_and_where() -> None:
    _, line = written("table", [heard("a b.wav")]).splitlines()
    assert line.split(maxsplit=4) == ["happy", "75%", "3.7", "s", "a b.wav"]


def test_the_table_says_why_a_recording_failed() -> None:
    assert 'no_speech: a.wav: There is no "speech", here.' in written("table", [failed("a.wav")])


def test_the_table_leaves_the_terminal_alone() -> None:
    table = written("table", [heard("\x1b]0;title\x07\n.wav")])
    assert len(table.splitlines()) == 2
    assert "\x1b" not in table
    assert "\x07" not in table
