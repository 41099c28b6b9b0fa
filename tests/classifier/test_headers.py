"""What every answer carries in production, whoever gave it: each page, each file, each error."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from classifier import pictures, samples, services
from classifier.middleware import PERMISSIONS
from classifier.probes import PROBES
from tests.classifier.conftest import wav
from tests.classifier.live import Answer, Site, head, multipart, wait_for
from tests.classifier.test_trying_again import long_recording

HSTS = "max-age=31536000"
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": PERMISSIONS,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
LOCKED = {"default-src": "'none'", "base-uri": "'none'", "object-src": "'none'", "frame-ancestors": "'none'"}
COOKIE = {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"}
INLINE = re.compile(
    r'<script(?![^>]*( nonce=| src=| type="application/json"))|<style(?![^>]* nonce=)|<[^>]+ (on\w+|style)='
)
"""Code and style that the policy would have to let in unseen."""

TLS = "X-Forwarded-Proto: https"
CLASSIFY = "/api/v1/classify"
BY_ROUTE: dict[str, Callable[[], str]] = {
    "samples/<str:name>": lambda: next(iter(samples.available().values())).url,
    "pictures/<str:emotion>/<str:name>": lambda: pictures.gallery().pictures[0].url,
    "models/<str:name>": lambda: "/models/classic",
}
"""An example of each address that has something to fill in."""


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield before + str(pattern.pattern)


ROUTES = sorted(set(routes(get_resolver().url_patterns)))


def check(answer: Answer) -> None:
    """Raise unless an answer protects whoever reads it."""
    headers = answer.headers
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    policy = policy_of(headers)
    assert policy["default-src"] == "'none'"
    if policy != policy_of({"content-security-policy": pictures.INERT}):
        assert LOCKED.items() <= policy.items()
        assert "unsafe" not in headers["content-security-policy"]
    if "set-cookie" in headers:
        name, *attributes = [part.strip() for part in headers["set-cookie"].split(";")]
        assert name.startswith("__Host-")
        assert set(attributes) >= COOKIE
    nonces = set(re.findall(rb'nonce="([^"]+)"', answer.body))
    assert all(f"'nonce-{nonce.decode()}'" in policy["script-src"] for nonce in nonces)
    if headers["content-type"].startswith("text/html"):
        assert not INLINE.search(answer.body.decode())


def policy_of(headers: Mapping[str, str]) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in parts}


@pytest.fixture(scope="module")
def production(static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site behind a proxy that speaks TLS, with one worker and no queue."""
    log = tmp_path_factory.mktemp("site") / "site.log"
    changes = {"INSECURE_HTTP": "0", "TRUSTED_PROXIES": "1", "RATE_LIMIT": "20/min", "WORKERS": "1", "QUEUE_SIZE": "0"}
    with Site(log, environment={"STATIC_ROOT": str(static_root), **changes}) as running:
        yield running.wait_ready()


CLIENTS = itertools.count(1)


def as_somebody() -> str:
    """A client whom nobody has seen before."""
    return f"X-Forwarded-For: 198.51.100.{next(CLIENTS)}"


def ask(site: Site, path: str, *lines: str, method: str = "GET", body: bytes = b"") -> Answer:
    if body or method not in {"GET", "HEAD"}:
        lines = (*lines, f"Content-Length: {len(body)}")
    return site.exchange(head(path, TLS, as_somebody(), *lines, method=method), body)


def send(site: Site, path: str, **fields: bytes | str) -> Answer:
    body, content_type = multipart(**fields)
    return ask(site, path, f"Content-Type: {content_type}", method="POST", body=body)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_every_address_protects_whoever_reads_its_answer(production: Site, route: str, method: str) -> None:
    path = BY_ROUTE[route]() if "<" in route else f"/{route}"
    answer = ask(production, path, method=method)
    check(answer)
    assert answer.status < 500
    assert answer.headers["strict-transport-security"] == HSTS


@pytest.mark.parametrize("path", PROBES)
def test_probes_do_over_plain_http_too(production: Site, path: str) -> None:
    check(production.get(path))


