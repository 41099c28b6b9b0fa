"""Tuning the page to one's voice: by microphone and by files, kept in the browser alone, refused, forgotten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from classifier import voices
from ml.results import NormalVoice
from tests.browser.conftest import OpenPage, OpenStudio
from tests.browser.studio import HIDE_TAB, LIVE_TRACKS, SPY_ON_FORMS, SPY_ON_MICROPHONE, Studio
from tests.browser.test_pages import LOOKS, violations
from tests.classifier.live import Site
from tests.classifier.speakers import spoken

SENTENCE_S = 2.5
SPY_ON_VOICES = """
    window.voices = [];
    const { open, send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (method, address) {
        this.classifies = address.endsWith('/classify');
        open.call(this, method, address);
    };
    XMLHttpRequest.prototype.send = function (form) {
        if (this.classifies) window.voices.push(form.has('voice'));
        send.call(this, form);
    };
"""
"""Tells of each recording that is sent whether a voice goes along."""

NOTHING_IS_KEPT = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') };"


@pytest.fixture(scope="session")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Ordinary sentences of one speaker, as files."""
    folder = tmp_path_factory.mktemp("sentences")
    files = [folder / f"{seed}.wav" for seed in range(1, 7)]
    for seed, file in enumerate(files, start=1):
        file.write_bytes(spoken(seed=seed))
    return files


@pytest.fixture
def outdated(site: Site, sentences: list[Path]) -> str:
    """A token that this site signed for a model it does not serve any more."""
    versions = {model["name"]: {"version": "20010101T000000.000000Z"} for model in models(site)}
    token = voices.sign(NormalVoice(3, 9.0, json.dumps(versions)))
    return json.dumps({"token": token, "clips": 3, "speech_s": 9.0, "since_ms": 1e12})


def models(site: Site) -> list[dict[str, Any]]:
    return list(site.get("/api/v1/models").json["models"])


def at(page: Page, name: str) -> Locator:
    return page.locator(f"#voice-{name}")


def tune(studio: Studio, *files: Path) -> None:
    at(studio.page, "files").set_input_files([str(file) for file in files])
    expect(at(studio.page, "state")).to_contain_text("Tuned to your voice")


def kept(page: Page) -> dict[str, Any] | None:
    text = page.evaluate("localStorage.getItem('undertone-voice')")
    return None if text is None else dict(json.loads(text))


def speak(page: Page, number: int) -> None:
    expect(at(page, "count")).to_have_text(f"Sentence {number} of 3")
    page.wait_for_function(
        "least_s => Number(document.getElementById('voice-clock').textContent.split(':')[1]) >= least_s", arg=SENTENCE_S
    )


def fact(studio: Studio) -> Locator:
    return studio.outcome.locator('.answer [data-fill="voice"]')


def test_three_sentences_are_recorded_by_keyboard_from_one_opened_microphone(open_studio: OpenStudio) -> None:
    studio = open_studio(script=SPY_ON_MICROPHONE + SPY_ON_FORMS)
    page = studio.page
    expect(at(page, "state")).to_contain_text("Not set")
    at(page, "record").focus()
    page.keyboard.press("Enter")
    for number in (1, 2, 3):
        expect(at(page, "next")).to_be_focused()
        expect(at(page, "next")).to_have_text("Done" if number == 3 else "Next sentence")
        speak(page, number)
        page.keyboard.press("Enter")
    expect(at(page, "state")).to_contain_text("Tuned to your voice · 3 clips")
    expect(at(page, "title")).to_be_focused()
    assert len(page.evaluate("asked")) == 1
    assert page.evaluate("asked")[0]["audio"]["autoGainControl"] is False
    assert studio.live_tracks() == 0
    assert [name for _, name in page.evaluate("sent")] == [f"sentence {number}.webm" for number in (1, 2, 3)]


def test_files_tune_the_page_and_every_answer_says_that_they_did(
    open_studio: OpenStudio, sentences: list[Path], site: Site
) -> None:
    studio = open_studio()
    tune(studio, *sentences[:2])
    expect(at(studio.page, "state")).to_contain_text("2 clips")
    expect(at(studio.page, "line")).to_have_text("Tuned to your voice")
    studio.page.reload()
    expect(at(studio.page, "state")).to_contain_text("2 clips")
    studio.choose(sentences[3])
    studio.wait_for_answer()
    expect(fact(studio)).to_have_text("Used")
    expect(studio.outcome.locator(".why")).to_contain_text("the speaker's normal voice")
    expect(studio.outcome.locator(".opinions > li")).to_have_count(len(models(site)) - 1)
    expect(studio.outcome.locator(".opinions > li").first).to_contain_text("with your normal voice")


def test_without_a_voice_the_answer_says_so(open_studio: OpenStudio, sentences: list[Path]) -> None:
    studio = open_studio()
    studio.choose(sentences[3])
    studio.wait_for_answer()
    expect(fact(studio)).to_have_text("Not used")
    studio.wait_for_opinions()
    expect(studio.outcome.get_by_text("with your normal voice").first).to_be_hidden()


def test_a_sample_voice_is_a_strangers(open_studio: OpenStudio, sentences: list[Path], site: Site) -> None:
    studio = open_studio(script=SPY_ON_VOICES)
    tune(studio, sentences[0])
    studio.page.locator("#samples button").first.click()
    studio.wait_for_answer()
    others = len(models(site)) - 1
    expect(studio.outcome.locator(".opinions > li")).to_have_count(others)
    studio.choose(sentences[1])
    expect(fact(studio)).to_have_text("Used")
    assert studio.page.evaluate("voices")[: 2 + others] == [*[False] * (1 + others), True]


def test_it_can_be_set_aside_and_taken_up_again(open_studio: OpenStudio, sentences: list[Path]) -> None:
    studio = open_studio()
    tune(studio, sentences[0])
    studio.page.get_by_label("Use it for what I record and send").uncheck()
    expect(at(studio.page, "state")).to_contain_text("set aside for now")
    studio.page.reload()
    expect(at(studio.page, "line")).to_have_text("Your normal voice is set aside")
    studio.choose(sentences[1])
    studio.wait_for_answer()
    expect(fact(studio)).to_have_text("Not used")
    studio.page.get_by_label("Use it for what I record and send").check()
    studio.choose(sentences[1])
    expect(fact(studio)).to_have_text("Used")


def test_one_click_forgets_it_everywhere(open_studio: OpenStudio, sentences: list[Path]) -> None:
    studio = open_studio()
    tune(studio, sentences[0])
    other = studio.page.context.new_page()
    other.goto("/picture-walk")
    expect(at(other, "line")).to_have_text("Tuned to your voice")
    studio.get("Forget my voice").click()
    expect(at(studio.page, "state")).to_contain_text("Not set")
    expect(at(other, "line")).to_have_text("Not tuned to your voice")
    assert kept(studio.page) is None
    studio.choose(sentences[1])
    studio.wait_for_answer()
    expect(fact(studio)).to_have_text("Not used")


def test_a_refused_voice_is_told_and_one_click_answers_without_it(
    open_studio: OpenStudio, sentences: list[Path], outdated: str
) -> None:
    studio = open_studio(expected=("400",), script=f"localStorage['undertone-voice'] ??= {json.dumps(outdated)};")
    expect(at(studio.page, "state")).to_contain_text("3 clips, 9.0\u00a0s of speech")
    studio.choose(sentences[0])
    expect(studio.problem).to_contain_text("another version of the model. Please record it again.")
    expect(at(studio.page, "state")).to_contain_text("Not in use.")
    expect(at(studio.page, "line")).to_have_text("Your normal voice must be recorded again")
    expect(studio.get("Listen without my normal voice")).to_be_focused()
    studio.page.keyboard.press("Enter")
    studio.wait_for_answer()
    expect(fact(studio)).to_have_text("Not used")
    tune(studio, sentences[1])
    studio.choose(sentences[0])
    expect(fact(studio)).to_have_text("Used")


def test_a_list_is_answered_whole_when_the_voice_is_refused(
    open_studio: OpenStudio, sentences: list[Path], outdated: str
) -> None:
    studio = open_studio(expected=("400",), script=f"localStorage['undertone-voice'] ??= {json.dumps(outdated)};")
    studio.choose(*sentences[:2])
    expect(studio.outcome.get_by_role("status")).to_have_text("2 of 2 recordings answered")
    expect(at(studio.page, "state")).to_contain_text("Not in use.")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["notes.wav"], "none of the formats"),
        (["empty.wav"], "The file is empty."),
        (["short.wav"], "shorter than 0.5 seconds"),
        (["muted.wav"], "only silence"),
        (6 * ["voice.wav"], "at most 5 recordings"),
    ],
)
def test_useless_files_are_refused_in_a_sentence(
    open_studio: OpenStudio, recordings: Path, names: list[str], sentence: str
) -> None:
    studio = open_studio(expected=("422",))
    at(studio.page, "files").set_input_files([str(recordings / name) for name in names])
    expect(at(studio.page, "problem")).to_contain_text(sentence)
    expect(at(studio.page, "resend")).to_be_hidden()
    assert kept(studio.page) is None


