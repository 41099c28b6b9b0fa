"""Heads of requests on real sockets: slow, stalled, cut off, too large, nonsense, and many at once."""

from __future__ import annotations

import json
import shutil
import socket
import time
from contextlib import ExitStack

import pytest

from emotion_site.worker import HEAD_WITHIN_S
from tests.classifier.conftest import StartSite
from tests.classifier.live import Site, answer_on, head

ASK = head("/healthz", method="GET")


def test_a_head_that_arrives_in_pieces_is_answered(site: Site) -> None:
    with site.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in ASK:
            client.sendall(bytes([byte]))
        assert answer_on(client).status == 200


def test_a_head_that_stalls_is_told_that_it_took_too_long(site: Site) -> None:
    answer = site.exchange(ASK[:20])
    assert (answer.status, answer.code) == (408, "request_timeout")


def test_a_client_that_says_nothing_is_left_without_an_answer(site: Site) -> None:
    with site.connect() as client:
        assert client.recv(1) == b""


def test_a_client_that_hangs_up_within_its_head_costs_nothing(site: Site) -> None:
    with site.connect() as client:
        client.sendall(ASK[:20])
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""


def test_hundreds_of_stalled_heads_hold_no_thread(site: Site) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(site.connect()) for _ in range(300)]
        for client in clients:
            client.sendall(ASK[:20])
        assert site.get("/").status == 200
        assert {answer_on(client).status for client in clients} == {408}


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (head("/", "X-Long: " + "x" * 10_000, method="GET"), 431),
        (head("/", *(f"X-{n}: x" for n in range(200)), method="GET"), 431),
        (head("/", "X-Endless: " + "x" * 100_000)[:-4], 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 400),
    ],
    ids=["long address", "long field", "many fields", "endless field", "TLS", "negative", "two lengths", "version"],
)
def test_what_is_no_proper_request_is_answered_in_the_contracts_shape(site: Site, request_: bytes, status: int) -> None:
    answer = site.exchange(request_)
    assert (answer.status, answer.code) == (status, "invalid_parameter")


def test_what_is_no_proper_request_is_noted_and_answered_as_carefully(site: Site) -> None:
    answer = site.exchange(b"GET / HTTP/9.9\r\nHost: canary\r\n\r\n")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    (noted,) = [line for line in site.log.splitlines() if answer.headers["x-request-id"] in line]
    expected = {"method": "other", "route": "unknown", "status": 400, "outcome": "invalid_parameter"}
    assert expected.items() <= json.loads(noted).items()
    assert "canary" not in site.log


def test_a_connection_is_kept_for_the_next_request(site: Site) -> None:
    with site.connect() as client:
        for _ in range(3):
            client.sendall(ASK)
            assert answer_on(client).status == 200


def test_requests_sent_ahead_are_answered_in_turn(site: Site) -> None:
    with site.connect() as client:
        client.sendall(ASK * 3)
        received = b""
        while received.count(b'{"status": "ok"}') < 3:
            received += client.recv(65536)
        assert received.count(b"HTTP/1.1 200 OK") == 3


def test_an_old_client_gets_its_answer_and_the_end(site: Site) -> None:
    with site.connect() as client:
        client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        received = b""
        while block := client.recv(65536):
            received += block
        assert received.startswith((b"HTTP/1.0 200 OK", b"HTTP/1.1 200 OK"))


def test_clients_that_linger_do_not_hold_up_others(site: Site) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            client = stack.enter_context(site.connect())
            client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert site.get("/healthz").status == 200


@pytest.mark.parametrize(
    ("few", "within"),
    [({"GUNICORN_CMD_ARGS": "--worker-connections=150"}, ()), ({}, ("prlimit", "--nofile=150"))],
    ids=["places", "descriptors"],
)
def test_the_silent_make_way_when_there_is_no_place_for_another(
    start_site: StartSite, few: dict[str, str], within: tuple[str, ...]
) -> None:
    if within and not shutil.which(within[0]):
        pytest.skip(f"{within[0]} is not installed")
    site = start_site(within=within, **few).wait_alive()
    with ExitStack() as stack:
        silent = [stack.enter_context(site.connect()) for _ in range(400)]
        started = time.monotonic()
        assert site.get("/healthz").status == 200
        assert time.monotonic() - started < HEAD_WITHIN_S / 2, "it waited until their time was up"
        assert silent[0].recv(1) == b""