def test_static_files_do(production: Site) -> None:
    page = ask(production, "/").body.decode()
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert {Path(file).suffix for file in files} >= {".css", ".js"}
    for file in files:
        answer = ask(production, file)
        check(answer)
        assert answer.headers["cache-control"] == "max-age=315360000, public, immutable"


def test_a_result_is_kept_by_nobody(production: Site, voice: bytes) -> None:
    result = send(production, CLASSIFY, audio=voice)
    page = ask(production, "/")
    cookie = page.headers["set-cookie"].split(";")[0]
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.body.decode()))
    body, content_type = multipart(audio=voice, csrfmiddlewaretoken=token)
    asked = (f"Content-Type: {content_type}", f"Cookie: {cookie}", "Referer: https://localhost/")
    shown = ask(production, "/", *asked, method="POST", body=body)
    for answer in (result, shown):
        assert answer.status == 200, answer.body
        assert answer.headers["cache-control"] == "no-store"
        check(answer)


ERRORS: dict[str, tuple[int, Callable[[Site], Answer]]] = {
    "plain HTTP": (301, lambda site: site.get("/")),
    "a host of nobody's": (400, lambda site: site.exchange(head("/", TLS, method="GET").replace(b"localhost", b"x.y"))),
    "no recording": (400, lambda site: ask(site, CLASSIFY, method="POST")),
    "a form from elsewhere": (403, lambda site: send(site, "/", audio=b"RIFF")),
    "somebody else's metrics": (403, lambda site: ask(site, "/metrics")),
    "no page": (404, lambda site: ask(site, "/nowhere")),
    "no part of the API": (404, lambda site: ask(site, "/api/v1/nowhere")),
    "no static file": (404, lambda site: ask(site, "/static/nowhere.css")),
    "no model": (404, lambda site: ask(site, "/models/nowhere")),
    "a page deleted": (405, lambda site: ask(site, "/", method="TRACE")),
    "an operation put": (405, lambda site: ask(site, CLASSIFY, method="PUT")),
    "no length": (411, lambda site: site.exchange(head(CLASSIFY, TLS, "Transfer-Encoding: chunked"), b"0\r\n\r\n")),
    "a large body": (413, lambda site: site.exchange(head(CLASSIFY, TLS, f"Content-Length: {2**30}"))),
    "no audio": (415, lambda site: send(site, CLASSIFY, audio=b"#EXTM3U")),
    "silence": (422, lambda site: send(site, CLASSIFY, audio=wav(2.0))),
    "no HTTP": (400, lambda site: site.exchange(b"GET / HTTP/9.9\r\n\r\n")),
    "a long address": (414, lambda site: ask(site, "/" + 9000 * "x")),
    "many fields": (431, lambda site: ask(site, "/", *(f"X-{n}: x" for n in range(100)))),
}


@pytest.mark.parametrize(("status", "provoke"), ERRORS.values(), ids=ERRORS)
def test_errors_do(production: Site, status: int, provoke: Callable[[Site], Answer]) -> None:
    answer = provoke(production)
    assert answer.status == status
    assert answer.headers["cache-control"] == "no-store"
    check(answer)


def test_a_busy_site_does_also_in_what_it_says_again(production: Site, voice: bytes) -> None:
    with ThreadPoolExecutor(1) as background:
        long = background.submit(send, production, CLASSIFY, audio=long_recording(voice))
        wait_for(lambda: b"undertone_clips_in_work 1.0" in production.get("/metrics").body, what="a clip in work")
        for path in (CLASSIFY, CLASSIFY, "/", "/"):
            answer = send(production, path, audio=b"x")
            assert answer.status == 503
            assert answer.headers["strict-transport-security"] == HSTS
            check(answer)
        assert long.result().status == 200


def test_a_client_over_its_limit_is_told_so_as_carefully(production: Site) -> None:
    again = head(CLASSIFY, TLS, as_somebody(), "Content-Length: 0")
    *_, last = (production.exchange(again) for _ in range(21))
    assert last.status == 429
    check(last)


def test_a_fault_of_ours_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "default_model", lambda: 1 / 0)
    response = Client(raise_request_exception=False).get("/picture-walk")
    assert response.status_code == 500
    check(Answer(500, {name.lower(): value for name, value in response.items()}, response.content))
