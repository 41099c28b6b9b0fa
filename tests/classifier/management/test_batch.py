"""Many files through an engine with real processes, around a catalogue that does what each file tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from classifier.management.batch import EngineLostError, Question, ThisMachine, wait_ready
from classifier.management.rows import Row
from ml.engine import Engine, EngineConfig
from ml.errors import UndertoneError
from ml.results import Prediction
from tests.classifier.live import PATIENCE_S, wait_for


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "version").write_text("1")
    return folder


@pytest.fixture
def done() -> list[str]:
    """Has an item for each file that is done."""
    return []


@pytest.fixture
def engine(models: Path, done: list[str]) -> Iterator[Engine]:
    config = EngineConfig(
        model_dir=models,
        shipped_dir=models,
        default_model="acting",
        workers=2,
        queue_size=0,
        clip_timeout_s=PATIENCE_S,
        memory_budget_mb=64,
        catalogue="tests.ml.engine.acting:ActingCatalogue",
    )
    with Engine(config, observe=lambda stage, _: done.append(stage) if stage == "predict" else None) as engine:
        yield engine


def script(folder: Path, name: str, act: str, **how: object) -> str:
    path = folder / name
    path.write_text(json.dumps({"act": act, **how}))
    return str(path)


def analyse(engine: Engine, paths: list[str]) -> Iterator[Row]:
    wait_ready(engine)
    return ThisMachine(engine).rows(paths, Question())


def outcomes(engine: Engine, paths: list[str]) -> list[str]:
    """What was said to each file, or its error; rows come in the order of the paths."""
    rows = list(analyse(engine, paths))
    assert [row.path for row in rows] == paths
    return [row.outcome.why[0] if isinstance(row.outcome, Prediction) else row.outcome.code for row in rows]


def test_rows_come_in_order_although_later_files_are_done_first(
    engine: Engine, tmp_path: Path, done: list[str]
) -> None:
    gate = tmp_path / "gate"
    paths = [script(tmp_path, "slow.wav", "wait_for", path=str(gate))]
    paths += [script(tmp_path, f"{number}.wav", "say", words=str(number)) for number in range(20)]
    with ThreadPoolExecutor(1) as thread:
        said = thread.submit(outcomes, engine, paths)
        wait_for(lambda: len(done) == 20, what="the later files")
        gate.touch()
        assert said.result() == ["waited", *map(str, range(20))]


def test_more_files_than_fit_ahead_are_all_answered(engine: Engine, tmp_path: Path) -> None:
    paths = [script(tmp_path, f"{number}.wav", "say", words=str(number)) for number in range(300)]
    assert outcomes(engine, paths) == [str(number) for number in range(300)]


def test_a_file_that_kills_its_worker_is_tried_twice_and_the_run_goes_on(engine: Engine, tmp_path: Path) -> None:
    paths = [
        script(tmp_path, "a.wav", "say", words="before"),
        script(tmp_path, "b.wav", "crash"),
        script(tmp_path, "c.wav", "say", words="after"),
    ]
    assert outcomes(engine, paths) == ["before", "worker_died", "after"]
    wait_for(lambda: engine.stats().worker_restarts == 2, what="news of both workers")


def test_a_file_that_cannot_be_read_is_a_row(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    with (tmp_path / "huge.wav").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    paths = [str(tmp_path / name) for name in ("gone.wav", "empty.wav", "huge.wav")]
    assert outcomes(engine, paths) == ["unreadable", "empty_upload", "too_large"]


def test_the_limit_is_in_the_sentence(engine: Engine, tmp_path: Path) -> None:
    with (tmp_path / "huge.wav").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    (row,) = analyse(engine, [str(tmp_path / "huge.wav")])
    assert isinstance(row.outcome, UndertoneError)
    assert "larger than 64 MB" in row.outcome.message


def test_it_ends_when_the_engine_cannot_go_on(engine: Engine, models: Path, tmp_path: Path) -> None:
    assert engine.wait_ready(PATIENCE_S)
    engine.stop()
    with pytest.raises(EngineLostError):
        list(analyse(engine, [script(tmp_path, "a.wav", "say", words="never")]))
