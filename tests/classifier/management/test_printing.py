"""Rows as they are printed."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable

import pytest

from classifier.management.printing import PRINTED
from classifier.management.rows import Row, spelled
from ml.results import Prediction
from tests.classifier.management.answers import failed, heard, over_time


def written(name: str, rows: Iterable[Row], *, timeline: bool = False) -> str:
    return "".join(PRINTED[name](rows, timeline=timeline))


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


def test_a_name_that_is_not_unicode_can_be_written() -> None:
    path = spelled(os.fsdecode(b"caf\xe9.wav"))
    for name in PRINTED:
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


def test_the_table_has_a_line_for_each_segment_under_its_recording() -> None:
    table = written("table", [over_time("a.wav")], timeline=True)
    assert [line.split() for line in table.splitlines()[2:]] == [
        ["–", "0:00:00", "to", "0:00:02"],
        ["happy", "75%", "0:00:02", "to", "0:00:03"],
        ["sad", "75%", "0:00:03", "to", "0:00:04"],
    ]


def test_the_table_tells_the_channels_of_a_call_apart() -> None:
    call = over_time("a.wav", channels=("left", "right"))
    lines = written("table", [call], timeline=True).splitlines()[2:]
    assert [line.split()[-1] for line in lines] == 3 * ["left"] + 3 * ["right"]


def test_what_is_printed_is_what_a_file_would_hold() -> None:
    records = list(csv.DictReader(io.StringIO(written("csv", [over_time("a.wav")], timeline=True))))
    assert [record["segment"] for record in records] == ["1", "2", "3"]
    (line,) = written("jsonl", [over_time("a.wav")], timeline=True).splitlines()
    assert len(json.loads(line)["timeline"]) == 3
