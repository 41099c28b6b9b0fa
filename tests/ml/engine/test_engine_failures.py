"""Workers that crash, hang, lie or are killed cost one request; a parent that is killed is replaced."""

from __future__ import annotations

import json
import os
import random
import signal
import struct
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from ml.engine import Engine
from ml.errors import AudioError, EngineError
from ml.results import NormalVoice
from ml.serving import crew
from tests.ml.engine.acting import prediction
from tests.ml.engine.stage import PATIENCE_S, Gate, StartEngine, children, clip, heard, is_running, parents, wait_until


def frame(header: object) -> str:
    """A frame as it is on the wire, one character a byte."""
    head = json.dumps(header).encode()
    return (struct.pack(">I", len(head)) + head).decode("latin-1")


def answer(*, fault: object = None, **changes: object) -> str:
    """A worker's answer with something changed."""
    heard = asdict(prediction("lie")) | changes
    return frame({"prediction": heard, "seconds": {}, "fault": fault, "leaving": False, "parts": []})


def error(**changes: object) -> str:
    """A worker's refusal with something changed."""
    refused = {"error": "AudioError", "code": "x", "message": "y", "recording": None} | changes
    return frame({**refused, "seconds": {}, "fault": None, "leaving": False, "parts": []})


LIES = {
    "an endless header": "\xff\xff\xff\xff",
    "no JSON": "\x00\x00\x00\x04{{{{",
    "nested JSON": "\x00\x0f\x42\x40" + "[" * 1_000_000,
    "a list": frame([]),
    "no parts": frame({"prediction": None}),
    "a part without end": frame({"parts": [2**40]}),
    "a negative part": frame({"parts": [-1]}),
    "no answer": frame({"parts": []}),
    "an unknown error": frame({"error": "SystemExit", "code": "x", "message": "y", "seconds": {}, "parts": []}),
    "half an answer": answer()[:50],
    "a number for an emotion": answer(emotion=5),
    "a text for a confidence": answer(confidence="<b>"),
    "an infinite confidence": answer(confidence=1e999).replace("Infinity", "1e999"),
    "not a number": answer(confidence=float("nan")),
    "a number without end": answer(confidence=10**400),
    "half a character": answer(emotion="\ud800"),
    "half a character in an error": error(message="\ud800"),
    "an error about a recording that was not sent": error(recording=2),
    "an error about no recording at all": error(recording=0),
    "a text for a recording": error(recording="<b>"),
    "a recording as a fault": answer(fault="canary in the words of a recording"),
    "a line of a log as a fault": answer(fault="ValueError in ml.audio:1\ncanary"),
    "a list as a fault": answer(fault=["canary"]),
    "another task's answer": frame(
        {"normal_voice": asdict(NormalVoice(1, 1.0, "")), "seconds": {}, "fault": None, "leaving": False, "parts": []}
    ),
    "a missing field": frame({"prediction": {"emotion": "calm"}, "seconds": {}, "fault": None, "parts": []}),
}


@pytest.mark.parametrize("act", [clip("crash"), clip("leave", status=0), clip("leave", status=3)])
def test_a_worker_that_dies_costs_its_own_request_only(single: Engine, act: object) -> None:
    with pytest.raises(EngineError) as loss:
        single.classify(act)  # type: ignore[arg-type]
    assert loss.value.code == "worker_died"
    assert heard(single, clip("say", words="next")) == "next"
    wait_until(lambda: single.stats().worker_restarts == 1)


