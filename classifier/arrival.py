"""Lets the bodies of requests in: into memory only, within their limits, and while they arrive, not after."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase
from django.http.multipartparser import MultiPartParserError

from classifier import answers, outright, services
from classifier.bodies import BLOCK, Body, Budget, StalledError, wait_until
from classifier.errors import WebError
from classifier.forms import too_large
from ml.errors import UndertoneError

DRAIN_S = 2.0
"""How long the rest of a refused body is read and thrown away, so that its sender gets to read the answer."""

SPARE_THREADS = 32
"""Threads that bodies may not take: pages and probes never wait behind uploads."""

WITHOUT_RECORDING = frozenset({"/api/v1/export"})
"""Addresses that take no recording: they answer however busy the workers are."""

UNKNOWN_LENGTH = "The length of the upload must be sent along (Content-Length); chunked uploads are not read."

View = Callable[[HttpRequest], HttpResponseBase]


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
                _forget(request)
                at_the_end.close()
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


def _forget(request: HttpRequest) -> None:
    """Let go of what has arrived of a refused body: Django's handler and its request would keep each other alive."""
    for handler in request.upload_handlers:
        if file := getattr(handler, "file", None):
            file.close()


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
