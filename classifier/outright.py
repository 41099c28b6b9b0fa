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
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve

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
HEAD_END = b"\r\n\r\n"
NONCE = re.compile(r"'nonce-([^']+)'")
FORWARDED_FOR = re.compile(rb"\r\nx-forwarded-for:([^\r]*)", re.IGNORECASE)
REQUEST_ID = re.compile(rb"\r\nx-request-id:([^\r]*)", re.IGNORECASE)

View = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True)
class Refusal:
    """What is said to a recording that finds no room: the bytes that Django made, and what in them is one request's."""

    answer: bytes
    request_id: bytes
    nonce: bytes
    status: int
    route: str
    expires_at: float

    def again(self, head: bytes) -> bytes:
        """The same for another request."""
        started, head = time.monotonic(), head.partition(HEAD_END)[0]
        with request_log.identified(_field(REQUEST_ID, head)) as id_:
            answer = self.answer.replace(self.request_id, id_.encode())
            if self.nonce:
                answer = answer.replace(self.nonce, _nonce())
            request_log.note(
                method="POST",
                route=self.route,
                status=self.status,
                outcome="busy",
                seconds=time.monotonic() - started,
                forwarded_for=_field(FORWARDED_FOR, head),
            )
        return answer


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

    carefully = middleware.security_headers(cast("View", CSPMiddleware(say)))
    return _as_bytes(cast("HttpResponse", request_log.middleware(carefully)(HttpRequest())))


def _keep(path: str, response: HttpResponse) -> None:
    nonce = NONCE.search(response.get("Content-Security-Policy", ""))
    copy = HttpResponse(response.content, status=response.status_code, headers=dict(response.items()))
    own_id = uuid.uuid4().hex  # the one that came with the request might be a word of the answer
    copy["X-Request-ID"] = own_id
    _kept[path] = Refusal(
        answer=_as_bytes(copy),
        request_id=own_id.encode(),
        nonce=nonce[1].encode() if nonce else b"",
        status=copy.status_code,
        route="/" + resolve(path).route,
        expires_at=time.monotonic() + KEPT_FOR_S,
    )


def _nonce() -> bytes:
    return base64.b64encode(secrets.token_bytes(16))


def _path_of(head: bytes) -> str:
    if not head.startswith(POST):
        return ""
    target = head[len(POST) : head.find(b" ", len(POST))]
    return target.partition(b"?")[0].decode("latin-1")


def _field(name: re.Pattern[bytes], head: bytes) -> str:
    """A field of a head; one that comes several times reads like one with commas, as gunicorn has it."""
    return ",".join(value.decode("latin-1").strip() for value in name.findall(head))


def _as_bytes(response: HttpResponse) -> bytes:
    start = f"HTTP/1.1 {response.status_code} {response.reason_phrase}\r\nConnection: close\r\n"
    return start.encode() + bytes(response)
