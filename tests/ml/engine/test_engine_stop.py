"""Stopping finishes what is in work, refuses the rest, and leaves no process, whoever is killed first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ml.engine import Engine
from ml.errors import EngineError
from ml.serving import crew
from tests.ml.engine.stage import Gate, StartEngine, children, clip, heard, is_running, parents, wait_until


def test_it_finishes_what_is_in_work_and_refuses_what_waits_or_comes(
    single: Engine, crowd: ThreadPoolExecutor, gate: Gate
) -> None:
    in_work = crowd.submit(single.classify, gate.clip)
    wait_until(lambda: single.stats().in_work == 1)
    waiting = crowd.submit(single.classify, clip("say", words="x"))
    wait_until(lambda: single.stats().queued == 1)
    stop = crowd.submit(single.stop)
    assert getattr(waiting.exception(), "code", None) == "not_ready"
    with pytest.raises(EngineError) as refusal:
        single.classify(clip("say", words="x"))
    assert refusal.value.code == "not_ready"
    gate.open()
    assert in_work.result().why == ("waited",)
    stop.result()


def test_it_leaves_no_process_behind(engine: Engine) -> None:
    (parent,) = parents()
    family = [parent, *children(parent)]
    engine.stop()
    assert [pid for pid in family if Path(f"/proc/{pid}").exists()] == []


def test_what_outlasts_the_grace_is_ended(single: Engine, crowd: ThreadPoolExecutor, gate: Gate) -> None:
    in_work = crowd.submit(single.classify, gate.clip)
    wait_until(lambda: single.stats().in_work == 1)
    single.stop(0.1)
    assert getattr(in_work.exception(), "code", None) == "worker_died"
    assert parents() == []


def test_it_can_be_stopped_while_it_starts(start: StartEngine) -> None:
    start().stop()
    assert parents() == []


def test_it_can_be_stopped_twice_and_before_it_was_started(start: StartEngine, engine: Engine) -> None:
    engine.stop()
    engine.stop()
    Engine(engine.config).stop()


def test_it_stops_although_its_parent_hangs(single: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "ENDING_S", 0.1)
    (parent,) = parents()
    worker = int(heard(single, clip("pid")))
    os.kill(parent, signal.SIGSTOP)
    single.stop(0)
    wait_until(lambda: not is_running(parent) and not is_running(worker))


def test_a_signal_to_the_whole_group_does_not_cut_off_what_is_in_work(
    single: Engine, crowd: ThreadPoolExecutor, gate: Gate
) -> None:
    in_work = crowd.submit(single.classify, gate.clip)
    wait_until(lambda: single.stats().in_work == 1)
    (parent,) = parents()
    for pid in (parent, *children(parent)):
        for ending in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(pid, ending)
    gate.open()
    assert in_work.result().why == ("waited",)


def test_nothing_outlives_a_killed_web_process(models: Path) -> None:
    code = """
import sys
from pathlib import Path
from ml.engine import Engine, EngineConfig
folder = Path(sys.argv[1])
config = EngineConfig(model_dir=folder, shipped_dir=folder, catalogue="tests.ml.engine.acting:ActingCatalogue")
with Engine(config) as engine:
    engine.wait_ready(30)
    print("ready", flush=True)
    sys.stdin.read()
"""
    command = [sys.executable, "-c", code, str(models)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as web:
        assert web.stdout is not None
        assert web.stdout.readline() == "ready\n"
        (parent,) = children(web.pid)
        family = [parent, *children(parent)]
        assert len(family) >= 2
        web.kill()
    wait_until(lambda: not any(is_running(pid) for pid in family))
