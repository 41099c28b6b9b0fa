from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from classifier import services
from classifier.templatetags.wording import percent, points
from tests.ml.manifests import FIGURES, summary

pytestmark = pytest.mark.usefixtures("ready_engine")


def test_each_model_has_a_page_with_its_manifests_figures(client: Client) -> None:
    for model in services.models():
        response = client.get(f"/models/{model['name']}")
        page = unescape(response.content.decode())
        assert response.status_code == 200
        for figures in model["figures"].values():
            for measure in ("uar", "accuracy", "ece"):
                assert percent(figures[measure]["value"], 1) in page
        assert model["version"] in page
        assert model["licence"] in page


def test_of_ones_own_recordings_nothing_is_said_that_nobody_knows(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    even = {**FIGURES, "recall": {"happy": 0.5, "sad": 0.5}}
    monkeypatch.setattr(services, "models", lambda: [summary(figures={"actors": even})])
    page = unescape(client.get("/models/own").content.decode())
    assert "10 clips of recordings of one's own" in page
    assert "acted" not in page.split("</main>")[0].split("<main")[1]
    assert "best" not in page


def test_the_responsible_use_page_leads_to_it(client: Client) -> None:
    page = client.get("/responsible-use").content.decode()
    assert all(f'href="/models/{model["name"]}"' in page for model in services.models())


def test_a_model_that_is_not_served_is_not_found(client: Client) -> None:
    response = client.get("/models/nobody")
    assert response.status_code == 404
    assert "No model of that name is served here." in response.content.decode()


def test_a_difference_is_never_minus_zero() -> None:
    assert [points(share) for share in (-0.0001, 0.0304, -0.02)] == ["0.0", "3.0", "-2.0"]
