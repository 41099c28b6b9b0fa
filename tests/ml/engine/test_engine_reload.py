"""New models are loaded beside the old ones and swapped in, or refused while the old ones serve on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ml.engine import Engine
from tests.ml.engine.stage import PATIENCE_S, Gate, StartEngine, clip, heard, parents, wait_until


def test_a_reload_serves_the_new_version(engine: Engine, models: Path) -> None:
    (models / "version").write_text("2")
    assert engine.classify(clip("say", words="x")).model.version == "1"
    assert engine.reload()
    assert engine.models()[0]["version"] == engine.classify(clip("say", words="x")).model.version == "2"
    assert len(parents()) == 1


def test_a_refused_reload_leaves_the_old_version_serving_and_says_so(engine: Engine, models: Path) -> None:
    (models / "refuse").write_text("acting/2 gives other scores than recorded.")
    assert not engine.reload()
    assert engine.ready
    assert "acting/2 gives other scores than recorded." in (engine.warning or "")
    assert engine.classify(clip("say", words="x")).model.version == "1"
    (models / "refuse").unlink()
    assert engine.reload()
    assert engine.warning is None


def test_a_reload_that_would_lose_a_model_is_refused_but_one_that_was_taken_away_may_go(
    engine: Engine, models: Path
) -> None:
    (models / "other").write_text("second")
    assert engine.reload()
    (models / "other").unlink()
    (models / "warning").write_text("The pickle of second 2 is not the one its manifest describes.")
    assert not engine.reload()
    assert [model["name"] for model in engine.models()][1:] == ["second"]
    assert "The pickle of second 2" in (engine.warning or "")
    (models / "warning").unlink()
    assert engine.reload()
    assert len(engine.models()) == 1


def test_a_model_that_may_no_longer_be_read_serves_on_but_one_that_never_could_holds_nothing_up(
    start: StartEngine, models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "unreadable").write_text("/models/first may not be read.")
    engine = start()
    assert engine.wait_ready(PATIENCE_S)
    assert engine.warning == "/models/first may not be read."
    assert "/models/first may not be read." in caplog.messages
    (models / "version").write_text("2")
    assert engine.reload()
    assert engine.models()[0]["version"] == "2"
    (models / "version").write_text("3")
    (models / "unreadable").write_text("/models/second may not be read.")
    assert not engine.reload()
    assert "/models/second may not be read." in (engine.warning or "")
    assert engine.models()[0]["version"] == "2"


def test_clips_in_work_and_in_queue_finish_with_the_version_that_took_them(
    single: Engine, crowd: ThreadPoolExecutor, gate: Gate, models: Path
) -> None:
    old = [crowd.submit(single.classify, gate.clip) for _ in range(3)]
    wait_until(lambda: single.stats().queued == 2)
    (models / "version").write_text("2")
    reload = crowd.submit(single.reload)
    wait_until(lambda: single.models()[0]["version"] == "2")
    assert single.classify(clip("say", words="not behind the old ones")).model.version == "2"
    gate.open()
    assert [answer.result().model.version for answer in old] == ["1"] * 3
    assert reload.result()
    assert len(parents()) == 1


def test_no_request_fails_while_reloads_go_on(engine: Engine, crowd: ThreadPoolExecutor) -> None:
    reloads = [crowd.submit(engine.reload) for _ in range(3)]
    answers = 0
    while not all(reload.done() for reload in reloads):
        assert heard(engine, clip("say", words="x")) == "x"
        answers += 1
    assert [reload.result() for reload in reloads] == [True] * 3
    assert answers > 0


def test_a_reload_brings_up_an_engine_that_could_not_start(start: StartEngine, models: Path) -> None:
    (models / "refuse").write_text("acting/1 is damaged.")
    engine = start()
    assert not engine.wait_ready(PATIENCE_S)
    (models / "refuse").unlink()
    assert engine.reload()
    assert heard(engine, clip("say", words="x")) == "x"
