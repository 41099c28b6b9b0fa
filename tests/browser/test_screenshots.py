"""The pictures of the documentation: `make screenshots` takes them anew, and every test run checks that it could."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
import soundfile
from PIL import Image
from playwright.sync_api import Page

from ml.synthesis import STYLES, speak
from tests.browser.conftest import OpenPage, StartSite
from tests.browser.studio import Studio
from tests.classifier.live import ROOT, Site

PICTURES = {"studio": "/", "answer": "/", "model": "/models/expressive"}
WIDTH, SCALE, TALLEST = 960, 1.5, 1_200
COLOURS = 128
MOST_BYTES = 150_000


@pytest.fixture(scope="session")
def as_shipped(start_site: StartSite) -> Site:
    """A site with the models that everybody gets."""
    return start_site(MODEL_DIR=str(ROOT / "ml" / "models"), EMOTION_MODEL="expressive")


@pytest.fixture(scope="session")
def images(screenshots: Path) -> Path:
    """The documentation's folder where it is asked for, else where git looks away."""
    return ROOT / "docs" / "images" if os.environ.get("DOCS_IMAGES") else screenshots


@pytest.fixture(scope="session")
def sad_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthesised one, which may be shown to everybody."""
    path, clip = tmp_path_factory.mktemp("voice") / "sad.wav", speak(STYLES["sad"], speech_s=2.5)
    soundfile.write(path, clip.samples, clip.rate_hz)
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_for_the_documentation_is_small(
    open_page: OpenPage, as_shipped: Site, images: Path, sad_voice: Path, name: str, scheme: str
) -> None:
    look = {"color_scheme": scheme, "reduced_motion": "reduce", "device_scale_factor": SCALE}
    page = open_page(PICTURES[name], at=as_shipped, width=WIDTH, allowed=False, **look)
    top, height = 0.0, float(TALLEST)
    if name == "answer":
        be_answered(page, sad_voice)
        page.evaluate("() => document.activeElement.blur()")
        box = page.locator("#outcome").bounding_box()
        assert box
        top, height = page.evaluate("scrollY") + box["y"], box["height"]
    taken = page.screenshot(full_page=True, clip={"x": 0, "y": top, "width": WIDTH, "height": min(TALLEST, height)})
    path = images / f"{name}-{scheme}.png"
    palette = Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    palette.save(path, optimize=True)
    assert 5_000 < path.stat().st_size < MOST_BYTES


def be_answered(page: Page, voice: Path) -> None:
    studio = Studio(page)
    page.wait_for_function("() => document.getElementById('audio').multiple")
    studio.choose(voice)
    studio.wait_for_answer()
    studio.wait_for_wave()
    studio.wait_for_opinions()
