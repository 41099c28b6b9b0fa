"""Answers given outright, as bytes: where no request could be read, and where there is no room for another recording.

At ten times its capacity a site that hands each refusal to a thread, reads its body and asks Django for the words
spends more on refusing than on hearing. So the last refusal that went this way is kept for a moment, and said again to
whoever comes while there is still no room, with an id and a nonce of its own, noted in the log and counted as all are.
"""

from __future__ import annotations

import base64
import re
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import ResolverMatch, resolve

from classifier import answers, middleware, request_log, services
from classifier.errors import WebError
from ml.errors import EngineError

KEPT_FOR_S = 1.0
"""Then one refusal takes the long way again."""

SOON_S = 0.25
"""For so long a recording that was let in is taken to be here soon: its place is not promised to others meanwhile."""

PATHS = frozenset({"/", "/api/v1/classify", "/api/v1/voice"})
"""Where recordings are sent."""

POST = b"POST "
NONCE = re.compile(r"'nonce-([^']+)'")

View = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True)
class Refusal:
    """What is said to a recording that finds no room, as Django made it; only the poller's thread touches it."""

    response: HttpResponse
    match: ResolverMatch
    nonce: bytes
    expires_at: float

    def again(self, head: bytes) -> bytes:
        """The same for another request."""
        answer = _answered(_request(head, self.match), lambda _: self.response)
        return answer.replace(self.nonce, _nonce()) if self.nonce else answer


_kept: dict[str, Refusal] = {}
_coming: dict[socket.socket, float] = {}


def remember_refusals(get_response: View) -> View:
    """Keep what a recording's sender is told who comes in vain; a middleware."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if (
            isinstance(response, HttpResponse)
            and getattr(response, "outcome", None) == "busy"
            and request.path_info in PATHS
        ):
            _keep(request.path_info, response)
        return response

    return handle


def refusal_for(head: bytes, sender: socket.socket) -> bytes | None:
    """The whole answer to a request with this head, where its recording would find no room; None where it might.

    Who might is expected, until `arrived` is called.
    """
    path, now = _path_of(head), time.monotonic()
    refusal = _kept.get(path)
    if refusal and refusal.expires_at > now:
        try:
            services.check_room(expected=sum(now - since < SOON_S for since in tuple(_coming.values())))
        except EngineError:
            return refusal.again(head)
    if path in PATHS:
        _coming[sender] = now
    return None


def arrived(sender: socket.socket | None) -> None:
    """Expect the recording of this sender, where there is one, no longer: it has come, or never will."""
    if sender is not None:
        _coming.pop(sender, None)


def misread(status: int, code: str, message: str) -> bytes:
    """The whole answer to what could not be read as a request."""

    def say(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
        response = answers.as_json(WebError(code=code, message=message))
        response.status_code = status
        response.outcome = code  # type: ignore[attr-defined]
        return response

    return _answered(HttpRequest(), middleware.security_headers(say))


def _keep(path: str, response: HttpResponse) -> None:
    nonce = NONCE.search(response.get("Content-Security-Policy", ""))
    copy = HttpResponse(response.content, status=response.status_code, headers=dict(response.items()))
    copy.outcome = "busy"  # type: ignore[attr-defined]
    _kept[path] = Refusal(copy, resolve(path), nonce[1].encode() if nonce else b"", time.monotonic() + KEPT_FOR_S)


def _nonce() -> bytes:
    return base64.b64encode(secrets.token_bytes(16))


def _path_of(head: bytes) -> str:
    if not head.startswith(POST):
        return ""
    target = head[len(POST) : head.find(b" ", len(POST))]
    return target.partition(b"?")[0].decode("latin-1")


def _request(head: bytes, match: ResolverMatch) -> HttpRequest:
    """As much of a request as is noted of it."""
    request = HttpRequest()
    request.method, request.path_info, request.resolver_match = "POST", _path_of(head), match
    for line in head.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        name, _, value = line.decode("latin-1").partition(":")
        if "_" not in name:  # gunicorn drops these, which could pass for what a proxy adds
            request.META[f"HTTP_{name.upper().replace('-', '_')}"] = value.strip()
    return request


def _answered(request: HttpRequest, view: View) -> bytes:
    response = cast("HttpResponse", request_log.middleware(view)(request))
    start = f"HTTP/1.1 {response.status_code} {response.reason_phrase}\r\nConnection: close\r\n"
    return start.encode() + bytes(response)
