"""Bodies of requests on real sockets: too large, of unknown length, slow, stalled, cut off, and many at once."""

from __future__ import annotations

import re
import select
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from emotion_site.connections import STALLED_AFTER_S
from tests.classifier.conftest import StartSite
from tests.classifier.live import Site, answer_on, head, multipart, wait_for
from tests.ml.engine.stage import children

MEGABYTE = 1024 * 1024
FORM = "Content-Type: multipart/form-data; boundary=b"
OPENING = b'--b\r\nContent-Disposition: form-data; name="audio"; filename="clip.wav"\r\n\r\n'
DOORS = pytest.mark.parametrize("path", ["/", "/api/v1/classify"])


def upload_head(path: str, length: int) -> bytes:
    return head(path, FORM, f"Content-Length: {length}")


@contextmanager
def stalled_uploads(site: Site, count: int, *, sent: int = 1000) -> Iterator[list[socket.socket]]:
    """Clients that sent the beginning of a recording, and nothing since."""
    with ExitStack() as stack:
        clients = [stack.enter_context(site.connect()) for _ in range(count)]
        for client in clients:
            client.sendall(upload_head("/api/v1/classify", 20 * MEGABYTE) + OPENING + bytes(sent))
        yield clients


@DOORS
def test_a_body_over_the_limit_is_refused_and_its_sender_reads_why(site: Site, path: str) -> None:
    body, content_type = multipart(audio=bytes(60 * MEGABYTE))
    answer = site.request("POST", path, body=body, headers={"Content-Type": content_type})
    assert answer.status == 413
    assert b"at most 25 MB" in answer.body


@DOORS
def test_an_endless_body_is_refused_while_it_arrives(site: Site, path: str) -> None:
    with site.connect() as client:
        client.sendall(upload_head(path, 10**12) + OPENING + bytes(MEGABYTE))
        assert answer_on(client).status == 413


@DOORS
def test_a_chunked_body_is_refused_for_want_of_its_length(site: Site, path: str) -> None:
    answer = site.exchange(head(path, FORM, "Transfer-Encoding: chunked"), b"5\r\nhello\r\n", b"0\r\n\r\n")
    assert answer.status == 411
    assert b"Content-Length" in answer.body


@DOORS
def test_a_form_without_a_length_is_refused(site: Site, path: str) -> None:
    answer = site.exchange(head(path, FORM) + OPENING + bytes(1000))
    assert answer.status == 411


@DOORS
def test_a_stalled_body_is_told_that_it_took_too_long(site: Site, path: str) -> None:
    answer = site.exchange(upload_head(path, 5000) + OPENING)
    assert answer.status == 408
    assert b"10 seconds" in answer.body


@DOORS
def test_a_body_that_ends_early_is_refused(site: Site, path: str) -> None:
    with site.connect() as client:
        client.sendall(upload_head(path, 5000) + OPENING + bytes(1000))
        client.shutdown(socket.SHUT_WR)
        assert answer_on(client).status in ({400} if path != "/" else {400, 403})


def test_a_client_that_drops_dead_in_mid_upload_leaves_no_trace_but_one_line(site: Site) -> None:
    with site.connect() as client:
        client.sendall(upload_head("/api/v1/classify", 5000) + OPENING + bytes(1000))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close with a reset
    assert site.get("/healthz").status == 200
    assert "Unhandled" not in site.log


def test_a_connection_serves_on_after_a_body_was_refused_whole(site: Site) -> None:
    body = b"x" * 1000
    request = head("/api/v1/classify", "Content-Type: audio/wav", "Content-Length: 1000") + body
    with site.connect() as client:
        for _ in range(3):
            client.sendall(request)
            assert answer_on(client).code == "missing_audio"


def test_fifty_stalled_uploads_do_not_hold_up_a_normal_one(site: Site, voice: bytes) -> None:
    def seconds() -> float:
        started = time.monotonic()
        assert site.classify(voice).status == 200
        return time.monotonic() - started

    seconds()
    alone = statistics.median(seconds() for _ in range(7))
    with stalled_uploads(site, 50) as clients:
        crowded = statistics.median(seconds() for _ in range(7))
        assert site.get("/healthz").status == 200
        assert site.get("/").status == 200
        assert {answer_on(client).code for client in clients} == {"request_timeout"}
    print(f"alone {alone * 1000:.0f} ms, beside fifty stalled uploads {crowded * 1000:.0f} ms")  # noqa: T201


