"""The one place where errors are answered: as JSON under /api/, as a page elsewhere, always with the same status."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render

from classifier import home
from classifier.errors import STATUS, WAITING_HELPS, WebError, retry_after_s, status_of
from classifier.forms import MOST_RECORDINGS
from ml.errors import UndertoneError

FIELDS = "The fields of a form may hold at most 1 MB beside the recording."
FORM = "The form could not be read. Please send it as multipart/form-data."
FAULT = "Something went wrong on our side. Please try again later."


def answer(request: HttpRequest, error: UndertoneError) -> HttpResponse:
    """Tell a client what went wrong, in the language it asked in."""
    response = as_json(error) if request.path_info.startswith("/api/") else as_page(request, error)
    response.outcome = error.code if error.code in STATUS else "worker_died"  # type: ignore[attr-defined]
    return response


def as_json(error: UndertoneError) -> HttpResponse:
    """The shape of every error of the API."""
    body = {"error": {"code": error.code, "message": error.message}}
    return JsonResponse(body, status=status_of(error), headers=_headers(error))


def as_page(request: HttpRequest, error: UndertoneError) -> HttpResponse:
    """The form with the error on it, or a page of the error alone, which tries again by itself where waiting helps."""
    if request.path_info == "/" and error.code not in WAITING_HELPS | {"internal_error"}:
        response = home.page(request, error=error)
    else:
        context = {
            "status": status_of(error),
            "code": error.code,
            "message": error.message,
            "retry_after": retry_after_s(error) if error.code in WAITING_HELPS else None,
        }
        response = render(request, "error.html", context, status=status_of(error))
    for name, value in _headers(error).items():
        response[name] = value
    return response


def translated(exception: Exception | None) -> UndertoneError:
    """Say in our words what Django found wrong with a request."""
    match exception:
        case UndertoneError():
            return exception
        case TooManyFilesSent():
            return WebError(code="too_many_parts", message=f"Please send at most {MOST_RECORDINGS} recordings at once.")
        case TooManyFieldsSent():
            return WebError(code="too_many_parts", message="A form may hold at most 20 fields. Please send fewer.")
        case RequestDataTooBig():
            return WebError(code="invalid_parameter", message=FIELDS)
        case MultiPartParserError():
            return WebError(code="invalid_parameter", message=FORM)
    return WebError(code="invalid_parameter", message="The request could not be understood.")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return answer(request, translated(exception))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Django's handler403."""
    return answer(request, WebError(code="forbidden", message="This is not allowed here."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form that did not come from our own page, or whose cookie is gone."""
    message = "The form has expired or came from another site. Please open the page again and send it from there."
    return answer(request, WebError(code="forbidden", message=message))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Django's handler404."""
    return answer(request, WebError(code="not_found", message="There is nothing at this address."))


def method_not_allowed(request: HttpRequest, refused: HttpResponseBase) -> HttpResponse:
    """Give a bare 405 of Django or the API framework the shape of all errors."""
    allowed = refused["Allow"]
    response = answer(request, WebError(code="method_not_allowed", message=f"This address answers to {allowed} only."))
    response["Allow"] = allowed
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a fault of ours, which the log has with the request's id."""
    return answer(request, WebError(code="internal_error", message=FAULT))


def _headers(error: UndertoneError) -> dict[str, str]:
    wait_s = retry_after_s(error)
    return {} if wait_s is None else {"Retry-After": str(wait_s)}
