"""Engines with real processes around a catalogue that does what each recording tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ml.engine import Engine, EngineConfig
from tests.ml.engine.stage import PATIENCE_S, Gate, StartEngine, note_bystanders, parents


@pytest.fixture(autouse=True, scope="module")
def bystanders() -> None:
    """Engines of other tests are not counted."""
    note_bystanders()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path / "gate")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The folder that the acting catalogue loads."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "version").write_text("1")
    return folder


@pytest.fixture
def start(models: Path) -> Iterator[StartEngine]:
    """Starts an engine; stops it when the test ends, and sees that it leaves nothing behind."""
    engines: list[Engine] = []

    def start_engine(*, observe: Callable[[str, float], None] | None = None, **changes: Any) -> Engine:
        defaults: dict[str, Any] = {"workers": 2, "clip_timeout_s": PATIENCE_S, "default_model": "acting"}
        catalogue = {"catalogue": "tests.ml.engine.acting:ActingCatalogue"}
        config = EngineConfig(model_dir=models, shipped_dir=models, **(defaults | catalogue | changes))
        engines.append(Engine(config, observe=observe or (lambda _stage, _seconds: None)))
        engines[-1].start()
        return engines[-1]

    yield start_engine
    for engine in engines:
        engine.stop(0)
    assert parents() == []


@pytest.fixture
def engine(start: StartEngine) -> Engine:
    """An engine with two workers, ready."""
    engine = start()
    assert engine.wait_ready(PATIENCE_S), engine.failure
    return engine


@pytest.fixture
def single(start: StartEngine) -> Engine:
    """An engine with one worker, ready."""
    engine = start(workers=1)
    assert engine.wait_ready(PATIENCE_S), engine.failure
    return engine


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    """Many clients at once."""
    with ThreadPoolExecutor(200) as threads:
        yield threads
