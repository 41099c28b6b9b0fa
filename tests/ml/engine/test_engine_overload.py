"""More clips than the engine takes: refused at once, and the others answered in their order."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from ml.engine import Engine
from ml.errors import EngineError
from tests.ml.engine.stage import PATIENCE_S, Gate, StartEngine, clip, heard, wait_until


def test_it_refuses_at_once_what_exceeds_workers_and_queue(
    start: StartEngine, crowd: ThreadPoolExecutor, gate: Gate
) -> None:
    engine = start(workers=1, queue_size=2)
    assert engine.wait_ready(PATIENCE_S)
    taken = [crowd.submit(engine.classify, gate.clip) for _ in range(3)]
    wait_until(lambda: engine.stats().queued == 2)
    with pytest.raises(EngineError, match="at most 3 at once") as refusal:  # while the gate holds all the others
        engine.classify(clip("say", words="too much"))
    assert refusal.value.code == "busy"
    gate.open()
    assert [answer.result().why for answer in taken] == [("waited",)] * 3


def test_two_hundred_clients_get_answers_or_busy_and_nothing_else(engine: Engine, crowd: ThreadPoolExecutor) -> None:
    outcomes = Counter(crowd.map(lambda _: _outcome(engine), range(1000)))
    assert outcomes.keys() <= {"x", "busy"}
    assert outcomes["x"] >= 10
    assert heard(engine, clip("say", words="still here")) == "still here"


def test_clips_are_taken_in_the_order_in_which_they_came(single: Engine, crowd: ThreadPoolExecutor, gate: Gate) -> None:
    order: list[int] = []
    blocked = crowd.submit(single.classify, gate.clip)
    wait_until(lambda: single.stats().in_work == 1)
    followers = []
    for number in range(4):
        job = clip("say", words=str(number))
        followers.append(crowd.submit(lambda job=job: order.append(int(heard(single, job)))))  # type: ignore[misc]
        wait_until(lambda number=number: single.stats().queued == number + 1)  # type: ignore[misc]
    gate.open()
    blocked.result()
    for follower in followers:
        follower.result()
    assert order == [0, 1, 2, 3]


def test_a_clip_that_waits_too_long_for_a_worker_is_refused_as_busy(
    start: StartEngine, crowd: ThreadPoolExecutor, gate: Gate
) -> None:
    engine = start(workers=1, clip_timeout_s=0.5)
    assert engine.wait_ready(PATIENCE_S)
    outcomes = Counter(crowd.map(lambda _: _outcome(engine, gate), range(4)))
    assert set(outcomes) == {"timeout", "busy"}


def _outcome(engine: Engine, gate: Gate | None = None) -> str:
    try:
        return heard(engine, gate.clip if gate else clip("say", words="x"))
    except EngineError as error:
        return error.code
