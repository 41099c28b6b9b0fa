from __future__ import annotations

from pathlib import Path

import pytest
import webvtt
from playwright.sync_api import expect

from tests.browser.conftest import OpenStudio
from tests.browser.studio import Studio


@pytest.fixture
def conversation(recordings: Path) -> Path:
    return recordings / "talk.wav"


@pytest.fixture
def followed(open_studio: OpenStudio, conversation: Path) -> Studio:
    studio = open_studio()
    studio.choose(conversation)
    expect(studio.outcome.locator(".ribbon rect").first).to_be_attached()
    return studio


def test_a_moment_can_be_read_with_the_keys_and_with_the_pointer(followed: Studio) -> None:
    ribbon, moment = followed.outcome.locator(".ribbon"), followed.outcome.locator(".moment")
    ribbon.focus()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        followed.page.keyboard.press(key)
    expect(moment).to_contain_text("0:01.0: ")
    assert ribbon.get_attribute("aria-valuetext") == moment.inner_text()
    followed.page.keyboard.press("End")
    expect(ribbon).to_have_attribute("aria-valuenow", ribbon.get_attribute("aria-valuemax") or "")
    ribbon.hover(position={"x": 40, "y": 20})
    expect(moment).not_to_contain_text("0:00.0")


def test_a_click_plays_from_that_moment(followed: Studio) -> None:
    expect(followed.get("Play")).to_be_visible()
    ribbon = followed.outcome.locator(".ribbon")
    width = (ribbon.bounding_box() or {"width": 0})["width"]
    ribbon.click(position={"x": width / 2, "y": 20})
    expect(followed.outcome.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_the_table_holds_what_the_ribbon_shows(followed: Studio) -> None:
    followed.outcome.get_by_text("As a table").click()
    rows = followed.outcome.locator(".track tbody tr")
    assert rows.count() >= 2
    assert "no speech" in followed.outcome.locator(".track tbody").inner_text()


def test_it_is_saved_as_subtitles(followed: Studio, tmp_path: Path) -> None:
    with followed.page.expect_download() as saving:
        followed.get("Subtitles").click()
    assert saving.value.suggested_filename == "talk.vtt"
    saving.value.save_as(tmp_path / "talk.vtt")
    assert len(webvtt.read(str(tmp_path / "talk.vtt")).captions) >= 2


def test_the_sides_of_a_call_can_be_switched(open_studio: OpenStudio, conversation: Path) -> None:
    studio = open_studio()
    studio.page.get_by_text("A call, with one person on each side?").click()
    studio.page.get_by_label("Listen to").select_option("split")
    studio.choose(conversation)
    tracks = studio.outcome.locator(".track")
    expect(tracks.first).to_be_visible()
    expect(tracks.last).to_be_hidden()
    sides = studio.outcome.locator(".sides > li")
    expect(sides).to_have_count(2)
    expect(sides.first).to_contain_text("Left channel: ")
    expect(sides.last.locator(".why li").first).to_contain_text("most acted voices")
    studio.page.get_by_label("Right channel").check()
    expect(tracks.first).to_be_hidden()
    expect(tracks.last).to_be_visible()


def test_a_short_take_is_one_moment_and_has_no_timeline(open_studio: OpenStudio, recordings: Path) -> None:
    studio = open_studio()
    studio.choose(recordings / "voice.wav")
    studio.wait_for_answer()
    length = float(studio.outcome.locator('[data-fill="duration"]').inner_text().split()[0])
    expect(studio.outcome.locator(".timeline")).to_be_visible(visible=length >= 6)
