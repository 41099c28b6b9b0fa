"""Refusals that cost no thread, no body and no Django: the same as Django's in all but the id and the nonce."""

from __future__ import annotations

import http.client
import io
import logging
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from classifier import outright
from ml.engine import Engine
from tests.classifier.conftest import StartSite
from tests.classifier.live import Answer, Site, answer_on, head, multipart, read_answer, wait_for
from tests.classifier.test_errors import API, DOORS, PAGE
from tests.classifier.test_metrics import figures
from tests.classifier.test_trying_again import long_recording
from tests.ml.engine.stage import Gate, wait_until

UNREADABLE: dict[str, Any] = {"data": b"--b\r\nnonsense", "content_type": "multipart/form-data; boundary=b"}
OWN = {"x-request-id", "content-security-policy", "connection"}
"""Headers that differ from one answer to the next."""


class Wire:
    """Bytes as a socket gives them."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._data)


def parsed(raw: bytes) -> Answer:
    response = http.client.HTTPResponse(Wire(raw))  # type: ignore[arg-type]
    response.begin()
    return read_answer(response)


@pytest.fixture
def full_house(acting: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The only worker has a clip, and none may wait."""
    monkeypatch.setattr(outright, "_kept", {})
    gate = Gate(tmp_path / "gate")
    with ThreadPoolExecutor(1) as background:
        in_work = background.submit(acting.classify, gate.clip)
        wait_until(lambda: acting.stats().in_work == 1)
        yield gate
        gate.open()
        in_work.result()


def refusal_for(asked: bytes) -> bytes | None:
    with socket.socket() as sender:
        try:
            return outright.refusal_for(asked, sender)
        finally:
            outright.arrived(sender)


def again(path: str, *lines: str) -> Answer:
    raw = refusal_for(head(path, *lines) + b"the beginning of a body")
    assert raw is not None
    return parsed(raw)


def without_nonce(text: str) -> str:
    return re.sub('nonce-[^\']+|nonce="[^"]+', "", text)


@DOORS
@pytest.mark.usefixtures("full_house")
def test_who_comes_next_is_told_the_same(client: Client, door: str) -> None:
    said = client.post(door, **UNREADABLE)
    repeated = again(door)
    assert repeated.status == said.status_code == 503
    assert without_nonce(repeated.body.decode()) == without_nonce(said.content.decode())
    kept = {name.lower(): value for name, value in said.items() if name.lower() not in OWN}
    assert {name: value for name, value in repeated.headers.items() if name not in OWN} == kept
    assert repeated.headers["connection"] == "close"


@DOORS
@pytest.mark.usefixtures("full_house")
def test_each_has_an_id_of_its_own(client: Client, door: str) -> None:
    said = client.post(door, **UNREADABLE)
    ids = {said["X-Request-ID"], *(again(door).headers["x-request-id"] for _ in range(3))}
    assert len(ids) == 4


@pytest.mark.usefixtures("full_house")
def test_each_page_has_a_nonce_of_its_own_which_its_policy_knows(client: Client) -> None:
    client.post(PAGE, **UNREADABLE)
    seen = set()
    for answer in (again(PAGE), again(PAGE)):
        (nonce,) = set(re.findall(r'nonce="([^"]+)"', answer.body.decode()))
        assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
        seen.add(nonce)
    assert len(seen) == 2


@DOORS
@pytest.mark.usefixtures("full_house")
def test_each_is_noted_and_counted_like_any_other(client: Client, door: str, caplog: pytest.LogCaptureFixture) -> None:
    client.post(door, **UNREADABLE)
    before = figures(client)
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="classifier.request_log"):
        again(door, "X-Forwarded-For: 198.51.100.7, 192.0.2.1")
    (noted,) = [record.__dict__["fields"] for record in caplog.records]
    expected = {"method": "POST", "route": door, "status": 503, "outcome": "busy", "forwarded": 2}
    assert expected.items() <= noted.items()
    counted = {key for key, value in figures(client).items() if value == before.get(key, 0) + 1}
    assert any({"undertone_requests_total", door, "busy"} == set(key) for key in counted)


