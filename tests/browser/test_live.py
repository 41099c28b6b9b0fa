from __future__ import annotations

import itertools
import json
import re

from playwright.sync_api import Request, Route, expect

from ml.emotions import EMOTIONS
from tests.browser.conftest import OpenStudio
from tests.browser.studio import SPY_ON_FORMS, Studio

ANSWERED = re.compile(rf"(perhaps )?({'|'.join(EMOTIONS)}) · \d+\s%")
HEARD = "**/api/v1/classify"


def sent_by(studio: Studio) -> list[Request]:
    sent: list[Request] = []
    studio.page.on("request", lambda request: sent.append(request) if request.url.endswith("classify") else None)
    return sent


def test_the_emotion_is_shown_while_a_person_speaks(open_studio: OpenStudio) -> None:
    studio = open_studio(live=True, script=SPY_ON_FORMS)
    studio.start()
    expect(studio.page.locator("#live-word")).to_have_text(ANSWERED)
    assert studio.page.locator("#live").get_attribute("data-emotion") in EMOTIONS
    assert studio.page.evaluate("sent[0]") == ["audio/wav", "live.wav"]
    studio.get("Stop").click()
    expect(studio.page.locator("#live")).to_be_hidden()
    studio.send()
    studio.wait_for_answer()


def test_it_asks_for_one_answer_at_a_time_and_about_once_a_second(open_studio: OpenStudio) -> None:
    studio = open_studio(live=True)
    sent = sent_by(studio)
    studio.start()
    studio.speak_until(5)
    assert 1 <= len(sent) <= 5
    starts = [start for request in sent if (start := request.timing["startTime"])]  # 0 until it is answered
    assert all(later - earlier >= 1000 for earlier, later in itertools.pairwise(starts))


def test_where_the_site_is_busy_it_says_so_and_the_answer_comes_at_the_end(open_studio: OpenStudio) -> None:
    studio = open_studio(live=True, expected=("503",))
    busy = {"error": {"code": "busy", "message": "Too many recordings are being analysed just now."}}
    refusals = []

    def refuse(route: Route) -> None:
        refusals.append(route.request)
        route.fulfill(status=503, content_type="application/json", body=json.dumps(busy))

    studio.page.route(HEARD, refuse)
    studio.start()
    expect(studio.page.locator("#live-word")).to_have_text("The site is busy: the answer comes at the end.")
    studio.speak_until(4)
    assert len(refusals) == 1
    studio.page.unroute(HEARD)
    studio.get("Stop").click()
    studio.send()
    studio.wait_for_answer()


def test_silence_is_not_sent(open_studio: OpenStudio) -> None:
    studio = open_studio(live=True, microphone="muted")
    sent = sent_by(studio)
    studio.start()
    studio.speak_until(3.5)
    expect(studio.page.locator("#live-word")).to_have_text("listening …")
    assert not sent


def test_a_pause_is_kept_out_of_it(open_studio: OpenStudio) -> None:
    studio = open_studio(live=True)
    studio.start()
    expect(studio.page.locator("#live-word")).to_have_text(ANSWERED)
    studio.get("Pause").click()
    studio.page.wait_for_load_state("networkidle")
    sent = sent_by(studio)
    studio.page.wait_for_timeout(2500)
    assert not sent
    studio.get("Resume").click()
    studio.page.wait_for_event("request", lambda request: request.url.endswith("classify"))


def test_nothing_is_sent_before_the_end_where_it_is_not_wanted(open_studio: OpenStudio) -> None:
    studio = open_studio(live=True)
    studio.page.get_by_label("Show the emotion while I speak").uncheck()
    studio.page.reload()
    expect(studio.page.get_by_label("Show the emotion while I speak")).not_to_be_checked()
    sent = sent_by(studio)
    studio.record(3)
    assert not sent
    assert studio.page.locator("#live").is_hidden()
