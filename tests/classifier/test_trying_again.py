"""A page that could not be answered yet tries again by itself, with the recording that was sent."""

from __future__ import annotations

import io
import wave
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Playwright, expect

from classifier import services
from classifier.errors import RETRY_AFTER_S, WAITING_HELPS
from ml.errors import EngineError
from tests.chromium import CHROMIUM
from tests.classifier.conftest import StartSite
from tests.classifier.live import ROOT, wait_for

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def page_after(code: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    def fail(**_: object) -> None:
        raise EngineError(code, "It did not work.")

    monkeypatch.setattr(services, "classify_clip", fail)
    return client.post("/", {"audio": SimpleUploadedFile("clip.wav", b"RIFF")})


@pytest.mark.parametrize("code", sorted(WAITING_HELPS))
def test_where_waiting_helps_the_page_says_so_and_reloads(
    client: Client, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = page_after(code, client, monkeypatch)
    page, wait_s = response.content.decode(), RETRY_AFTER_S[code]
    assert response["Retry-After"] == str(wait_s)
    assert f"location.reload(), {wait_s}000)" in page
    assert f"wait {wait_s} seconds, then reload this page" in page  # without JavaScript


@pytest.mark.parametrize("code", ["timeout", "worker_died"])
def test_a_recording_that_cost_a_worker_is_not_sent_again_unasked(
    client: Client, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "location.reload" not in page_after(code, client, monkeypatch).content.decode()


def long_recording(voice: bytes) -> bytes:
    """The voice, over and over, for close to ten minutes: some seconds of work."""
    with wave.open(io.BytesIO(voice)) as reader:
        shape, frames = reader.getparams(), reader.readframes(reader.getnframes())
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams(shape)
        writer.writeframes(frames * int(590 * shape.framerate / shape.nframes))
    return file.getvalue()


@pytest.mark.browser
def test_a_form_sent_while_all_are_busy_is_answered_in_the_end(
    start_site: StartSite, voice: bytes, playwright: Playwright
) -> None:
    site = start_site(WORKERS="1", QUEUE_SIZE="0", RATE_LIMIT="off").wait_ready()
    sample = min((ROOT / "samples").glob("*.wav"))
    with (
        ThreadPoolExecutor(1) as background,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser,
    ):
        page = browser.new_page()
        page.route("**/js/studio*", lambda route: route.abort())  # the form alone, as where modules do not run
        page.goto(f"http://127.0.0.1:{site.port}/")
        page.set_input_files("#audio", sample)
        long = background.submit(site.classify, long_recording(voice))
        wait_for(lambda: b"undertone_clips_in_work 1.0" in site.get("/metrics").body, what="the long clip in work")
        page.evaluate("document.getElementById('upload').submit()")
        expect(page.get_by_text("tries again by itself")).to_be_visible()
        assert long.result().status == 200
        expect(page.get_by_role("region", name="Answer").first).to_be_visible(timeout=60_000)