@pytest.mark.usefixtures("full_house")
def test_the_id_of_a_trusted_proxy_is_kept(client: Client, settings: Settings) -> None:
    client.post(API, **UNREADABLE)
    given = "X-Request-ID: given-by-the-proxy"
    assert again(API, given).headers["x-request-id"] != "given-by-the-proxy"
    settings.TRUSTED_PROXIES = 1
    assert again(API, given).headers["x-request-id"] == "given-by-the-proxy"
    assert again(API, given.replace("-", "_")).headers["x-request-id"] != "given-by-the-proxy"


@pytest.mark.usefixtures("full_house")
def test_an_id_that_is_a_word_of_the_answer_garbles_nothing(client: Client, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    said = client.post(API, **UNREADABLE, headers={"X-Request-ID": "recordings"})
    assert "recordings" in said.content.decode()
    assert again(API).body == said.content


@pytest.mark.parametrize(
    "asked",
    [
        head(API, method="GET"),
        head("/api/v1/models"),
        head("/nowhere"),
        head("/" + "x" * 9000),
        b"POST",
        b"POST /api/v1/classify",
        b"\x16\x03\x01\x02",
        b"",
    ],
)
@pytest.mark.usefixtures("full_house")
def test_nothing_else_is_answered_this_way(client: Client, asked: bytes) -> None:
    for path in (PAGE, API, "/nowhere"):
        client.post(path, **UNREADABLE)
    assert refusal_for(asked) is None


def test_with_room_again_nobody_is_sent_away(acting: Engine, full_house: Gate, client: Client) -> None:
    client.post(API, **UNREADABLE)
    assert refusal_for(head(API))
    full_house.open()
    wait_until(lambda: acting.stats().in_work == 0)
    assert refusal_for(head(API)) is None


def test_the_last_place_is_promised_to_one_only(acting: Engine, full_house: Gate, client: Client) -> None:
    client.post(API, **UNREADABLE)
    full_house.open()
    wait_until(lambda: acting.stats().in_work == 0)
    with socket.socket() as first, socket.socket() as second:
        assert outright.refusal_for(head(API), first) is None
        assert outright.refusal_for(head(API), second)
        outright.arrived(first)
        assert outright.refusal_for(head(API), second) is None
        outright.arrived(second)


def test_who_dawdles_keeps_no_place(
    acting: Engine, full_house: Gate, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(API, **UNREADABLE)
    full_house.open()
    wait_until(lambda: acting.stats().in_work == 0)
    monkeypatch.setattr(outright, "SOON_S", 0.0)
    with socket.socket() as slow:
        assert outright.refusal_for(head(API), slow) is None
        assert refusal_for(head(API)) is None
        outright.arrived(slow)


@pytest.mark.usefixtures("full_house")
def test_after_a_moment_it_is_asked_anew(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outright, "KEPT_FOR_S", 0.0)
    client.post(API, **UNREADABLE)
    assert refusal_for(head(API)) is None


@pytest.fixture
def full_site(start_site: StartSite, voice: bytes) -> Iterator[Site]:
    """A site whose only worker has work for some seconds, and where none may wait."""
    site = start_site(WORKERS="1", QUEUE_SIZE="0", RATE_LIMIT="off").wait_ready()
    with ThreadPoolExecutor(1) as background:
        long = background.submit(site.classify, long_recording(voice))
        wait_for(lambda: b"undertone_clips_in_work 1.0" in site.get("/metrics").body, what="the long clip in work")
        assert site.classify(b"first").code == "busy"  # the long way
        yield site
        assert long.result().status == 200


def test_a_crowd_is_sent_away_readably_and_nothing_stays_open(full_site: Site) -> None:
    large, content_type = multipart(audio=bytes(8 * 1024 * 1024))
    refused = full_site.request("POST", API, body=large, headers={"Content-Type": content_type})
    assert refused.code == "busy"
    with full_site.connect() as lingering:
        lingering.sendall(head(API, "Content-Length: 1000000"))
        assert answer_on(lingering).code == "busy"
        assert {full_site.classify(b"x" * 1000).code for _ in range(50)} == {"busy"}
        assert full_site.get("/healthz").status == 200
        assert lingering.recv(1) == b""
    answers = [full_site.exchange(head(API, "Content-Length: 9"), b"too early") for _ in range(3)]
    assert {answer.headers["connection"] for answer in answers} == {"close"}
