from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from classifier.templatetags.timelines import clock
from classifier.timelines import HEIGHT, tracks

PAUSE: dict[str, Any] = {"start_s": 0.0, "end_s": 1.0, "speech": False, "emotion": None, "scores": []}
SPOKEN: dict[str, Any] = {
    "start_s": 1.0,
    "end_s": 4.0,
    "speech": True,
    "emotion": "sad",
    "scores": [{"label": "sad", "score": 0.75}, {"label": "neutral", "score": 0.25}],
}
ANSWER: dict[str, Any] = {"channel": "mix", "duration_s": 4.0, "timeline": [PAUSE, SPOKEN], "channels": []}


def test_a_ribbon_is_as_wide_as_time_and_as_high_as_the_scores() -> None:
    (track,) = tracks(ANSWER)
    shown = {band.emotion: band for band in track.bands if band.height}
    assert set(shown) == {"neutral", "sad"}
    assert (shown["neutral"].x, shown["neutral"].width) == (250, 750)
    assert (shown["neutral"].y, shown["neutral"].height) == (75, 25)
    assert shown["sad"].y + shown["sad"].height == shown["neutral"].y
    assert sum(band.height for band in track.bands) == HEIGHT


def test_each_side_of_a_call_has_a_track_of_its_own() -> None:
    call = {**ANSWER, "channel": "split", "timeline": [], "channels": [{**ANSWER, "channel": "right"}]}
    assert [track.heading for track in tracks(call)] == ["Right channel"]
    assert tracks({**ANSWER, "timeline": []}) == []


@pytest.mark.parametrize(("at_s", "words"), [(0.0, "0:00.0"), (59.96, "1:00.0"), (75.25, "1:15.2"), (600.0, "10:00.0")])
def test_moments_are_written_as_people_read_them(at_s: float, words: str) -> None:
    assert clock(at_s) == words


@pytest.mark.usefixtures("ready_engine")
def test_without_script_the_page_shows_the_timeline_where_it_is_asked_for(client: Client, voice: bytes) -> None:
    def page(**asked: str) -> str:
        return client.post("/", {"audio": SimpleUploadedFile("voice.wav", voice), **asked}).content.decode()

    followed, single = page(timeline="true"), page()
    answer = followed[followed.index('class="outcome"') :]
    assert '<rect data-emotion="' in answer
    assert 'action="/api/v1/export"' in answer
    assert '<rect data-emotion="' not in single
    assert client.post("/", {"channels": "up"}).status_code == 400