def test_the_log_tells_what_a_worker_died_of(single: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(EngineError):
        single.classify(clip("crash"))
    wait_until(lambda: "killed by SIGSEGV" in caplog.text)


def test_a_clip_that_takes_too_long_is_stopped_and_its_worker_replaced(start: StartEngine) -> None:
    engine = start(workers=1, clip_timeout_s=0.3)
    assert engine.wait_ready(PATIENCE_S)
    pid = int(heard(engine, clip("pid")))
    with pytest.raises(EngineError, match=r"longer than 0\.3 seconds") as overrun:
        engine.classify(clip("spin"))
    assert overrun.value.code == "timeout"
    wait_until(lambda: not is_running(pid))
    assert int(heard(engine, clip("pid"))) != pid


def test_a_recording_that_is_followed_over_time_has_a_limit_of_its_own(start: StartEngine) -> None:
    engine = start(workers=1, clip_timeout_s=PATIENCE_S, timeline_timeout_s=0.3)
    assert engine.wait_ready(PATIENCE_S)
    for followed in ({"timeline": True}, {"channels": "split"}):
        with pytest.raises(EngineError, match=r"longer than 0\.3 seconds"):
            engine.classify(replace(clip("spin"), **followed))
    assert heard(engine, clip("say", words="next")) == "next"


def test_nobody_is_kept_waiting_past_a_deadline_of_their_own(single: Engine, gate: Gate) -> None:
    with pytest.raises(EngineError) as overrun:
        single.classify(clip("spin"), deadline=time.monotonic() + 0.3)
    assert overrun.value.code == "timeout"
    with ThreadPoolExecutor(1) as first:
        blocked = first.submit(single.classify, gate.clip)
        wait_until(lambda: single.stats().in_work)
        with pytest.raises(EngineError) as full:
            single.classify(clip("say", words="x"), deadline=time.monotonic() + 0.3)
        gate.open()
        blocked.result()
    assert full.value.code == "busy"


def test_a_stopped_worker_does_not_hold_up_a_large_recording_for_ever(start: StartEngine) -> None:
    engine = start(workers=1, clip_timeout_s=0.3)
    assert engine.wait_ready(PATIENCE_S)
    os.kill(int(heard(engine, clip("pid"))), signal.SIGSTOP)
    with pytest.raises(EngineError) as overrun:
        engine.classify(clip("say", words="x", padding=bytes(2**24)))
    assert overrun.value.code == "timeout"
    assert heard(engine, clip("say", words="next")) == "next"


def test_a_worker_killed_while_it_was_free_costs_nothing(single: Engine) -> None:
    for _ in range(5):
        pid = int(heard(single, clip("pid")))
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda pid=pid: not is_running(pid))  # type: ignore[misc]
        assert heard(single, clip("say", words="unharmed")) == "unharmed"


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_worker_that_sends_anything_but_an_answer_is_lost(
    single: Engine, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(EngineError) as loss:
        single.classify(clip("reply", latin1=lie))
    assert loss.value.code == "worker_died"
    assert heard(single, clip("say", words="next")) == "next"
    assert "canary" not in caplog.text


def test_an_endless_answer_is_cut_off(single: Engine) -> None:
    header = frame({"parts": [single.config.reply_limit_bytes]})
    with pytest.raises(EngineError) as loss:
        single.classify(clip("reply", latin1=header + "x" * 1000, repeat=10_000))
    assert loss.value.code == "worker_died"


def test_a_second_answer_never_reaches_the_next_client(single: Engine) -> None:
    assert heard(single, clip("reply", latin1=answer() * 2, then_stay=True)) == "lie"
    assert heard(single, clip("say", words="mine")) == "mine"


def test_memory_that_a_recording_needs_too_much_of_is_refused_and_the_worker_lives(single: Engine) -> None:
    pid = heard(single, clip("pid"))
    with pytest.raises(AudioError, match="256 MB of memory") as refusal:
        single.classify(clip("eat", megabytes=1024))
    assert refusal.value.code == "unusable_signal"
    assert heard(single, clip("pid")) == pid


def test_a_worker_that_has_grown_is_replaced_between_clips(single: Engine) -> None:
    pid = heard(single, clip("hoard", megabytes=64))
    assert heard(single, clip("pid")) != pid
    wait_until(lambda: not is_running(int(pid)))


def test_a_killed_parent_is_replaced_and_its_workers_die_with_it(engine: Engine) -> None:
    (parent,) = parents()
    worker = int(heard(engine, clip("pid")))
    os.kill(parent, signal.SIGKILL)
    wait_until(lambda: not engine.ready)
    assert engine.wait_ready(PATIENCE_S)
    assert heard(engine, clip("say", words="back")) == "back"
    assert not is_running(worker)
    assert engine.stats().parent_restarts == 1


def test_clips_in_work_and_in_queue_are_told_when_the_parent_is_killed(
    single: Engine, crowd: ThreadPoolExecutor, gate: Gate
) -> None:
    lost = [crowd.submit(single.classify, gate.clip) for _ in range(3)]
    wait_until(lambda: single.stats().queued == 2)
    os.kill(parents()[0], signal.SIGKILL)
    codes = sorted(getattr(call.exception(), "code", "none") for call in lost)
    assert codes == ["not_ready", "not_ready", "worker_died"]


def test_a_parent_that_hangs_is_replaced(start: StartEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "HANDSHAKE_S", 0.5)
    engine = start(workers=1)
    assert engine.wait_ready(PATIENCE_S)
    (parent,) = parents()
    os.kill(parent, signal.SIGSTOP)
    with pytest.raises(EngineError):
        engine.classify(clip("crash"))
    wait_until(lambda: not is_running(parent) and not engine.ready)
    assert engine.wait_ready(PATIENCE_S)
    assert heard(engine, clip("say", words="back")) == "back"


def test_it_says_why_it_cannot_get_ready_and_recovers_when_the_reason_is_gone(start: StartEngine, models: Path) -> None:
    (models / "refuse").write_text("acting/1 has a wrong hash.")
    engine = start()
    assert not engine.wait_ready(PATIENCE_S)
    assert engine.failure == "acting/1 has a wrong hash."
    (models / "refuse").unlink()
    wait_until(lambda: engine.ready)
    assert engine.failure is None


def test_workers_that_die_at_birth_do_not_spin(start: StartEngine, models: Path) -> None:
    (models / "stillborn").touch()
    engine = start()
    assert not engine.wait_ready(PATIENCE_S)
    assert engine.failure == "RuntimeError: The workers end before they can take a clip."
    (models / "stillborn").unlink()
    wait_until(lambda: engine.ready)
    assert engine.stats().worker_restarts == 0


def test_a_catalogue_that_cannot_be_imported_is_named(start: StartEngine) -> None:
    engine = start(catalogue="tests.ml.engine.nowhere:Catalogue")
    assert not engine.wait_ready(PATIENCE_S)
    assert "nowhere" in (engine.failure or "")


def test_a_parent_that_cannot_be_started_is_tried_again(start: StartEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nonexistent/python")
        engine = start()
        assert not engine.wait_ready(PATIENCE_S)
        assert "/nonexistent/python" in (engine.failure or "")
    wait_until(lambda: engine.ready)


def test_random_kills_under_load_give_errors_of_the_contract_only(engine: Engine, crowd: ThreadPoolExecutor) -> None:
    chance = random.Random(7)
    stop = threading.Event()
    clients = [crowd.submit(_outcomes_until, engine, stop) for _ in range(20)]
    try:
        for family in [_workers] * 20 + [parents] + [_workers] * 20:
            wait_until(lambda family=family: engine.ready and _kill_one(family(), chance))  # type: ignore[misc]
    finally:
        stop.set()
    outcomes = set().union(*(client.result() for client in clients))
    assert "x" in outcomes
    assert outcomes <= {"x", "busy", "worker_died", "not_ready"}
    assert engine.wait_ready(PATIENCE_S)
    assert heard(engine, clip("say", words="still here")) == "still here"


def _workers() -> list[int]:
    return [worker for parent in parents() for worker in children(parent)]


def _kill_one(pids: list[int], chance: random.Random) -> bool:
    with suppress(ProcessLookupError, IndexError):
        os.kill(chance.choice(pids), chance.choice([signal.SIGKILL, signal.SIGSEGV]))
        return True
    return False


def _outcomes_until(engine: Engine, stop: threading.Event) -> set[str]:
    outcomes = set()
    while not stop.is_set():
        try:
            outcomes.add(heard(engine, clip("say", words="x")))
        except EngineError as error:
            outcomes.add(error.code)
            stop.wait(0.01)
    return outcomes
