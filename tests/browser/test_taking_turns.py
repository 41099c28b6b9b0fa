"""Whatever comes next takes the place of what is being listened to, and nothing of that comes back."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenStudio
from tests.browser.studio import UNCERTAIN, Studio

CLIPS = "**/api/v1/classify"
PATIENCE_S = 60.0


def hold(studio: Studio, *files: Path, after: int = 0) -> list[Route]:
    """Send recordings, and hold back what their requests are answered after so many."""
    held: list[Route] = []
    seen: list[Route] = []

    def pass_or_hold(route: Route) -> None:
        seen.append(route)
        if len(seen) <= after:
            route.continue_()
        else:
            held.append(route)

    studio.page.route(CLIPS, pass_or_hold)
    studio.choose(*files)
    deadline = time.monotonic() + PATIENCE_S
    while not held:
        assert time.monotonic() < deadline, "waited in vain for a request"
        studio.page.wait_for_timeout(20)
    studio.page.unroute(CLIPS)
    return held


def release(studio: Studio, held: list[Route]) -> None:
    for route in held:
        with contextlib.suppress(PlaywrightError):  # the page does not wait for it any more
            route.fulfill(json=UNCERTAIN)
    studio.page.wait_for_timeout(500)


@pytest.mark.parametrize("files", [("voice",), ("voice", "clipping")], ids=["a recording", "a list"])
def test_a_recording_takes_the_place(open_studio: OpenStudio, recordings: Path, files: tuple[str, ...]) -> None:
    studio = open_studio()
    held = hold(studio, *(recordings / f"{name}.wav" for name in files))
    studio.choose(recordings / "clipping.wav")
    heard = studio.wait_for_answer()
    studio.wait_for_opinions()
    release(studio, held)
    assert studio.headline.inner_text() == heard
    expect(studio.outcome.locator("table.list")).to_have_count(0)
    studio.wait_for_opinions()


def test_a_list_takes_the_place(open_studio: OpenStudio, recordings: Path) -> None:
    studio = open_studio()
    held = hold(studio, recordings / "voice.wav")
    studio.choose(recordings / "voice.wav", recordings / "clipping.wav")
    expect(studio.get("Download CSV")).to_be_visible()
    release(studio, held)
    expect(studio.get("Download CSV")).to_be_visible()
    expect(studio.headline).to_be_hidden()


def test_a_kept_take_takes_the_place(open_studio: OpenStudio, recordings: Path) -> None:
    studio = open_studio()
    studio.choose(recordings / "voice.wav")
    studio.wait_for_opinions()
    held = hold(studio, recordings / "clipping.wav", after=1)
    studio.wait_for_answer()
    studio.get("Show voice.wav").click()
    studio.wait_for_opinions()
    release(studio, held)
    studio.wait_for_opinions()
    expect(studio.get("Show clipping.wav")).to_be_visible()  # with what it was answered so far


def test_a_sample_that_is_pressed_twice_is_heard_once(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.page.locator("#samples button").first.dblclick()
    studio.wait_for_answer()
    studio.wait_for_opinions()
    expect(studio.page.locator("#takes tbody tr")).to_have_count(1)
