"""What Safari reports, by stubs: the choice of container is all that differs for us."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenStudio

BOTH = "MediaRecorder.isTypeSupported = (type) => /webm|mp4/.test(type);"
ONLY_MP4 = "MediaRecorder.isTypeSupported = (type) => /mp4/.test(type);"
APPLE = "Object.defineProperty(navigator, 'vendor', { get: () => 'Apple Computer, Inc.' });"
CANNOT_PLAY_WEBM = """
    const canPlay = HTMLMediaElement.prototype.canPlayType;
    HTMLMediaElement.prototype.canPlayType = function (type) {
        return type.includes('webm') ? '' : canPlay.call(this, type);
    };
"""
SPY = """
    window.chosen = [];
    window.MediaRecorder = class extends MediaRecorder {
        constructor(stream, options) {
            window.chosen.push(options?.mimeType ?? '');
            super(stream);
        }
    };
"""


@pytest.mark.parametrize(
    ("reports", "container"),
    [
        (BOTH + APPLE, "audio/mp4"),
        (BOTH + CANNOT_PLAY_WEBM, "audio/mp4"),
        (ONLY_MP4, "audio/mp4"),
        (BOTH, "audio/webm"),
        ("MediaRecorder.isTypeSupported = () => false;", ""),
    ],
)
def test_safari_records_mp4_and_others_webm(open_studio: OpenStudio, reports: str, container: str) -> None:
    studio = open_studio(script=reports + SPY)
    studio.start()
    (chosen,) = studio.page.evaluate("chosen")
    assert chosen.split(";")[0] == container


def test_what_is_recorded_as_mp4_is_heard_too(open_studio: OpenStudio) -> None:
    studio = open_studio(script=APPLE)
    if not studio.page.evaluate("() => MediaRecorder.isTypeSupported('audio/mp4')"):
        pytest.skip("this Chromium does not record MP4")
    studio.record(2)
    studio.send()
    studio.wait_for_answer()
    expect(studio.outcome.locator('[data-fill="duration"]')).not_to_be_empty()
