from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenStudio, StartSite
from tests.browser.studio import HIDE_TAB, LIVE_TRACKS, SPY_ON_FORMS, SPY_ON_MICROPHONE


def test_a_spoken_take_is_heard_by_the_real_model(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.record(2.5)
    studio.send()
    studio.wait_for_answer()
    studio.wait_for_opinions()
    studio.get("Copy as JSON").click()
    expect(studio.outcome.locator("output")).to_have_text("JSON copied.")
    first, *others = studio.copied_json()
    assert first["model"]["name"] == "classic"
    assert "second" in [answer["model"]["name"] for answer in others]
    assert 2.5 <= first["duration_s"] <= 6
    assert 0.5 < first["speech_s"] <= first["duration_s"]
    assert first["emotion"] in studio.headline.inner_text()


def test_what_is_sent_is_webm_in_the_recorders_own_type(open_studio: OpenStudio) -> None:
    studio = open_studio(script=SPY_ON_FORMS)
    studio.record(1.5)
    studio.send()
    studio.wait_for_answer()
    kind, name = studio.page.evaluate("sent[0]")
    assert kind == "audio/webm;codecs=opus"
    assert name.endswith(".webm")


def test_the_microphone_is_asked_for_on_click_only_and_for_raw_sound(open_studio: OpenStudio) -> None:
    studio = open_studio(script=SPY_ON_MICROPHONE)
    assert studio.page.evaluate("asked.length") == 0
    studio.start()
    (wanted,) = studio.page.evaluate("asked")
    for processing in ("echoCancellation", "noiseSuppression", "autoGainControl"):
        assert wanted["audio"][processing] is False
    expect(studio.page.locator("#processing")).to_have_text("Recording raw sound, as it is.")


def test_the_microphone_is_free_after_each_take(open_studio: OpenStudio) -> None:
    studio = open_studio(script=SPY_ON_MICROPHONE)
    studio.start()
    assert studio.live_tracks() == 1
    studio.speak_until(1)
    studio.get("Stop").click()
    expect(studio.get("Hear what it hears")).to_be_visible()
    assert studio.live_tracks() == 0


def test_a_hidden_tab_frees_the_microphone_and_keeps_the_take(open_studio: OpenStudio) -> None:
    studio = open_studio(script=SPY_ON_MICROPHONE)
    studio.start()
    studio.speak_until(1.5)
    studio.page.evaluate(HIDE_TAB)
    studio.page.wait_for_function(f"() => ({LIVE_TRACKS})() === 0")
    expect(studio.page.locator("#review-note")).to_contain_text("out of sight")
    studio.send()
    studio.wait_for_answer()


def test_half_a_second_follows_after_stop(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.record(1.5)
    said = studio.page.locator("#review-note").inner_text()
    found = re.search(r"([\d.]+)\s+s long", said)
    assert found
    stopped_at_s = float((studio.page.locator("#clock").text_content() or "").partition(":")[2])
    assert float(found[1]) >= stopped_at_s + 0.45


def test_pausing_keeps_the_pause_out_of_the_take(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.start()
    studio.speak_until(1)
    studio.get("Pause").click()
    expect(studio.status).to_have_text("Paused. Nothing is being recorded.")
    before = studio.page.locator("#clock").inner_text()
    studio.page.wait_for_timeout(700)  # a pause is made of time
    assert studio.page.locator("#clock").inner_text() == before
    studio.get("Resume").click()
    studio.speak_until(2)
    studio.get("Stop").click()
    expect(studio.page.locator("#review-note")).to_have_text(re.compile(r"2\.[4-9]\s+s long|3\.\d\s+s long"))


def test_a_take_can_be_listened_to_thrown_away_and_made_again(open_studio: OpenStudio) -> None:
    studio = open_studio(script=SPY_ON_MICROPHONE)
    studio.record(1)
    slider = studio.page.locator("#review-player").get_by_role("slider")
    expect(slider).to_be_visible()
    studio.get("Play").click()
    expect(studio.get("Pause")).to_be_visible()
    studio.get("Record again").click()
    studio.speak_until(1)
    studio.get("Stop").click()
    studio.get("Throw away").click()
    expect(studio.get("Record")).to_be_focused()
    assert studio.page.evaluate("asked.length") == 2


def test_recording_stops_by_itself_at_the_limit_and_the_take_is_accepted(
    open_studio: OpenStudio, start_site: StartSite
) -> None:
    studio = open_studio(at=start_site(MAX_SECONDS="3"))
    studio.start()
    expect(studio.page.locator("#review-note")).to_contain_text("The longest possible take is reached.")
    studio.send()
    studio.wait_for_answer()


@pytest.mark.parametrize(
    ("microphone", "words"),
    [("muted", "No sound is coming in."), ("quiet", "Too quiet."), ("clipping", "Too loud: the sound is clipping.")],
)
def test_it_warns_while_there_is_time_to_act(open_studio: OpenStudio, microphone: str, words: str) -> None:
    studio = open_studio(microphone=microphone)
    studio.start()
    expect(studio.status).to_contain_text(words)
    studio.get("Stop").click()


def test_a_good_voice_gets_no_warning_and_moves_the_level(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.start()
    studio.page.wait_for_function("() => document.getElementById('level').value > -30")
    studio.speak_until(3)
    expect(studio.status).to_have_text("Recording. Speak as you like.")


def test_it_says_when_the_browser_kept_gain_control_on(open_studio: OpenStudio) -> None:
    reports = "MediaStreamTrack.prototype.getSettings = () => ({ autoGainControl: true, noiseSuppression: true });"
    studio = open_studio(script=reports)
    studio.start()
    expect(studio.page.locator("#processing")).to_contain_text("kept noise suppression and gain control on")


def test_another_microphone_can_be_chosen(open_studio: OpenStudio) -> None:
    studio = open_studio(script=SPY_ON_MICROPHONE)
    choice = studio.page.get_by_label("Microphone", exact=True)
    expect(choice).to_be_visible()
    value = choice.locator("option").nth(1).get_attribute("value")
    choice.select_option(value)
    studio.start()
    assert studio.page.evaluate("asked[0].audio.deviceId.exact") == value


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "Allow it in the address bar"),
        ("NotFoundError", "No microphone was found. Plug one in"),
        ("NotReadableError", "in use elsewhere. Close the other program"),
        ("SecurityError", "switched off for this page"),
        ("AbortError", "Press Record again"),
        ("OddError", "could not be opened"),
    ],
)
def test_every_failure_of_the_microphone_has_its_sentence(open_studio: OpenStudio, name: str, words: str) -> None:
    refuse = f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{name}'));"
    studio = open_studio(script=refuse)
    studio.get("Record").click()
    expect(studio.status).to_contain_text(words)
    expect(studio.get("Record")).to_be_enabled()


def test_a_refused_permission_is_explained(open_studio: OpenStudio) -> None:
    studio = open_studio(allowed=False)
    studio.get("Record").click()
    expect(studio.status).to_contain_text("The microphone is not allowed here.")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("Object.defineProperty(window, 'isSecureContext', { get: () => false })", "https://"),
        ("delete window.MediaRecorder", "This browser cannot record."),
        ("Object.defineProperty(navigator, 'mediaDevices', { get: () => undefined })", "This browser cannot record."),
    ],
)
def test_browsers_and_pages_that_cannot_record_say_so(open_studio: OpenStudio, script: str, words: str) -> None:
    studio = open_studio(script=script)
    studio.get("Record").click()
    expect(studio.status).to_contain_text(words)


