from __future__ import annotations

import csv
import io
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from ml.emotions import EMOTIONS
from tests.browser.conftest import OpenPage, OpenStudio
from tests.browser.studio import UNCERTAIN, Studio
from tests.classifier.live import Site


@pytest.fixture
def heard(open_studio: OpenStudio, voice: Path) -> Studio:
    """The studio with an answer on it."""
    studio = open_studio()
    studio.choose(voice)
    studio.wait_for_answer()
    studio.wait_for_opinions()
    return studio


def test_all_scores_are_shown_as_bars_and_numbers(heard: Studio, site: Site, voice: Path) -> None:
    answer = site.classify((voice.name, voice.read_bytes())).json
    rows = heard.outcome.locator("[data-slot=answer] .scores tbody tr")
    expect(rows).to_have_count(len(EMOTIONS))
    for row, score in zip(rows.all(), answer["scores"], strict=True):
        expect(row.get_by_role("rowheader")).to_have_text(score["label"])
        expect(row.locator(".number")).to_have_text(re.compile(rf"{score['score'] * 100:.0f}\s%"))
        assert float(row.locator("meter").get_attribute("value") or 0) == pytest.approx(score["score"], abs=1e-4)
    expect(heard.headline).to_contain_text(answer["emotion"])
    expect(heard.page).to_have_title(re.compile(answer["emotion"]))


def test_every_served_model_gives_its_opinion(heard: Studio, site: Site) -> None:
    names = [model["name"] for model in site.get("/api/v1/models").json["models"]]
    expect(heard.outcome.locator('.answer [data-fill="model"]')).to_have_text(names[0])
    others = heard.outcome.locator(".opinions > li")
    expect(others).to_have_count(len(names) - 1)
    assert {other.locator("[data-fill=model]").inner_text() for other in others.all()} == set(names[1:])
    others.first.locator("summary").click()
    expect(others.first.locator("tbody tr")).to_have_count(len(EMOTIONS))


def test_an_uncertain_answer_looks_uncertain_and_says_why_that_is_honest(open_studio: OpenStudio, voice: Path) -> None:
    studio = open_studio()
    studio.page.route("**/api/v1/classify", lambda route: route.fulfill(json=UNCERTAIN))
    studio.choose(voice)
    expect(studio.headline).to_have_text(re.compile(r"perhaps\s+sad"))
    expect(studio.outcome.locator("[data-slot=answer]").get_by_text("Not sure").first).to_be_visible()
    expect(studio.outcome.get_by_text("more honest than picking one").first).to_be_visible()
    assert studio.headline.evaluate("(e) => getComputedStyle(e).fontStyle") == "italic"


def test_reasons_are_shown_where_a_model_gives_them(open_studio: OpenStudio, voice: Path) -> None:
    studio = open_studio()
    reasons = ["Lower pitch than most voices.", "<b>Slow</b> speech."]
    answer = {**UNCERTAIN, "uncertain": False, "why": reasons}
    studio.page.route("**/api/v1/classify", lambda route: route.fulfill(json=answer))
    studio.choose(voice)
    expect(studio.outcome.locator(".why li")).to_have_text(reasons)


def test_the_wave_seeks_by_click_and_by_arrow_keys_and_plays(heard: Studio) -> None:
    slider = heard.wait_for_wave()
    duration_s = float(slider.get_attribute("aria-valuemax") or 0)
    slider.click(position={"x": (slider.bounding_box() or {"width": 0})["width"] / 2, "y": 40})
    heard.page.wait_for_function("() => Number(document.querySelector('#outcome [role=slider]').ariaValueNow) > 0")
    assert float(slider.get_attribute("aria-valuenow") or 0) == pytest.approx(duration_s / 2, abs=0.1)
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0.0")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", f"0.5 of {duration_s:.1f} seconds")
    heard.get("Play").click()
    heard.page.wait_for_function("() => Number(document.querySelector('#outcome [role=slider]').ariaValueNow) > 0.8")
    heard.get("Pause").click()


