"""Every page in every state: for everybody (WCAG 2.2 AA), in both schemes, all sizes, without JavaScript or a jump."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, OpenStudio, StartSite
from tests.browser.studio import Studio

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
SHARED = "/shared?happy=52&surprised=30&angry=18&model=classic"

Show = Callable[[Page, Path], None]


def studio_after(*steps: str) -> Show:
    """Bring the studio into a state, step by step."""

    def show(page: Page, voice: Path) -> None:
        studio = Studio(page)
        page.wait_for_function("() => document.getElementById('audio').multiple")
        for step in steps:
            STEPS[step](studio, voice)

    return show


def several(studio: Studio, voice: Path) -> None:
    studio.choose(voice, voice.with_name("notes.wav"), voice)
    expect(studio.get("Download CSV")).to_be_visible()


def refuse_microphone(studio: Studio, voice: Path) -> None:
    studio.page.context.clear_permissions()
    studio.get("Record").click()
    expect(studio.status).to_contain_text("not allowed here")


def answer(studio: Studio, voice: Path) -> None:
    studio.choose(voice)
    studio.wait_for_answer()
    studio.wait_for_opinions()
    studio.wait_for_wave()


def follow(studio: Studio, voice: Path) -> None:
    studio.choose(voice.with_name("talk.wav"))
    expect(studio.outcome.locator(".ribbon rect").first).to_be_attached()


def both_sides(studio: Studio, voice: Path) -> None:
    studio.page.get_by_text("A call, with one person on each side?").click()
    studio.page.get_by_label("Listen to").select_option("split")


def hear_live(studio: Studio, voice: Path) -> None:
    expect(studio.page.locator("#live-word")).to_contain_text("%")


def record(studio: Studio, voice: Path) -> None:
    studio.start()
    studio.speak_until(2)


def take(studio: Studio, voice: Path) -> None:
    studio.record(1.5)
    expect(studio.page.get_by_role("slider")).to_be_visible()


def refuse_file(studio: Studio, voice: Path) -> None:
    studio.choose(voice.with_name("notes.wav"))
    expect(studio.problem).to_be_visible()


STEPS: dict[str, Callable[[Studio, Path], None]] = {
    "record": record,
    "pause": lambda studio, _: studio.get("Pause").click(),
    "take": take,
    "answer": answer,
    "opinion": lambda studio, _: studio.outcome.locator(".opinions summary").first.click(),
    "several": several,
    "follow": follow,
    "table": lambda studio, _: studio.outcome.get_by_text("As a table").first.click(),
    "both sides": both_sides,
    "hear live": hear_live,
    "refused file": refuse_file,
    "refused microphone": refuse_microphone,
}


def as_it_is(page: Page, voice: Path) -> None:
    """Nothing needs doing."""


def walking(page: Page, voice: Path) -> None:
    page.get_by_role("button", name="Start").click()
    page.wait_for_function("() => document.getElementById('walk-progress').value > 0.1")


def walked(page: Page, voice: Path) -> None:
    page.get_by_label("Seconds for each picture").fill("2")
    walking(page, voice)
    page.wait_for_function("() => document.getElementById('walk-progress').value > 0.7")
    page.get_by_role("button", name="End here").click()
    expect(page.get_by_role("button", name="Download CSV")).to_be_enabled(timeout=60_000)


STATES: dict[str, tuple[str, Show]] = {
    "studio": ("/", studio_after()),
    "recording": ("/", studio_after("record")),
    "paused": ("/", studio_after("record", "pause")),
    "take": ("/", studio_after("take")),
    "answer": ("/", studio_after("answer", "opinion")),
    "several": ("/", studio_after("several")),
    "timeline": ("/", studio_after("follow", "table")),
    "call": ("/", studio_after("both sides", "follow", "table")),
    "live": ("/", studio_after("record", "hear live")),
    "refused-file": ("/", studio_after("refused file")),
    "refused-microphone": ("/", studio_after("refused microphone")),
    "walk": ("/picture-walk", as_it_is),
    "walking": ("/picture-walk", walking),
    "walked": ("/picture-walk", walked),
    "shared": (SHARED, as_it_is),
    "shared-uncertain": (f"{SHARED}&uncertain=1", as_it_is),
    "not-a-result": ("/shared?happy=900", as_it_is),
    "responsible-use": ("/responsible-use", as_it_is),
    "model": ("/models/expressive", as_it_is),
    "not-found": ("/nowhere", as_it_is),
}


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_overflows(
    open_page: OpenPage, axe: str, screenshots: Path, voice: Path, state: str, width: int, scheme: str
) -> None:
    path, show = STATES[state]
    page = open_page(path, width=width, color_scheme=scheme, reduced_motion="reduce", expected=("404", "400"))
    show(page, voice)
    page.screenshot(path=screenshots / f"{state}-{width}-{scheme}.png", full_page=True)
    assert violations(page, axe) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds, in words."""
    page.evaluate(axe)
    found = page.evaluate("(tags) => axe.run({ runOnly: tags, preload: false })", STANDARDS)["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("width", [360, 2560, 3840])
def test_it_fits_every_screen(open_studio: OpenStudio, screenshots: Path, voice: Path, width: int) -> None:
    studio = open_studio(width=width)
    answer(studio, voice)
    studio.page.screenshot(path=screenshots / f"answer-{width}.png", full_page=True)
    assert studio.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_jumps_while_a_take_is_made_and_answered(open_studio: OpenStudio, width: int) -> None:
    studio = open_studio(width=width, script=WATCH_SHIFTS)
    studio.record(1.5)
    studio.send()
    studio.wait_for_answer()
    studio.wait_for_wave()
    assert studio.page.evaluate("shifted") < 0.1  # "good" by https://web.dev/articles/cls


WATCH_SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
"""


def test_a_recording_is_answered_without_javascript(
    open_page: OpenPage, axe: str, voice: Path, screenshots: Path
) -> None:
    page = open_page("/", java_script_enabled=False)
    expect(page.locator("#stage")).to_be_hidden()
    page.get_by_label("Recording", exact=True).set_input_files(voice)
    page.get_by_role("button", name="Listen to it").click()
    expect(page.locator(".headline")).to_be_visible()
    expect(page.locator(".answer .scores tbody tr")).to_have_count(8)
    expect(page.locator(".opinions > li").first).to_be_visible()
    page.screenshot(path=screenshots / "without-javascript.png", full_page=True)


def test_a_sample_and_a_mistake_are_answered_without_javascript(open_page: OpenPage, voice: Path) -> None:
    page = open_page("/", java_script_enabled=False, expected=("400", "415"))
    page.get_by_role("button", name="Listen to it").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("Please choose a recording first"))
    page.get_by_label("Recording", exact=True).set_input_files(voice.with_name("notes.wav"))
    page.get_by_role("button", name="Listen to it").click()
    expect(page.get_by_role("alert")).to_contain_text("none of the formats")
    expect(page.get_by_label("Recording", exact=True)).to_have_attribute("aria-invalid", "true")
    page.locator("#samples button").first.click()
    expect(page.locator(".headline")).to_be_visible()


def test_the_honest_notice_stands_wherever_a_voice_is_analysed(open_page: OpenPage) -> None:
    for path in ("/", "/picture-walk", SHARED):
        expect(open_page(path).get_by_text("not a reading of the mind").first).to_be_visible()


def test_a_site_without_pictures_says_so(open_page: OpenPage, start_site: StartSite, tmp_path: Path) -> None:
    page = open_page("/picture-walk", at=start_site(PICTURES_DIR=str(tmp_path)))
    expect(page.get_by_text("There are no pictures on this site.")).to_be_visible()
