from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ml.emotions import EMOTIONS
from tests.browser.conftest import OpenPage, StartSite
from tests.browser.studio import HIDE_TAB, LIVE_TRACKS, SPY_ON_MICROPHONE
from tests.classifier.live import Site

DOT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><circle cx="2" cy="1" r="1"/></svg>'
LENGTH = "(audio) => new Promise((done) => { audio.ondurationchange = () => done(audio.duration); audio.load(); })"
WIDTH = "async (src) => { const image = new Image(); image.src = src; await image.decode(); return image.naturalWidth }"
OpenWalk = Callable[..., Page]


@pytest.fixture(scope="module")
def two_pictures(start_site: StartSite, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with two pictures of its own, so that a walk is short."""
    folder = tmp_path_factory.mktemp("pictures")
    for emotion, name in (("happy", "a-dot"), ("sad", "another-dot")):
        (folder / emotion).mkdir()
        (folder / emotion / f"{name}.svg").write_text(DOT)
    return start_site(PICTURES_DIR=str(folder))


@pytest.fixture
def open_walk(open_page: OpenPage, two_pictures: Site) -> OpenWalk:
    def start(*, more: str = "", **options: object) -> Page:
        return open_page("/picture-walk", at=two_pictures, script=SPY_ON_MICROPHONE + more, **options)

    return start


def begin(page: Page, seconds: int = 2) -> None:
    page.get_by_label("Seconds for each picture").fill(str(seconds))
    page.get_by_role("button", name="Start").click()


def wait_for_picture(page: Page, count: str) -> None:
    expect(page.locator("#walk-count")).to_have_text(f"Picture {count}")


def wait_for_end(page: Page) -> None:
    expect(page.get_by_role("button", name="Download CSV")).to_be_enabled(timeout=60_000)


def heard(page: Page) -> list[str]:
    return [stop.locator("dd").nth(1).inner_text() for stop in page.locator("#walk-stops > li").all()]


def test_every_picture_ends_with_what_was_meant_and_what_was_heard(open_walk: OpenWalk) -> None:
    page = open_walk()
    begin(page)
    wait_for_picture(page, "1 of 2")
    expect(page.get_by_alt_text("A dot")).to_be_visible()
    wait_for_picture(page, "2 of 2")
    expect(page.get_by_alt_text("Another dot")).to_be_visible()
    wait_for_end(page)
    assert page.evaluate("asked.length") == 1  # one stream for the whole walk
    assert page.evaluate(LIVE_TRACKS) == 0
    expect(page.locator("#walk-stops audio")).to_have_count(2)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download CSV").click()
    rows = [
        row for row in csv.DictReader(io.StringIO(Path(saved.value.path()).read_text())) if row["model"] == "classic"
    ]
    assert [row["expected"] for row in rows] == ["happy", "sad"]
    assert [row["emotion"] for row in rows] == [words.split()[-1] for words in heard(page)]


def test_a_pause_frees_the_microphone_and_loses_nothing(open_walk: OpenWalk) -> None:
    page = open_walk()
    begin(page, 3)
    page.wait_for_function("() => document.getElementById('walk-progress').value > 0.4")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#walk-state")).to_have_text("Paused. The microphone is off.")
    page.wait_for_function(f"() => ({LIVE_TRACKS})() === 0")
    page.get_by_role("button", name="Go on").click()
    wait_for_picture(page, "2 of 2")
    wait_for_end(page)
    assert page.evaluate("asked.length") == 2
    length_s = page.locator("#walk-stops audio").first.evaluate(LENGTH)
    assert length_s == pytest.approx(3, abs=0.7)


def test_start_pressed_twice_opens_one_microphone(open_walk: OpenWalk) -> None:
    page = open_walk()
    page.get_by_role("button", name="Start").dblclick()
    wait_for_picture(page, "1 of 2")
    page.wait_for_function("() => document.getElementById('walk-progress').value > 0.4")
    page.get_by_role("button", name="End here").click()
    wait_for_end(page)
    assert page.evaluate("asked.length") == 1
    assert page.evaluate(LIVE_TRACKS) == 0


SLOW_TO_STOP = """
    const stop = MediaRecorder.prototype.stop;
    MediaRecorder.prototype.stop = function () {
        setTimeout(() => this.state === "inactive" || stop.call(this), 600);
    };
"""
PRESS_AT_THE_END = """(button) => new Promise((done) => {
    const watch = setInterval(() => {
        if (document.getElementById("walk-progress").value < 1) return;
        clearInterval(watch);
        document.getElementById(button).click();
        done();
    }, 10);
})"""


def test_a_pause_at_the_end_of_a_picture_holds_and_the_next_one_waits(open_walk: OpenWalk) -> None:
    page = open_walk(more=SLOW_TO_STOP)
    begin(page)
    page.evaluate(PRESS_AT_THE_END, "walk-pause")
    page.wait_for_function(f"() => ({LIVE_TRACKS})() === 0")
    page.wait_for_timeout(1000)
    expect(page.locator("#walk-state")).to_have_text("Paused. The microphone is off.")
    page.get_by_role("button", name="Go on").click()
    wait_for_picture(page, "2 of 2")
    wait_for_end(page)
    assert "Nothing was recorded." not in heard(page)


def test_an_end_at_the_end_of_a_picture_ends(open_walk: OpenWalk) -> None:
    page = open_walk(more=SLOW_TO_STOP)
    begin(page)
    page.evaluate(PRESS_AT_THE_END, "walk-finish")
    wait_for_end(page)
    assert page.evaluate(LIVE_TRACKS) == 0
    assert heard(page)[1] == "Nothing was recorded."


def test_a_hidden_tab_pauses_the_walk(open_walk: OpenWalk) -> None:
    page = open_walk()
    begin(page)
    wait_for_picture(page, "1 of 2")
    page.evaluate(HIDE_TAB)
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.wait_for_function(f"() => ({LIVE_TRACKS})() === 0")


def test_leaving_and_coming_back_loses_nothing(open_walk: OpenWalk) -> None:
    page = open_walk()
    begin(page)
    wait_for_picture(page, "2 of 2")
    page.wait_for_function("() => document.getElementById('walk-progress').value > 0.4")
    page.reload()
    expect(page.get_by_text("You stopped at picture 2 of 2.")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    wait_for_end(page)
    assert {words.split()[-1] for words in heard(page)} <= {*EMOTIONS}
    answers = heard(page)
    page.reload()
    page.get_by_role("button", name="See it").click()
    wait_for_end(page)
    assert heard(page) == answers
    page.get_by_role("button", name="Forget this walk").click()
    expect(page.get_by_role("button", name="Start")).to_be_focused()


def test_an_early_end_shows_what_there_is(open_walk: OpenWalk) -> None:
    page = open_walk()
    begin(page)
    page.wait_for_function("() => document.getElementById('walk-progress').value > 0.7")
    page.get_by_role("button", name="End here").click()
    wait_for_end(page)
    assert heard(page)[1] == "Nothing was recorded."


def test_a_refused_microphone_is_explained(open_walk: OpenWalk) -> None:
    page = open_walk(allowed=False)
    begin(page)
    expect(page.get_by_role("alert")).to_contain_text("The microphone is not allowed here.")


def test_the_shipped_walk_has_two_pictures_to_each_of_four_emotions(open_page: OpenPage) -> None:
    page = open_page("/picture-walk")
    pictures = page.evaluate("() => JSON.parse(document.getElementById('walk-pictures').textContent)")
    emotions = [picture["emotion"] for picture in pictures]
    assert sorted(emotions) == sorted(2 * ["calm", "fearful", "happy", "sad"])
    assert len({*emotions[:4]}) == 4
    assert all(page.evaluate(WIDTH, picture["url"]) > 0 for picture in pictures)
