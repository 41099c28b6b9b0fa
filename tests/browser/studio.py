"""The studio through the eyes and hands of a person."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from ml.emotions import EMOTIONS

SPY_ON_MICROPHONE = """
    window.asked = [];
    window.streams = [];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        window.asked.push(wanted);
        const stream = await open(wanted);
        window.streams.push(stream);
        return stream;
    };
"""
"""Tells what was asked of the microphone and which streams live; the real one is opened."""

SPY_ON_FORMS = """
    window.sent = [];
    const append = FormData.prototype.append;
    FormData.prototype.append = function (field, value, ...name) {
        if (value instanceof Blob) window.sent.push([value.type, ...name]);
        return append.call(this, field, value, ...name);
    };
"""
"""Tells the type and the name of the files that are sent."""

LIVE_TRACKS = "() => (window.streams ?? []).flatMap((s) => s.getTracks()).filter((t) => t.readyState === 'live').length"

HIDE_TAB = """() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""


UNCERTAIN = {
    "emotion": "sad",
    "confidence": 0.31,
    "uncertain": True,
    "scores": [
        {"label": "sad", "score": 0.31},
        {"label": "calm", "score": 0.29},
        *({"label": label, "score": 0.4 / 6} for label in EMOTIONS if label not in {"sad", "calm"}),
    ],
    "why": [],
    "voice_used": False,
    "duration_s": 2.0,
    "speech_s": 1.5,
    "model": {"name": "classic", "version": "1", "features": "classic-180"},
}
"""An answer, as the site gives them."""


@dataclass(frozen=True)
class Studio:
    """The page at `/` with its script running."""

    page: Page

    def get(self, name: str, role: Any = "button") -> Locator:
        return self.page.get_by_role(role, name=name, exact=True)

    @property
    def status(self) -> Locator:
        return self.page.locator("#stage-status")

    @property
    def outcome(self) -> Locator:
        return self.page.locator("#outcome")

    @property
    def headline(self) -> Locator:
        return self.outcome.locator(".headline")

    @property
    def problem(self) -> Locator:
        return self.outcome.get_by_role("alert")

    def start(self) -> None:
        self.get("Record").click()
        expect(self.get("Stop")).to_be_visible()

    def speak_until(self, duration_s: float) -> None:
        self.page.wait_for_function(
            "least_s => { const [m, s] = document.getElementById('clock').textContent.split(':');"
            "return Number(m) * 60 + Number(s) >= least_s }",
            arg=duration_s,
        )

    def record(self, duration_s: float = 2.0) -> None:
        self.start()
        self.speak_until(duration_s)
        self.get("Stop").click()
        expect(self.get("Hear what it hears")).to_be_visible()

    def send(self) -> None:
        self.get("Hear what it hears").click()

    def choose(self, *files: Path) -> None:
        self.page.locator("#audio").set_input_files([str(file) for file in files])

    def wait_for_answer(self) -> str:
        expect(self.headline).to_be_visible()
        return self.headline.inner_text()

    def wait_for_opinions(self) -> None:
        models = json.loads(self.page.locator("#page-data").text_content() or "")["models"]
        expect(self.outcome.locator(".opinions > li")).to_have_count(len(models) - 1)

    def wait_for_wave(self) -> Locator:
        slider = self.outcome.get_by_role("slider")
        expect(slider).to_be_visible()
        return slider

    def live_tracks(self) -> int:
        return int(self.page.evaluate(LIVE_TRACKS))

    def copied(self) -> str:
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def copied_json(self) -> Any:
        return json.loads(self.copied())
