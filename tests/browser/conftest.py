"""A site with two models, Chromium with a microphone that plays a file, and pages that report every fault of theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from ml.audio import Samples
from tests.browser.models import two_models
from tests.browser.studio import Studio
from tests.chromium import CHROMIUM
from tests.classifier.live import ROOT, Site

RATE_HZ = 48_000
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]

StartSite = Callable[..., Site]
OpenPage = Callable[..., Page]
OpenStudio = Callable[..., Studio]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What microphones hear: a voice, nothing, a whisper of noise, a voice far too loud; a talk; and files to send."""
    folder = tmp_path_factory.mktemp("recordings")
    voice, rate_hz = soundfile.read(ROOT / "samples" / "excited.wav", dtype="float32")
    rng = np.random.default_rng(0)
    silence = np.zeros(4 * RATE_HZ, np.float32)
    sounds = {
        "voice": (voice, rate_hz),
        "muted": (silence, RATE_HZ),
        "quiet": (0.0008 * rng.standard_normal(len(silence)).astype(np.float32), RATE_HZ),
        "clipping": (np.clip(20 * voice, -1, 1), rate_hz),
        "long": (np.tile(voice, 24), rate_hz),
        "short": (voice[: int(0.2 * rate_hz)], rate_hz),
        "talk": (talk(), rate_hz),
    }
    for name, (samples, rate) in sounds.items():
        soundfile.write(folder / f"{name}.wav", samples, rate)
    (folder / "notes.wav").write_text("These are notes, not sound.\n")
    (folder / "empty.wav").touch()
    return folder


def talk() -> Samples:
    """Two sample voices, one after the other: the first on the left, the second on the right."""
    voices = []
    for name in ("excited", "furious"):
        samples, rate_hz = soundfile.read(ROOT / "samples" / f"{name}.wav", dtype="float32")
        voices.append(np.tile(samples, 3))
    pause = np.zeros(2 * rate_hz, np.float32)
    first, second = voices
    left = np.concatenate([first, pause, np.zeros_like(second)])
    right = np.concatenate([np.zeros_like(first), pause, second])
    return np.stack([left, right], axis=1)


@pytest.fixture(scope="session")
def voice(recordings: Path) -> Path:
    """A file with a voice."""
    return recordings / "voice.wav"


@pytest.fixture(scope="session")
def start_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSite]:
    """Starts sites with two models, as `make run` does, with settings of their own."""
    static_root = tmp_path_factory.mktemp("static")
    model_dir = two_models(tmp_path_factory.mktemp("models"))
    common = {
        "STATIC_ROOT": str(static_root),
        "MODEL_DIR": str(model_dir),
        "EMOTION_MODEL": "classic",
        "RATE_LIMIT": "off",
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    environment = {**os.environ, **common}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    with ExitStack() as sites:

        def start(**environment: str) -> Site:
            log = tmp_path_factory.mktemp("site") / "site.log"
            return sites.enter_context(Site(log, environment={**common, **environment})).wait_ready()

        yield start


@pytest.fixture(scope="session")
def site(start_site: StartSite) -> Site:
    """One site for all tests that leave it as it is."""
    return start_site()


@pytest.fixture(scope="session")
def browser_hearing(playwright: Playwright, recordings: Path) -> Iterator[Callable[[str], Browser]]:
    """Chromium whose microphone plays one of the recordings, over and over."""
    running: dict[str, Browser] = {}

    def launch(microphone: str) -> Browser:
        if microphone not in running:
            flag = f"--use-file-for-fake-audio-capture={recordings / microphone}.wav"
            running[microphone] = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, flag])
        return running[microphone]

    yield launch
    for browser in running.values():
        browser.close()


@pytest.fixture
def open_page(browser_hearing: Callable[[str], Browser], site: Site, tmp_path: Path) -> Iterator[OpenPage]:
    """Opens pages of the site; afterwards nothing may have gone wrong in any of them, nor left the site."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def start(
        path: str = "/",
        *,
        microphone: str = "voice",
        at: Site = site,
        width: int = 1280,
        allowed: bool = True,
        script: str = "",
        expected: tuple[str, ...] = (),
        **options: Any,
    ) -> Page:
        origin = f"http://127.0.0.1:{at.port}"
        context = browser_hearing(microphone).new_context(
            base_url=origin, viewport={"width": width, "height": 844 if width < 600 else 800}, **options
        )
        contexts.append(context)
        permissions = ["clipboard-read", "clipboard-write", *(["microphone"] if allowed else [])]
        context.grant_permissions(permissions, origin=origin)
        page = context.new_page()
        page.add_init_script(f"(() => {{ {script} }})()")
        watch(page, origin, faults, expected)
        page.goto(path)
        return page

    yield start
    for context in contexts:
        # Pages first: a context wipes its storage as it goes, and would tell pages that are half gone.
        for page in context.pages:
            page.close()
        context.close()
    assert not faults


def watch(page: Page, origin: str, faults: list[str], expected: tuple[str, ...]) -> None:
    """Collect what went wrong in a page, but for what a test provokes."""

    def note(fault: str) -> None:
        if not any(words in fault for words in expected):
            faults.append(fault)

    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: note(f"error: {error}"))
    page.on("console", lambda message: note(message.text) if message.type in {"error", "warning"} else None)
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((origin, "blob:", "data:")) else note(f"left the site: {request.url}")
        ),
    )


@pytest.fixture
def open_studio(open_page: OpenPage) -> OpenStudio:
    """Opens the studio, ready to be used; takes are followed live where a test asks for it."""

    def start(path: str = "/", *, live: bool = False, script: str = "", **options: Any) -> Studio:
        choice = "" if live else "localStorage.setItem('undertone-live', 'off');"
        studio = Studio(open_page(path, script=choice + script, **options))
        studio.page.wait_for_function("() => document.getElementById('audio').multiple")
        return studio

    return start


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where the state of every page is kept for people to look at; git ignores it."""
    folder = ROOT / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        pytest.skip("axe-core is not installed; run npm ci")
    return path.read_text()


@pytest.fixture(scope="session", autouse=True)
def waveform_is_installed() -> None:
    if shutil.which("npm") and not (ROOT / "node_modules" / "wavesurfer.js").is_dir():
        pytest.skip("wavesurfer.js is not installed; run npm ci")
