"""Recordings, an engine for Django's client, and live sites."""

from __future__ import annotations

import array
import io
import os
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from classifier import services
from ml.engine import Engine, EngineConfig
from tests.classifier.live import PATIENCE_S, ROOT, Site

StartSite = Callable[..., Site]


def wav(seconds: float, *, rate_hz: int = 16_000, amplitude: int = 0) -> bytes:
    """A WAV file of a square wave of 200 Hz, silent unless an amplitude is given."""
    period = rate_hz // 200
    pattern = array.array("h", [amplitude] * (period // 2) + [-amplitude] * (period - period // 2))
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, rate_hz, 0, "NONE", ""))
        writer.writeframes((pattern * (int(seconds * rate_hz) // period + 1))[: int(seconds * rate_hz)].tobytes())
    return file.getvalue()


@pytest.fixture(scope="session")
def voice() -> bytes:
    """A voice that is speech to every model."""
    return min((ROOT / "samples").glob("*.wav")).read_bytes()


@pytest.fixture(scope="session")
def ready_engine() -> Iterator[None]:
    """The engine of this process, as the site starts it."""
    services.start()
    assert services.engine().wait_ready(PATIENCE_S), services.readiness().failure
    yield
    services.stop(grace_s=5)


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static files, collected as for production."""
    folder = tmp_path_factory.mktemp("static")
    environment = {**os.environ, "STATIC_ROOT": str(folder)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return folder


@pytest.fixture
def start_site(static_root: Path, tmp_path: Path) -> Iterator[StartSite]:
    """Starts sites with settings of their own, and stops them after the test."""
    with ExitStack() as sites:

        def start(*, within: tuple[str, ...] = (), **environment: str) -> Site:
            log = tmp_path / f"site-{len(list(tmp_path.iterdir()))}.log"
            environment = {"STATIC_ROOT": str(static_root), **environment}
            return sites.enter_context(Site(log, environment=environment, within=within))

        yield start


@pytest.fixture(scope="session")
def site(static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site that is ready, for all tests that leave it as it is."""
    log = tmp_path_factory.mktemp("site") / "site.log"
    with Site(log, environment={"STATIC_ROOT": str(static_root), "RATE_LIMIT": "off"}) as running:
        yield running.wait_ready()


@pytest.fixture
def acting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The site's engine, with one worker that does what a recording tells it."""
    (tmp_path / "version").write_text("1")
    config = EngineConfig(
        model_dir=tmp_path,
        shipped_dir=tmp_path,
        default_model="acting",
        catalogue="tests.ml.engine.acting:ActingCatalogue",
        workers=1,
        queue_size=0,
        clip_timeout_s=2.0,
    )
    with Engine(config) as engine:
        assert engine.wait_ready(PATIENCE_S), engine.failure
        monkeypatch.setattr(services, "engine", lambda: engine)
        yield engine
