"""Frames arrive as they were sent, and whatever else arrives is recognised as no frame."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.serving import wire
from ml.serving.jobs import Answer, Job
from tests.ml.engine.acting import prediction

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=6,
)
HEADERS = st.dictionaries(st.text().filter(lambda name: name != "parts"), JSON, max_size=5)
JOB = Job(audio=b"")
ANSWER = Answer(outcome=prediction("hello"), seconds={"decode": 0.5}).as_dict()


@given(header=HEADERS, parts=st.lists(st.binary(max_size=2000), max_size=4))
def test_a_frame_arrives_as_it_was_sent(header: dict[str, object], parts: list[bytes]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, header, *parts)
        assert wire.receive(theirs) == (json.loads(json.dumps(header)), parts)


def test_a_part_larger_than_the_kernel_buffers_arrives_whole() -> None:
    audio = bytes(range(256)) * 40_000
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=wire.send, args=(ours, {}, audio))
        sender.start()
        assert wire.receive(theirs) == ({}, [audio])
        sender.join()


@given(noise=st.binary(max_size=200))
def test_noise_is_no_frame(noise: bytes) -> None:
    _expect_no_frame(noise)


@given(head=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200))
def test_a_length_does_not_make_a_frame(head: bytes) -> None:
    _expect_no_frame(struct.pack(">I", len(head)) + head)


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(ours, {"x": "y" * 100})
        with pytest.raises(wire.GarbledError, match="over the limit of 50"):
            wire.receive(theirs, limit=50)


def test_a_sender_that_stalls_within_a_frame_is_given_up_at_the_deadline() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"\0\0\0\x10{")
        with pytest.raises(TimeoutError):
            wire.receive(theirs, deadline=time.monotonic() + 0.05)


def test_an_answer_survives_the_journey() -> None:
    assert Answer.from_dict(json.loads(json.dumps(ANSWER)), job=JOB).as_dict() == ANSWER


@given(name=st.sampled_from(sorted(ANSWER)), value=JSON, field=st.sampled_from(sorted(ANSWER["prediction"])))
def test_an_answer_is_taken_whole_or_not_at_all(name: str, value: object, field: str) -> None:
    for strange in (ANSWER | {name: value}, ANSWER | {"prediction": ANSWER["prediction"] | {field: value}}):
        try:
            taken = Answer.from_dict(strange, job=JOB)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            continue
        json.dumps(taken.as_dict(), allow_nan=False, ensure_ascii=False).encode()


def _expect_no_frame(data: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall(data)
        with pytest.raises((wire.GarbledError, EOFError)):
            wire.receive(theirs, limit=100_000, deadline=time.monotonic() + 5)
