from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from classifier import services, sharing
from classifier.errors import WebError
from classifier.templatetags.wording import percent, refusals, seconds, spoken_duration, sureness
from tests.classifier.conftest import wav

SHARED = {"happy": "70", "sad": "30"}
NOBODY: frozenset[str] = frozenset()


def test_a_link_is_read_into_scores_of_our_own_labels() -> None:
    result = sharing.read(
        {**SHARED, "<script>": "9", "uncertain": "1", "model": "classic"}, models=frozenset({"classic"})
    )
    assert result == {
        "emotion": "happy",
        "confidence": 0.7,
        "uncertain": True,
        "scores": [{"label": "happy", "score": 0.7}, {"label": "sad", "score": 0.3}],
        "model": "classic",
    }


def test_a_model_that_is_not_served_is_not_shown() -> None:
    assert sharing.read({**SHARED, "model": "<b>best</b>"}, models=frozenset({"classic"}))["model"] is None


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"joy": "100"},
        {"happy": "101"},
        {"happy": "-1"},
        {"happy": "7e1"},
        {"happy": "٧٠"},
        {"happy": "1" * 5000},
        {"happy": "50"},
    ],
)
def test_a_link_that_holds_no_result_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(WebError, match="does not hold a result"):
        sharing.read(query, models=NOBODY)


@pytest.mark.usefixtures("ready_engine")
def test_an_opened_link_is_marked_as_unverified_and_kept_out_of_search_engines(client: Client) -> None:
    response = client.get("/shared", {**SHARED, "model": services.default_model()})
    assert response["X-Robots-Tag"] == "noindex"
    assert b"Unverified." in response.content
    assert client.get("/shared", {"happy": "900"}).status_code == 400


@pytest.mark.usefixtures("ready_engine")
def test_the_figures_on_the_page_are_those_of_the_manifest(client: Client) -> None:
    page = unescape(client.get("/responsible-use").content.decode())
    for model in services.models():
        accuracy = model["figures"]["actors"]["accuracy"]
        low, value, high = (percent(accuracy[name]) for name in ("low", "value", "high"))
        assert f"<b>{value}</b> (95\u00a0% interval {low} to {high})" in page
        assert all(f">{percent(share)}</td>" in page for share in model["figures"]["actors"]["recall"].values())
    for fact in (
        "Article\u00a05(1)(f)",
        "Article\u00a050(3)",
        "Annex\u00a0III, point\u00a01(c)",
        "2\u00a0December 2027",
    ):
        assert fact in page


@pytest.mark.usefixtures("ready_engine")
@pytest.mark.parametrize("code", ["empty_upload", "unsupported_format", "too_short", "too_long"])
def test_the_page_knows_the_servers_own_words(client: Client, code: str) -> None:
    clips = {
        "empty_upload": b"",
        "unsupported_format": b"notes",
        "too_short": wav(0.2),
        "too_long": wav(601, rate_hz=8000),
    }
    answer = client.post("/api/v1/classify", {"audio": SimpleUploadedFile("clip.wav", clips[code])}).json()
    assert answer["error"] == {"code": code, "message": page_data(client)["refusals"][code]}


@pytest.mark.usefixtures("ready_engine")
def test_the_page_asks_the_default_model_first(client: Client) -> None:
    models = page_data(client)["models"]
    assert models[0] == services.default_model()
    assert sorted(models) == sorted(model["name"] for model in services.models())


def page_data(client: Client) -> Any:
    found = re.search(
        r'<script id="page-data" type="application/json">(.*?)</script>', client.get("/").content.decode()
    )
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize(
    ("confidence", "uncertain", "words"),
    [
        (0.95, False, "Very sure"),
        (0.6, False, "Fairly sure"),
        (0.45, False, "Leaning this way"),
        (0.3, False, "A cautious guess"),
        (0.9, True, "Not sure"),
    ],
)
def test_confidence_is_said_in_words(confidence: float, uncertain: bool, words: str) -> None:
    assert sureness({"confidence": confidence, "uncertain": uncertain}) == words


def test_numbers_are_written_as_people_read_them() -> None:
    assert percent(0.706) == "71\u00a0%"
    assert percent(0.0402, 1) == "4.0\u00a0%"
    assert seconds(3.74) == "3.7\u00a0s"
    assert [spoken_duration(limit) for limit in (60, 600, 45, 90)] == [
        "1\u00a0minute",
        "10\u00a0minutes",
        "45\u00a0seconds",
        "90\u00a0seconds",
    ]


def test_the_words_for_refusals_hold_the_limits() -> None:
    words = refusals({"max_upload_mb": 25, "max_seconds": 42})
    assert "25 MB" in words["too_large"]
    assert "42 seconds" in words["too_long"]
