"""One line in the log and one count in the metrics for each request, with an id and nothing about a person."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from classifier import clients, metrics
from classifier.probes import PROBES
from emotion_site.logs import request_id

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")

View = Callable[[HttpRequest], HttpResponseBase]

logger = logging.getLogger(__name__)


def middleware(get_response: View) -> View:
    """Give a request its id, and note how it was answered.

    Neither its address, nor its query, nor its headers, nor the names of its files are noted: the route says enough.
    """

    def handle(request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        with identified(request.META.get("HTTP_X_REQUEST_ID", "")) as id_:
            response = get_response(request)
            response["X-Request-ID"] = id_
            note(
                method=request.method if request.method in METHODS else "other",
                route=_route(request),
                status=response.status_code,
                outcome=_outcome(response),
                seconds=time.monotonic() - started,
                forwarded_for=request.META.get("HTTP_X_FORWARDED_FOR", ""),
            )
        return response

    return handle


@contextmanager
def identified(given: str) -> Iterator[str]:
    """All that is logged meanwhile has the id that a trusted proxy gave, or a new one."""
    is_theirs = settings.TRUSTED_PROXIES and WELL_FORMED.fullmatch(given)
    token = request_id.set(given if is_theirs else uuid.uuid4().hex)
    try:
        yield request_id.get()
    finally:
        request_id.reset(token)


def note(*, method: str | None, route: str, status: int, outcome: str, seconds: float, forwarded_for: str) -> None:
    """Log and count how one request was answered."""
    metrics.observe_request(route=route, outcome=outcome, seconds=seconds)
    fields = {
        "method": method,
        "route": route,
        "status": status,
        "outcome": outcome,
        "duration_ms": round(seconds * 1000, 1),
        "forwarded": len(clients.hops(forwarded_for)),
    }
    level = logging.DEBUG if route in PROBES or route == "static" else logging.INFO
    logger.log(level, "request", extra={"fields": fields})


def _outcome(response: HttpResponseBase) -> str:
    usual = "ok" if response.status_code < 400 else str(response.status_code)
    return str(getattr(response, "outcome", usual))


def _route(request: HttpRequest) -> str:
    if request.path_info in PROBES:
        return request.path_info
    if request.path_info.startswith(settings.STATIC_URL):
        return "static"
    try:  # what was refused at the door has not been asked yet where it wants to go
        return "/" + (request.resolver_match or resolve(request.path_info)).route
    except Resolver404:
        return "unknown"
