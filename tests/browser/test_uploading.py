from __future__ import annotations

import base64
import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ml.emotions import EMOTIONS
from tests.browser.conftest import OpenStudio, StartSite
from tests.classifier.live import Site

LET_GO = """([type, files]) => {
    const transfer = new DataTransfer();
    for (const [name, content] of files) {
        transfer.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name));
    }
    const event = type === 'paste'
        ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true })
        : new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.querySelector('footer').dispatchEvent(event);
}"""


def give(page: Page, how: str, *files: Path) -> None:
    """Drop or paste files on the page, far from the form."""
    page.evaluate(LET_GO, [how, [[file.name, base64.b64encode(file.read_bytes()).decode()] for file in files]])


def test_a_chosen_file_is_heard(open_studio: OpenStudio, voice: Path) -> None:
    studio = open_studio()
    studio.choose(voice)
    studio.wait_for_answer()
    studio.wait_for_opinions()


def test_a_file_dropped_anywhere_is_heard(open_studio: OpenStudio, voice: Path) -> None:
    studio = open_studio()
    give(studio.page, "dragenter", voice)
    expect(studio.page.locator("body.is-dropping")).to_be_visible()
    give(studio.page, "drop", voice)
    studio.wait_for_answer()
    expect(studio.page.locator("body.is-dropping")).to_have_count(0)


def test_a_pasted_file_is_heard(open_studio: OpenStudio, voice: Path) -> None:
    studio = open_studio()
    give(studio.page, "paste", voice)
    studio.wait_for_answer()


def test_a_sample_voice_answers_in_one_click(open_studio: OpenStudio) -> None:
    studio = open_studio()
    studio.page.locator("#samples button").first.click()
    studio.wait_for_answer()
    studio.wait_for_wave()


def test_several_files_become_a_list_with_a_csv(open_studio: OpenStudio, recordings: Path, tmp_path: Path) -> None:
    studio = open_studio()
    formula = tmp_path / "=1+1.wav"
    formula.write_bytes((recordings / "voice.wav").read_bytes())
    studio.choose(recordings / "voice.wav", recordings / "notes.wav", formula)
    expect(studio.outcome.get_by_role("status").first).to_have_text("2 of 3 recordings answered")
    with studio.page.expect_download() as saved:
        studio.get("Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(saved.value.path()).read_text())))
    models = [row["model"] for row in rows if row["file"] == "voice.wav"]
    assert models[0] == "classic"
    assert "second" in models
    assert {row["file"] for row in rows} == {"voice.wav", "notes.wav", "'=1+1.wav"}
    assert sum(float(rows[0][label]) for label in EMOTIONS) == pytest.approx(1)
    (refused,) = [row for row in rows if row["file"] == "notes.wav"]
    assert "none of the formats" in refused["error"]


def test_one_of_several_can_be_seen_in_full(open_studio: OpenStudio, recordings: Path) -> None:
    studio = open_studio()
    studio.choose(recordings / "voice.wav", recordings / "clipping.wav")
    studio.get("Show clipping.wav").first.click()
    studio.wait_for_answer()
    studio.wait_for_wave()


def test_several_files_are_heard_on_the_side_that_was_chosen(open_studio: OpenStudio, recordings: Path) -> None:
    studio = open_studio(
        script="""
            window.sides = [];
            const append = FormData.prototype.append;
            FormData.prototype.append = function (field, value, ...name) {
                if (field === "channels") window.sides.push(value);
                return append.call(this, field, value, ...name);
            };
        """
    )
    studio.page.get_by_text("A call, with one person on each side?").click()
    studio.page.get_by_label("Listen to").select_option("left")
    studio.choose(recordings / "talk.wav", recordings / "voice.wav")
    expect(studio.outcome.get_by_role("status").first).to_have_text("2 of 2 recordings answered")
    sides = studio.page.evaluate("window.sides")
    assert len(sides) >= 2
    assert set(sides) == {"left"}


def test_a_browser_that_keeps_nothing_still_shows_answers(open_studio: OpenStudio, voice: Path) -> None:
    studio = open_studio(
        script="""for (const name of ["localStorage", "sessionStorage"]) {
            const get = () => { throw new DOMException("denied", "SecurityError"); };
            Object.defineProperty(window, name, { get });
        }"""
    )
    studio.choose(voice)
    studio.wait_for_answer()
    studio.wait_for_opinions()


@pytest.mark.parametrize("file", ["empty", "notes", "long", "short"])
def test_the_page_refuses_before_sending_in_the_servers_own_words(
    open_studio: OpenStudio, start_site: StartSite, recordings: Path, file: str
) -> None:
    strict = start_site(MAX_SECONDS="5")
    studio = open_studio(at=strict)
    sent: list[str] = []
    studio.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    studio.choose(recordings / f"{file}.wav")
    expect(studio.problem).to_have_text(message_of(strict, recordings / f"{file}.wav"))
    expect(studio.get("Try again")).to_be_hidden()
    assert not sent


def test_the_page_refuses_files_over_the_limit(
    open_studio: OpenStudio, start_site: StartSite, recordings: Path
) -> None:
    strict = start_site(MAX_UPLOAD_MB="1")
    studio = open_studio(at=strict)
    studio.choose(recordings / "long.wav")
    expect(studio.problem).to_have_text(message_of(strict, recordings / "long.wav"))


def test_silence_gets_an_explanation_and_no_emotion(open_studio: OpenStudio, site: Site, recordings: Path) -> None:
    studio = open_studio(expected=("422",))
    studio.choose(recordings / "muted.wav")
    expect(studio.problem).to_have_text(message_of(site, recordings / "muted.wav"))
    studio.get("Close").click()
    expect(studio.outcome).to_be_empty()


def test_a_slow_upload_shows_progress_and_can_be_cancelled(open_studio: OpenStudio, recordings: Path) -> None:
    studio = open_studio()
    session = studio.page.context.new_cdp_session(studio.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    session.send("Network.emulateNetworkConditions", slow)
    studio.choose(recordings / "long.wav")
    studio.page.wait_for_function("() => document.querySelector('progress')?.value > 0.01")
    with studio.page.expect_event("requestfailed"):
        studio.get("Cancel").click()
    expect(studio.outcome).to_be_empty()
    expect(studio.get("Record")).to_be_focused()


def test_an_upload_goes_on_after_the_network_comes_back(open_studio: OpenStudio, voice: Path) -> None:
    studio = open_studio(expected=("ERR_INTERNET_DISCONNECTED",))
    studio.page.context.set_offline(True)
    studio.choose(voice)
    expect(studio.problem).to_contain_text("The connection was lost.")
    studio.page.context.set_offline(False)
    studio.get("Try again").click()
    studio.wait_for_answer()


def test_a_busy_site_says_when_to_try_again(open_studio: OpenStudio, start_site: StartSite, voice: Path) -> None:
    studio = open_studio(at=start_site(RATE_LIMIT="1/min"), expected=("429",))
    studio.choose(voice)
    studio.wait_for_answer()
    studio.choose(voice)
    expect(studio.problem).to_contain_text("Please wait")
    expect(studio.get("Try again")).to_be_focused()


def message_of(site: Site, recording: Path) -> str:
    """What the API says of a recording."""
    return str(site.classify((recording.name, recording.read_bytes())).json["error"]["message"])