def test_recordings_survive_a_lost_connection(open_studio: OpenStudio, sentences: list[Path]) -> None:
    studio = open_studio(expected=("ERR_FAILED",))
    studio.page.route("**/api/v1/voice", lambda route: route.abort(), times=1)
    at(studio.page, "files").set_input_files(str(sentences[0]))
    expect(at(studio.page, "problem")).to_contain_text("The connection was lost.")
    studio.get("Send it again").click()
    expect(at(studio.page, "state")).to_contain_text("Tuned to your voice · 1 clip,")


def test_where_nothing_can_be_kept_it_says_so(open_studio: OpenStudio, sentences: list[Path]) -> None:
    studio = open_studio(script=NOTHING_IS_KEPT)
    at(studio.page, "files").set_input_files(str(sentences[0]))
    expect(at(studio.page, "problem")).to_contain_text("lets the page keep nothing")
    expect(at(studio.page, "state")).to_contain_text("Not set")


def test_a_microphone_that_is_not_allowed_is_told(open_studio: OpenStudio) -> None:
    studio = open_studio(allowed=False)
    at(studio.page, "record").click()
    expect(at(studio.page, "problem")).to_contain_text("The microphone is not allowed here.")
    expect(at(studio.page, "record")).to_be_focused()


def test_cancelling_and_hiding_the_tab_free_the_microphone(open_studio: OpenStudio) -> None:
    studio = open_studio(script=SPY_ON_MICROPHONE)
    at(studio.page, "record").click()
    expect(at(studio.page, "next")).to_be_visible()
    studio.get("Cancel the recording").click()
    assert studio.live_tracks() == 0
    expect(at(studio.page, "record")).to_be_focused()
    at(studio.page, "record").click()
    expect(at(studio.page, "next")).to_be_visible()
    studio.page.evaluate(HIDE_TAB)
    studio.page.wait_for_function(f"() => ({LIVE_TRACKS})() === 0")
    expect(at(studio.page, "problem")).to_contain_text("out of sight")