def test_all_bodies_in_arrival_share_one_budget(start_site: StartSite) -> None:
    site = start_site(UPLOAD_BUDGET_MB="30", RATE_LIMIT="off").wait_alive()
    almost = 8 * MEGABYTE
    with stalled_uploads(site, 5, sent=almost) as clients, ThreadPoolExecutor(5) as readers:
        codes = sorted(answer.code for answer in readers.map(answer_on, clients))
    assert set(codes) == {"busy", "request_timeout"}
    assert codes.count("request_timeout") <= 3
    body, content_type = multipart(audio=bytes(20 * MEGABYTE))
    later = site.request("POST", "/api/v1/classify", body=body, headers={"Content-Type": content_type})
    assert later.code != "busy", "the budget was not given back"


def held_mb(site: Site, kind: str) -> float:
    """What the web process holds (`VmRSS`), or has held at most (`VmHWM`)."""
    (web,) = children(site.process.pid)
    found = re.search(rf"^{kind}:\s+(\d+)", Path(f"/proc/{web}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process holds")
@pytest.mark.parametrize("budget_mb", [100, 30])
def test_the_memory_of_bodies_stays_within_the_budget_and_is_given_back(start_site: StartSite, budget_mb: int) -> None:
    site = start_site(UPLOAD_BUDGET_MB=str(budget_mb), RATE_LIMIT="off").wait_ready()
    before_mb = held_mb(site, "VmRSS")
    body, content_type = multipart(audio=bytes(20 * MEGABYTE))

    def send(_: int) -> int:
        return site.request("POST", "/api/v1/classify", body=body, headers={"Content-Type": content_type}).status

    with ThreadPoolExecutor(4) as senders:
        assert set(senders.map(send, range(16))) <= {415, 503}
    assert held_mb(site, "VmHWM") - before_mb < min(4 * 20, budget_mb) + 25
    wait_for(lambda: held_mb(site, "VmRSS") - before_mb < 20, what="the memory of the uploads to be given back")


def test_more_bodies_than_there_may_be_are_told_to_come_again(start_site: StartSite) -> None:
    site = start_site(THREADS="40", RATE_LIMIT="off").wait_alive()
    with stalled_uploads(site, 30) as clients:
        assert site.get("/").status == 200
        answers = [answer_on(client) for client in clients]
    busy = [answer for answer in answers if answer.code == "busy"]
    assert len(busy) == 10
    assert all(answer.status == 503 and answer.headers["retry-after"] for answer in busy)


def test_who_is_waited_for_longest_makes_way_for_another_body(start_site: StartSite, voice: bytes) -> None:
    site = start_site(THREADS="40", RATE_LIMIT="off").wait_ready()
    with stalled_uploads(site, 1) as [longest], ExitStack() as stack:
        time.sleep(1)  # the threads that take in the others run in any order
        others = stack.enter_context(stalled_uploads(site, 20))
        refused, _, _ = select.select(others, [], [], STALLED_AFTER_S)
        assert [answer_on(client).code for client in refused] == ["busy"], "all places were to be taken"
        wait_for(lambda: site.classify(voice).status == 200, what="somebody to make way")
        assert answer_on(longest).code == "request_timeout"
        assert site.classify(voice).status == 200


def test_whoever_holds_the_memory_and_stalls_makes_way(start_site: StartSite, voice: bytes) -> None:
    site = start_site(UPLOAD_BUDGET_MB="30", RATE_LIMIT="off", MAX_UPLOAD_MB="40").wait_ready()
    started = time.monotonic()
    with site.connect() as client:
        client.sendall(upload_head("/api/v1/classify", 35 * MEGABYTE) + OPENING + bytes(30 * MEGABYTE - 100_000))
        wait_for(lambda: site.classify(voice).status == 200, what="memory for another recording")
        assert time.monotonic() - started < STALLED_AFTER_S
        assert answer_on(client).code == "request_timeout"
