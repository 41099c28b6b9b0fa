"""What every answer carries, and the shape of those that Django would give a shape of its own."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware

from classifier import answers

type_of_view = Callable[[HttpRequest], HttpResponseBase]

PERMISSIONS = "microphone=(self), " + ", ".join(
    f"{feature}=()"
    for feature in ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "payment", "usb")
)

COMPRESSED = ("text/html", "application/json")
ONE_PACKET = 1400
"""Fewer bytes would not arrive sooner."""


def security_headers(get_response: type_of_view) -> type_of_view:
    """Add the headers that Django and django-csp leave out, altogether or of what they never see: probes, say."""
    always = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Permissions-Policy": PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        **({} if settings.FRAME_ANCESTORS else {"X-Frame-Options": settings.X_FRAME_OPTIONS}),
    }

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in always.items():
            response.headers.setdefault(name, value)
        return response

    return handle


def compression(get_response: type_of_view) -> type_of_view:
    """Compress pages and long answers of the API.

    Django's middleware adds a random length, so that the size of a page does not betray the token in it (BREACH).
    Errors stay as they are: they are short, and `classifier.outright` has to find the nonce in those it says again.
    """
    gzip = GZipMiddleware(get_response)

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        is_text = response.get("Content-Type", "").startswith(COMPRESSED)
        if isinstance(response, HttpResponse) and response.status_code == HTTPStatus.OK and is_text:
            return gzip.process_response(request, response) if len(response.content) > ONE_PACKET else response
        return response

    return handle


def contract_errors(get_response: type_of_view) -> type_of_view:
    """Give the bare 405 of a view the shape of all errors."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code == HttpResponseNotAllowed.status_code and "Allow" in response:
            return answers.method_not_allowed(request, response)
        return response

    return handle