def test_a_take_and_the_sentences_are_never_recorded_together(open_studio: OpenStudio) -> None:
    studio = open_studio(script=SPY_ON_MICROPHONE)
    at(studio.page, "record").click()
    expect(at(studio.page, "next")).to_be_visible()
    studio.start()
    expect(at(studio.page, "problem")).to_contain_text("A take is being recorded")
    studio.page.wait_for_function(f"() => ({LIVE_TRACKS})() === 1")
    at(studio.page, "record").click()
    expect(at(studio.page, "problem")).to_contain_text("A take is being recorded")
    assert len(studio.page.evaluate("asked")) == 2


def test_without_javascript_the_card_is_absent(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    expect(page.get_by_role("heading", name="How do you sound?")).to_be_visible()
    expect(page.locator("#voice")).to_be_hidden()
    expect(at(page, "line")).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_axe_finds_nothing_in_any_state_of_the_card(
    open_studio: OpenStudio,
    axe: str,
    screenshots: Path,
    sentences: list[Path],
    outdated: str,
    width: int,
    scheme: str,
) -> None:
    studio = open_studio(width=width, color_scheme=scheme, reduced_motion="reduce")
    page = studio.page

    def check(state: str) -> None:
        page.screenshot(path=screenshots / f"voice-{state}-{width}-{scheme}.png", full_page=True)
        assert violations(page, axe) == [], state
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), state

    check("unset")
    at(page, "record").click()
    speak(page, 1)
    check("recording")
    studio.get("Cancel the recording").click()
    at(page, "files").set_input_files([str(file) for file in sentences])
    expect(at(page, "problem")).to_be_visible()
    check("problem")
    tune(studio, sentences[0])
    check("set")
    studio.get("Tune again").click()
    check("again")
    page.evaluate("text => localStorage.setItem('undertone-voice', text)", refused(outdated))
    page.reload()
    expect(at(page, "state")).to_contain_text("Not in use.")
    check("refused")


def refused(text: str) -> str:
    refusal = "Your normal voice was recorded for another version of the model. Please record it again."
    return json.dumps({**json.loads(text), "refusal": refusal})