def test_the_spectrogram_is_drawn_on_the_mel_scale_with_its_axes(heard: Studio) -> None:
    heard.wait_for_wave()
    canvas = heard.outcome.locator(".player-spectrogram canvas").first
    expect(canvas).to_be_visible()
    heard.page.wait_for_function(DRAWN)
    hertz = heard.outcome.locator(".hertz span")
    expect(hertz).to_have_text(["250 Hz", "500 Hz", "1 kHz", "2 kHz", "4 kHz", "8 kHz"])
    # All at one moment: while the answer still glides into place, one after another lie a little apart.
    ticks = hertz.evaluate_all("ticks => ticks.map((tick) => tick.getBoundingClientRect().y)")
    gaps = [upper - lower for upper, lower in pairwise(ticks)]
    assert gaps == sorted(gaps)  # each octave is taller than the one below it, as on the mel scale
    expect(heard.outcome.locator(".time span").last).to_have_text(re.compile(r"[\d.]+ s"))


def test_without_wavesurfer_the_browsers_own_player_is_there(open_studio: OpenStudio, voice: Path) -> None:
    studio = open_studio(expected=("ERR_FAILED",))
    studio.page.route("**/wavesurfer*", lambda route: route.abort())
    studio.choose(voice)
    studio.wait_for_answer()
    expect(studio.outcome.locator("audio[controls]")).to_be_visible()


def test_a_shared_link_carries_scores_alone_and_opens_as_unverified(heard: Studio, open_page: OpenPage) -> None:
    heard.get("Copy a link to share").click()
    expect(heard.outcome.locator("output")).to_contain_text("never the audio")
    link = urlsplit(heard.copied())
    assert set(parse_qs(link.query)) <= {*EMOTIONS, "model", "uncertain"}
    opened = open_page(f"{link.path}?{link.query}")
    expect(opened.get_by_text("Unverified.")).to_be_visible()
    expect(opened.locator(".headline")).to_have_text(heard.headline.inner_text())


def test_results_are_copied_as_json_and_csv(heard: Studio) -> None:
    heard.get("Copy as JSON").click()
    expect(heard.outcome.locator("output")).to_have_text("JSON copied.")
    answers = heard.copied_json()
    heard.get("Copy as CSV").click()
    expect(heard.outcome.locator("output")).to_have_text("CSV copied.")
    rows = list(csv.DictReader(io.StringIO(heard.copied())))
    assert [row["emotion"] for row in rows] == [answer["emotion"] for answer in answers]
    assert [row["model"] for row in rows] == [answer["model"]["name"] for answer in answers]


def test_what_cannot_be_copied_is_shown_selected(open_studio: OpenStudio, voice: Path) -> None:
    studio = open_studio(script="navigator.clipboard.writeText = () => Promise.reject(new Error());")
    studio.choose(voice)
    studio.wait_for_answer()
    studio.get("Copy a link to share").click()
    expect(studio.page.get_by_label("Copied text")).to_have_value(re.compile("/shared\\?"))


def test_takes_are_remembered_in_this_browser_with_audio_only_when_asked_to(
    open_studio: OpenStudio, voice: Path
) -> None:
    studio = open_studio()
    studio.choose(voice)
    studio.wait_for_answer()
    takes = studio.page.locator("#takes tbody tr")
    expect(takes).to_have_count(1)
    studio.page.get_by_label("Keep my audio too, in this browser").check()
    studio.choose(voice)
    expect(takes).to_have_count(2)
    studio.page.reload()
    expect(takes).to_have_count(2)
    takes.first.get_by_role("button").click()
    studio.wait_for_wave()
    takes.last.get_by_role("button").click()
    studio.wait_for_answer()
    expect(studio.outcome.get_by_role("slider")).to_have_count(0)
    studio.get("Forget all of them").click()
    expect(takes).to_have_count(0)
    studio.page.reload()
    expect(studio.page.locator("#history")).to_be_hidden()


DRAWN = """() => {
    const host = document.querySelector('#outcome .player-spectrogram');
    const canvas = host?.querySelector('canvas');
    if (!canvas?.width) return false;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, index) => index % 4 === 3 && value > 100);
}"""
