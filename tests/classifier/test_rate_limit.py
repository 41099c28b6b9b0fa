from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory, override_settings
from fakeredis import TcpFakeServer
from pytest_django import Settings

from classifier import clients, rate_limit
from classifier.errors import WebError
from tests.classifier.conftest import StartSite
from tests.classifier.live import free_port

API = "/api/v1/classify"


@pytest.fixture(autouse=True)
def no_count() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock, in seconds after some full minute."""

    def set_clock(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: 1_800_000_000 + seconds)

    return set_clock


def let_in(tries: int) -> int:
    """How many of someone's requests are let in, at ten a minute."""
    admitted = 0
    for _ in range(tries):
        with contextlib.suppress(WebError):
            rate_limit.admit("someone", limit=10)
            admitted += 1
    return admitted


@pytest.mark.parametrize("path", ["/", API])
def test_a_client_over_the_limit_is_told_when_to_come_again(client: Client, path: str) -> None:
    with override_settings(RATE_LIMIT=3):
        statuses = [client.post(path, {"model": "x"}).status_code for _ in range(3)]
        refused = client.post(path, {"model": "x"})
    assert statuses == [400, 400, 400]
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 2 * rate_limit.WINDOW_S
    assert b"At most 3 requests a minute" in refused.content


def test_pages_are_not_counted(client: Client) -> None:
    with override_settings(RATE_LIMIT=1):
        assert {client.get("/").status_code for _ in range(5)} == {200}


def test_another_client_is_not_held_up(client: Client) -> None:
    with override_settings(RATE_LIMIT=1):
        client.post(API, REMOTE_ADDR="192.0.2.1")
        assert client.post(API, REMOTE_ADDR="192.0.2.1").status_code == 429
        assert client.post(API, REMOTE_ADDR="192.0.2.2").status_code == 400


def test_no_limit_counts_nobody(client: Client) -> None:
    with override_settings(RATE_LIMIT=0):
        assert {client.post(API).status_code for _ in range(5)} == {400}


def test_the_minute_slides(at: Callable[[float], None]) -> None:
    at(50)
    assert let_in(20) == 10
    assert let_in(5) == 0
    at(66)
    assert let_in(5) == 1
    at(90)
    assert let_in(10) == 4
    at(119.5)
    assert let_in(10) == 4


@pytest.mark.parametrize("asked_at_s", [0.0, 12.5, 59.0])
@pytest.mark.parametrize("counted_before", [0, 4, 10])
def test_who_waits_as_long_as_told_is_let_in(
    at: Callable[[float], None], asked_at_s: float, counted_before: int
) -> None:
    at(-1)
    let_in(counted_before)
    at(asked_at_s)
    let_in(10)
    with pytest.raises(WebError) as refused:
        rate_limit.admit("someone", limit=10)
    at(asked_at_s + (refused.value.retry_after_s or 0))
    rate_limit.admit("someone", limit=10)


def test_a_cache_that_is_gone_limits_nobody(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    address = f"redis://127.0.0.1:{free_port()}/0"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address}}
    for _ in range(3):
        rate_limit.admit("someone", limit=1)
    assert "nobody is limited" in caplog.text


def test_replicas_that_share_a_cache_count_together(start_site: StartSite) -> None:
    port = free_port()
    with TcpFakeServer(("127.0.0.1", port)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        shared = {"CACHE_URL": f"redis://127.0.0.1:{port}/0", "RATE_LIMIT": "4/min"}
        one, two = start_site(**shared).wait_alive(), start_site(**shared).wait_alive()
        statuses = [site.request("POST", API).status for site in (one, two, one, two, one, two)]
        server.shutdown()
    assert statuses == [400, 400, 400, 400, 429, 429]


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "expected"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "unknown", "192.0.2.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::1]:4711", "2001:db8::/64"),
        (1, "2001:db8::ffff:1", "2001:db8::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_a_client_is_who_the_trusted_proxies_say(proxies: int, forwarded_for: str, expected: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded_for)
    with override_settings(TRUSTED_PROXIES=proxies):
        assert clients.network(request) == expected


def test_an_address_is_not_written_into_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []

    def counted(client: str, minute: int) -> int:
        keys.append(rate_limit._key(client, minute))
        return 0

    monkeypatch.setattr(rate_limit, "_counted", counted)
    rate_limit.admit("203.0.113.9", limit=10)
    assert len(keys) == 1
    assert "203.0.113" not in keys[0]