def test_a_take_survives_a_dropped_connection(open_studio: OpenStudio) -> None:
    studio = open_studio(expected=("ERR_CONNECTION_RESET",))
    studio.record(2)
    said = studio.page.locator("#review-note").inner_text()
    drops = iter([True])

    def drop_once(route: Route) -> None:
        route.abort("connectionreset") if next(drops, False) else route.continue_()

    studio.page.route("**/api/v1/classify", drop_once)
    studio.send()
    expect(studio.problem).to_contain_text("Your recording is still here: try again.")
    studio.get("Try again").click()
    studio.wait_for_answer()
    length = studio.outcome.locator('[data-fill="duration"]').inner_text()
    assert float(length.split()[0]) == pytest.approx(float(said.split()[-3]), abs=0.2)


def test_the_whole_studio_is_usable_with_the_keyboard_alone(open_studio: OpenStudio) -> None:
    studio = open_studio()
    page = studio.page
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "record":
            break
    page.keyboard.press("Enter")
    studio.speak_until(1.5)
    page.keyboard.press("Enter")
    expect(studio.get("Hear what it hears")).to_be_focused()
    page.keyboard.press("Enter")
    studio.wait_for_answer()
    expect(studio.headline).to_be_focused()
    slider = studio.wait_for_wave()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "0.5")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0.0")
