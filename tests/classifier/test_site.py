"""The page and the API as people and programs use them, and what every answer carries."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from classifier import samples, services
from classifier.schemas import ERRORS
from ml.errors import EngineError
from ml.results import Prediction
from tests.classifier.conftest import StartSite
from tests.classifier.live import Site
from tests.ml.engine.acting import prediction

SHAPE = {
    *("emotion", "confidence", "uncertain", "scores", "why"),
    *("voice_used", "duration_s", "speech_s", "model", "channel", "timeline", "channels", "warnings"),
}


@pytest.mark.usefixtures("ready_engine")
class TestAnswers:
    def test_the_api_tells_what_it_heard(self, client: Client, voice: bytes) -> None:
        response = client.post("/api/v1/classify", {"audio": SimpleUploadedFile("v.wav", voice)})
        answer = response.json()
        assert response.status_code == 200
        assert set(answer) >= SHAPE
        scores = [entry["score"] for entry in answer["scores"]]
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) == pytest.approx(1)
        assert (answer["emotion"], answer["confidence"]) == (answer["scores"][0]["label"], scores[0])
        assert answer["model"]["name"] == services.default_model()

    def test_a_timeline_is_told_where_it_is_asked_for(self, client: Client, voice: bytes) -> None:
        answer = client.post(
            "/api/v1/classify", {"audio": SimpleUploadedFile("v.wav", voice), "timeline": "true"}
        ).json()
        assert answer["timeline"][0]["start_s"] == 0
        assert {segment["speech"] for segment in answer["timeline"]} == {True, False}
        plain = client.post("/api/v1/classify", {"audio": SimpleUploadedFile("v.wav", voice)}).json()
        assert plain["timeline"] == []

    def test_the_sides_of_a_call_are_heard_apart(self, client: Client, voice: bytes) -> None:
        form = {"audio": SimpleUploadedFile("v.wav", voice), "channels": "split"}
        assert "one channel" in client.post("/api/v1/classify", form).json()["warnings"][0]
        form = {"audio": SimpleUploadedFile("v.wav", voice), "channels": "middle"}
        refused = client.post("/api/v1/classify", form)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_parameter")

    def test_the_normal_voice_can_be_taken_from_the_recording(self, client: Client, voice: bytes) -> None:
        form = {"audio": SimpleUploadedFile("v.wav", voice), "voice": "recording"}
        answer = client.post("/api/v1/classify", form).json()
        assert "normal voice" in answer["warnings"][0]
        assert not answer["voice_used"]

    def test_the_page_shows_the_same_answer_without_javascript(self, client: Client, voice: bytes) -> None:
        api = client.post("/api/v1/classify", {"audio": SimpleUploadedFile("v.wav", voice)}).json()
        page = client.post("/", {"audio": SimpleUploadedFile("v.wav", voice)})
        assert page.status_code == 200
        assert page.context["result"]["emotion"] == api["emotion"]
        assert page.context["result"]["confidence"] == pytest.approx(api["confidence"])
        assert api["emotion"] in page.content.decode().lower()

    def test_every_served_model_gives_its_opinion_the_default_first(self, client: Client, voice: bytes) -> None:
        page = client.post("/", {"audio": SimpleUploadedFile("v.wav", voice)})
        heard = [answer["model"]["name"] for answer in page.context["answers"]]
        assert heard[0] == services.default_model()
        assert sorted(heard) == sorted(model["name"] for model in services.models())

    def test_a_sample_voice_answers_in_one_click(self, client: Client) -> None:
        sample = next(iter(samples.available()))
        page = client.post("/", {"sample": sample})
        assert page.status_code == 200
        assert page.context["result"]["emotion"]

    def test_the_models_are_listed_with_their_figures(self, client: Client) -> None:
        models = client.get("/api/v1/models").json()["models"]
        assert models[0]["name"] == services.default_model()
        assert all(model["labels"] and model["features"] and model["figures"] for model in models)

    def test_an_empty_model_name_means_the_default(self, client: Client, voice: bytes) -> None:
        response = client.post("/api/v1/classify", {"audio": SimpleUploadedFile("v.wav", voice), "model": ""})
        assert response.json()["model"]["name"] == services.default_model()


def test_a_second_opinion_that_fails_is_left_out(client: Client, monkeypatch: pytest.MonkeyPatch, voice: bytes) -> None:
    class Heard:
        class model:  # noqa: N801
            name = "first"

    def classify(*, audio: bytes, model: str | None = None, **asked: Any) -> Heard:
        if model:
            raise EngineError("busy", "All are busy.")
        return Heard()

    monkeypatch.setattr(services, "classify_clip", classify)
    monkeypatch.setattr(services, "models", lambda: ({"name": "first"}, {"name": "second"}))
    assert [heard.model.name for heard in services.opinions(audio=voice)] == ["first"]


def test_all_opinions_together_take_no_longer_than_the_first_may(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_s = 1000.0
    until = clock_s + settings.CLIP_TIMEOUT_S + settings.TIMELINE_TIMEOUT_S

    def classify(*, audio: bytes, model: str | None = None, deadline: float = until, **asked: Any) -> Prediction:
        nonlocal clock_s
        assert deadline == until
        clock_s += 70
        return prediction("heard", model or "first")

    monkeypatch.setattr(services, "time", SimpleNamespace(monotonic=lambda: clock_s))
    monkeypatch.setattr(services, "classify_clip", classify)
    monkeypatch.setattr(services, "models", lambda: [{"name": name} for name in ("first", "second", "third", "fourth")])
    heard = services.opinions(audio=b"", timeline=True)
    assert [each.model.name for each in heard] == ["first", "second", "third"]


def test_four_sample_voices_are_offered_and_can_be_heard(client: Client) -> None:
    offered = client.get("/").context["samples"]
    assert len(offered) == 4
    for sample in offered:
        response = client.get(sample.url)
        assert response.status_code == 200
        assert response["Content-Type"] == "audio/wav"
        assert response.getvalue() == sample.audio


def test_part_of_a_sample_voice_can_be_asked_for(client: Client) -> None:
    sample = client.get("/").context["samples"][0]
    response = client.get(sample.url, headers={"Range": "bytes=4-11"})
    assert response.status_code == 206
    assert response.getvalue() == sample.audio[4:12]


@pytest.mark.parametrize("name", ["nobody.wav", "..%2Fsettings.py", "%00.wav"])
def test_an_unknown_sample_voice_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/samples/{name}").status_code == 404
    assert client.post("/", {"sample": name}).status_code == 400


def test_only_recordings_in_the_samples_folder_are_offered(tmp_path: Path) -> None:
    (tmp_path / "01-a_voice.wav").write_bytes(b"RIFF" + bytes(40))
    (tmp_path / "page.wav").write_bytes(b"<html>")
    (tmp_path / "notes.txt").write_bytes(b"RIFF")
    (tmp_path / "huge.wav").write_bytes(b"RIFF" + bytes(samples.MAX_BYTES))
    samples.available.cache_clear()
    try:
        with override_settings(SAMPLES_DIR=tmp_path):
            offered = samples.available()
        assert [(sample.name, sample.label) for sample in offered.values()] == [("01-a_voice.wav", "A voice")]
        samples.available.cache_clear()
        with override_settings(SAMPLES_DIR=tmp_path / "missing"):
            assert samples.available() == {}
    finally:
        samples.available.cache_clear()


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/openapi.json", "/nowhere", "/api/nowhere", "/api/docs"])
def test_every_answer_carries_the_security_headers(site: Site, path: str) -> None:
    headers = site.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["permissions-policy"].startswith("microphone=(self), ")
    assert headers["cache-control"] == "no-store"
    if path != "/healthz":
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["referrer-policy"] == "same-origin"


def test_scripts_on_the_page_carry_a_nonce_that_changes(site: Site) -> None:
    policies = {site.get("/").headers["content-security-policy"] for _ in range(2)}
    assert len(policies) == 2
    assert all("script-src 'self' 'nonce-" in policy or "'nonce-" in policy for policy in policies)


def test_in_production_cookies_and_transport_are_hardened(start_site: StartSite) -> None:
    site = start_site(INSECURE_HTTP="0", TRUSTED_PROXIES="1").wait_alive()
    answer = site.get("/", X_Forwarded_Proto="https")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-csrftoken=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_https_is_believed_of_trusted_proxies_only(start_site: StartSite) -> None:
    site = start_site(INSECURE_HTTP="0").wait_alive()
    assert site.get("/", X_Forwarded_Proto="https").status == 301


def test_a_static_file_is_served_for_good_under_its_hashed_name(site: Site) -> None:
    page = site.get("/").body.decode()
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = site.get(address)
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]
    assert "access-control-allow-origin" not in answer.headers


def test_pages_are_compressed_to_a_length_that_chance_has_a_part_in(client: Client) -> None:
    plain = client.get("/responsible-use").content
    packed = [client.get("/responsible-use", headers={"Accept-Encoding": "gzip, br"}) for _ in range(8)]
    assert all(answer["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer["Vary"] for answer in packed)
    assert all(len(gzip.decompress(answer.content)) == len(plain) for answer in packed)
    assert max(len(answer.content) for answer in packed) < len(plain) / 2
    assert len({len(answer.content) for answer in packed}) > 1


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/api/nowhere"])
def test_errors_and_short_answers_are_sent_as_they_are(client: Client, path: str) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer


def test_the_description_of_the_api_knows_every_error(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    responses = document["paths"]["/api/v1/classify"]["post"]["responses"]
    assert set(responses) == {"200", "400", "408", "411", "413", "415", "422", "429", "503"}
    for status, schema in ERRORS.items():
        if str(status) in responses:
            reference = responses[str(status)]["content"]["application/json"]["schema"]["$ref"]
            assert reference.endswith(f"/{schema.__name__}")


def test_the_reference_page_needs_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/docs").content.decode()
    assert "swagger-ui" in page
    assert "https://" not in page
