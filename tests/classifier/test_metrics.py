from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from classifier import services


def figures(client: Client) -> dict[tuple[str, ...], float]:
    """Every sample: its name and the values of its labels, and its figure."""
    text = client.get("/metrics").content.decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_how_they_were_answered(client: Client) -> None:
    before = figures(client)
    client.post("/api/v1/classify")
    client.get("/nowhere/at/all")
    after = figures(client)
    refused = ("undertone_requests_total", "missing_audio", "/api/v1/classify")
    key = refused if refused in after else ("undertone_requests_total", "/api/v1/classify", "missing_audio")
    assert after[key] == before.get(key, 0) + 1
    assert not any("/nowhere" in part for labels in after for part in labels)


@pytest.mark.usefixtures("ready_engine")
def test_the_engine_and_its_stages_are_seen(client: Client, voice: bytes) -> None:
    client.post("/api/v1/classify", {"audio": SimpleUploadedFile("v.wav", voice)})
    seen = figures(client)
    for stage in ("queue", "decode", "condition", "features", "predict"):
        assert seen["undertone_stage_seconds_count", stage] >= 1
    names = {labels[0] for labels in seen}
    assert names >= {
        "undertone_workers",
        "undertone_clips_in_work",
        "undertone_clips_queued",
        "undertone_worker_restarts_total",
    }
    served = services.models()[0]
    assert seen["undertone_model_info", served["name"], served["version"]] == 1


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "192.0.2.1"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.1"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.1"}, 403),
    ],
)
def test_without_a_token_only_this_machine_reads_them(client: Client, origin: dict[str, str], status: int) -> None:
    client.defaults.update(origin)
    assert client.get("/metrics").status_code == status


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer right", 200), ("Bearer wrong", 403), ("right", 403), ("", 403), ("Bearer ä", 403)]
)
def test_with_a_token_whoever_has_it_reads_them(client: Client, given: str, status: int) -> None:
    with override_settings(METRICS_TOKEN="right"):
        response = client.get("/metrics", REMOTE_ADDR="192.0.2.1", HTTP_AUTHORIZATION=given)
    assert response.status_code == status
