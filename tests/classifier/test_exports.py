"""Timelines that a client sends back and gets as files."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import webvtt
from django.http import HttpResponse
from django.test import Client

from classifier import services
from ml.errors import EngineError

Part = dict[str, Any]

SILENCE: Part = {
    "start_s": 0.0,
    "end_s": 1.5,
    "speech": False,
    "emotion": None,
    "confidence": None,
    "scores": [],
}
HAPPY = {
    "start_s": 1.5,
    "end_s": 4.25,
    "speech": True,
    "emotion": "happy",
    "confidence": 0.75,
    "scores": [{"label": "happy", "score": 0.75}, {"label": "sad", "score": 0.25}],
}
ANSWER = {"emotion": "happy", "confidence": 0.75, "timeline": [SILENCE, HAPPY]}


def split(left: list[Part], right: list[Part]) -> Part:
    sides = [{"channel": "left", "timeline": left}, {"channel": "right", "timeline": right}]
    return {"channel": "split", "timeline": [], "channels": sides}


def sent(client: Client, result: Any = ANSWER, **fields: str) -> HttpResponse:
    text = result if isinstance(result, str) else json.dumps(result)
    return client.post("/api/v1/export", {"result": text, "format": "csv", **fields})  # type: ignore[return-value]


def test_csv_has_a_record_for_each_segment(client: Client) -> None:
    response = sent(client, format="csv", name="talk.mp3")
    records = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [(record["start_s"], record["emotion"]) for record in records] == [("0", ""), ("1.5", "happy")]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="talk.csv"'


def test_webvtt_has_a_cue_for_what_is_said(client: Client) -> None:
    response = sent(client, format="vtt")
    (cue,) = webvtt.from_string(response.content.decode(), strict=True).captions
    assert cue.text == "happy (75 %)"
    assert response["Content-Disposition"] == 'attachment; filename="undertone.vtt"'


def test_a_textgrid_and_json_are_called_as_their_programs_expect(client: Client) -> None:
    grid, plain = sent(client, format="textgrid", name="talk.wav"), sent(client, format="json", name="talk.wav")
    assert grid.content.startswith(b'File type = "ooTextFile"')
    assert grid["Content-Disposition"] == 'attachment; filename="talk.TextGrid"'
    assert json.loads(plain.content) == ANSWER
    assert plain["Content-Disposition"] == 'attachment; filename="talk.json"'


def test_both_channels_of_a_call_are_in_one_file(client: Client) -> None:
    call = split([SILENCE, HAPPY], [HAPPY])
    cues = webvtt.from_string(sent(client, call, format="vtt").content.decode()).captions
    assert [cue.voice for cue in cues] == ["left", "right"]


@pytest.mark.parametrize(
    "result",
    [
        "",
        "nothing",
        {},
        {"timeline": None},
        {"timeline": [], "channels": []},
        {"timeline": [{**HAPPY, "emotion": "=cmd()"}]},
        {"timeline": [{**HAPPY, "emotion": None}]},
        {"timeline": [{**HAPPY, "confidence": 1.5}]},
        {"timeline": [{**HAPPY, "end_s": 1.0}]},
        {"timeline": [{**HAPPY, "end_s": float("nan")}]},
        {"timeline": [{**HAPPY, "end_s": 1e12}]},
        {"timeline": [HAPPY, SILENCE]},
        {"channels": [{"channel": "up", "timeline": [HAPPY]}]},
        json.dumps(ANSWER).replace("happy", "\\ud800"),
        '{"timeline":' + "[" * 100_000,
    ],
)
def test_what_is_no_answer_with_a_timeline_is_refused_in_a_sentence(client: Client, result: Any) -> None:
    response = sent(client, result)
    assert response.status_code == 400
    assert json.loads(response.content)["error"]["code"] == "invalid_parameter"


def test_an_unknown_format_is_refused(client: Client) -> None:
    assert sent(client, format="docx").status_code == 400


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ('a"b\r\nSet-Cookie: x.wav', '"a\\"bSet-Cookie: x.csv"'),
        ("../../etc/passwd", '"passwd.csv"'),
        ("C:\\talks\\one.wav", '"one.csv"'),
        ("x" * 500, f'"{"x" * 100}.csv"'),
        ("gespräch.wav", "utf-8''gespr%C3%A4ch.csv"),
    ],
)
def test_a_file_is_called_after_the_recording_whatever_that_was_called(client: Client, name: str, called: str) -> None:
    assert sent(client, name=name)["Content-Disposition"].endswith(called)


def test_ten_minutes_of_both_channels_fit_into_the_field(client: Client) -> None:
    scores = [{"label": label, "score": 0.123456789012345} for label in ("happy", "sad", "angry", "calm")] * 2
    second = [{**HAPPY, "start_s": float(n), "end_s": n + 1.0, "scores": scores} for n in range(600)]
    response = sent(client, split(second, second))
    assert response.status_code == 200
    assert response.content.count(b"\n") == 1201


def test_it_answers_however_busy_the_workers_are(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise EngineError("busy", "All are busy.")

    monkeypatch.setattr(services, "check_room", refuse)
    assert sent(client).status_code == 200
    assert client.post("/api/v1/classify", {"audio": io.BytesIO(b"sound")}).status_code == 503
