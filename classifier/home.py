"""The page at `/`, whatever is on it: the form alone, answers, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from classifier import samples, services
from classifier.errors import retry_after_s, status_of
from classifier.forms import ACCEPT, ClipForm
from ml.errors import UndertoneError
from ml.results import Prediction


def page(
    request: HttpRequest,
    *,
    form: ClipForm | None = None,
    answers: Sequence[Prediction] = (),
    error: UndertoneError | None = None,
) -> HttpResponse:
    """Render the page, with the status of the error where there is one."""
    models = services.models()
    shown = [answer.as_dict() for answer in answers]
    context = {
        "form": form or ClipForm(),
        "limits": {"max_upload_mb": settings.MAX_UPLOAD_MB, "max_seconds": settings.MAX_SECONDS, "accept": ACCEPT},
        "samples": list(samples.available().values()),
        "models": models,
        "default_model": services.default_model(),
        "result": shown[0] if shown else None,
        "answers": shown,
        "error": error and {"code": error.code, "message": error.message, "retry_after": retry_after_s(error)},
    }
    return render(request, "home.html", context, status=status_of(error) if error else 200)
