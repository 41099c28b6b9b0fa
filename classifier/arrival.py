"""Lets the bodies of requests in: into memory only, within their limits, and while they arrive, not after."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase
from django.http.multipartparser import MultiPartParserError

from classifier import answers, outright, services
from classifier.errors import WebError
from classifier.forms import too_large
from ml.errors import UndertoneError

BLOCK = 64 * 1024
DRAIN_S = 2.0
"""How long the rest of a refused body is read and thrown away, so that its sender gets to read the answer."""

GRACE_S = 30.0
SLOWEST_BYTES_PER_S = 1024
"""A body slower than this, after a grace, is taken for one that stalls on purpose."""

SPARE_THREADS = 32
"""Threads that bodies may not take: pages and probes never wait behind uploads."""

WITHOUT_RECORDING = frozenset({"/api/v1/export"})
"""Addresses that take no recording: they answer however busy the workers are."""

LEFT = "The upload ended before it was complete. Please send it again."
SLOW = f"Nothing arrived for {settings.STALLED_AFTER_S} seconds, or much too slowly. Please send it again."
UNKNOWN_LENGTH = "The length of the upload must be sent along (Content-Length); chunked uploads are not read."
CROWDED = "Too many recordings are being sent at the moment. Please try again shortly."

View = Callable[[HttpRequest], HttpResponseBase]


class StalledError(WebError):
    """Nothing arrives any more: there is nothing to drain either."""

    def __init__(self) -> None:
        super().__init__("request_timeout", SLOW)


class Budget:
    """The memory that all bodies share, and how many of them there may be at a time."""

    def __init__(self, *, max_bytes: int, max_bodies: int) -> None:
        self._lock = threading.Lock()
        self._bytes_left = max_bytes
        self._bodies_left = max_bodies

    def take(self, *, bytes_: int = 0, bodies: int = 0) -> None:
        """Take a share; raises `WebError` (`busy`) where too little is left."""
        with self._lock:
            if bytes_ > self._bytes_left or bodies > self._bodies_left:
                raise WebError(code="busy", message=CROWDED)
            self._bytes_left -= bytes_
            self._bodies_left -= bodies

    def give_back(self, *, bytes_: int = 0, bodies: int = 0) -> None:
        """Return a share."""
        with self._lock:
            self._bytes_left += bytes_
            self._bodies_left += bodies


class Body:
    """A request's body as it arrives: the stream that Django reads a form from.

    Parameters
    ----------
    environ : dict
        The WSGI environment.
    budget : Budget
        Pays for what arrives, until `release`.

    Raises
    ------
    WebError
        While it is read: `busy`, `request_timeout`, or `invalid_parameter` where the sender left.
    """

    def __init__(self, environ: dict[str, Any], *, budget: Budget) -> None:
        budget.take(bodies=1)
        self._environ = environ
        self._budget = budget
        self._length = int(environ["CONTENT_LENGTH"])
        self._received = 0
        self._started = time.monotonic()

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size` of them; none at the end."""
        missing = self._length - self._received
        wanted = missing if size is None or size < 0 else min(size, missing)
        if not wanted:
            return b""
        wait_until(self._environ, self._started + GRACE_S + self._received / SLOWEST_BYTES_PER_S)
        block = self._block(wanted)
        self._budget.take(bytes_=len(block))
        self._received += len(block)
        return block

    def readline(self, size: int = -1) -> bytes:  # noqa: ARG002
        """The next bytes, whether a line or not: Django reads what follows a form by lines, only to drop it."""
        return self.read(BLOCK)

    def close(self) -> None:
        """Django closes a stream that it has read; what was read stays in memory, and paid for."""

    def release(self) -> None:
        """Return the share of the budget: the request is answered."""
        self._budget.give_back(bytes_=self._received, bodies=1)

    def _block(self, wanted: int) -> bytes:
        try:
            block: bytes = self._environ["wsgi.input"].read(wanted)
        except TimeoutError:
            raise StalledError from None
        except OSError:
            raise WebError(code="invalid_parameter", message=LEFT) from None
        if not block:
            raise WebError(code="invalid_parameter", message=LEFT)
        return block


def middleware(get_response: View) -> View:
    """Read a request's body before its view is called, or answer why it was not read to its end."""
    budget = Budget(
        max_bytes=settings.UPLOAD_BUDGET_MB * settings.MEGABYTE,
        max_bodies=max(settings.THREADS - SPARE_THREADS, settings.THREADS // 2),
    )

    def handle(request: HttpRequest) -> HttpResponseBase:
        if not _has_body(request):
            return get_response(request)
        with contextlib.ExitStack() as at_the_end:
            try:
                _refuse_unread(request)
                if request.path_info not in WITHOUT_RECORDING:
                    services.check_room()
                body = Body(request.META, budget=budget)
                at_the_end.callback(body.release)
                _parse(request, body)
            except (UndertoneError, MultiPartParserError, SuspiciousOperation, BadRequest, ValueError) as error:
                if not isinstance(error, StalledError):
                    drain(request)
                return answers.bad_request(request, error)
            finally:
                outright.arrived(request.META.get("gunicorn.socket"))
            return get_response(request)

    return handle


def drain(request: HttpRequest) -> None:
    """Read and drop the rest of a body for a moment: a client that is still sending would not read its answer."""
    deadline = time.monotonic() + DRAIN_S
    wait_until(request.META, deadline)
    stream = request.META["wsgi.input"]
    # Whatever goes wrong with a body that is already refused changes nothing in the answer.
    with contextlib.suppress(Exception):
        while time.monotonic() < deadline and stream.read(BLOCK):
            continue


def wait_until(environ: dict[str, Any], deadline: float) -> None:
    """Tell the server's socket, where it is ours, until when (on the monotonic clock) bytes are worth waiting for."""
    sock = environ.get("gunicorn.socket")
    if sock is not None and hasattr(sock, "deadline"):
        sock.deadline = deadline


def _has_body(request: HttpRequest) -> bool:
    environ = request.META
    return bool(
        environ.get("HTTP_TRANSFER_ENCODING")
        or environ.get("CONTENT_LENGTH") not in {None, "", "0"}
        or (request.method == "POST" and environ.get("CONTENT_TYPE"))
    )


def _refuse_unread(request: HttpRequest) -> None:
    if request.META.get("HTTP_TRANSFER_ENCODING") or not request.META.get("CONTENT_LENGTH"):
        raise WebError(code="length_required", message=UNKNOWN_LENGTH)
    if int(request.META["CONTENT_LENGTH"]) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        raise too_large()


def _parse(request: HttpRequest, body: Body) -> None:
    request.encoding = "utf-8"  # a form that claims another charset could name one that Python cannot decode with
    request._stream = body  # type: ignore[assignment]
    request.POST  # noqa: B018  (Django reads the body where a form is asked for)
    while body.read(BLOCK):  # what is no form is read and dropped: its view finds no recording in it
        continue
