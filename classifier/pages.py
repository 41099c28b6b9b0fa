"""Pages beside the studio: the picture walk, a shared result, and what a person should know before using this."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from whitenoise.middleware import WhiteNoiseMiddleware

from classifier import answers, model_facts, pictures, services, sharing
from ml.errors import UndertoneError

HUMAN_LISTENERS = 0.624
"""Share of the RAVDESS speech clips in which human listeners named the acted emotion."""


@require_safe
def picture_walk(request: HttpRequest) -> HttpResponse:
    """One picture after another, a recording for each, and at the end what was heard."""
    context = {
        "pictures": pictures.gallery().pictures,
        "limits": {"max_upload_mb": settings.MAX_UPLOAD_MB, "max_seconds": settings.MAX_SECONDS},
        "models": services.models(),
        "default_model": services.default_model(),
    }
    return render(request, "picture_walk.html", context)


@require_safe
def picture(request: HttpRequest, emotion: str, name: str) -> HttpResponseBase:
    """One of the pictures, safe to open by itself."""
    try:
        response: HttpResponseBase = WhiteNoiseMiddleware.serve(pictures.find(emotion, name).file, request)
    except UndertoneError as error:
        return answers.answer(request, error)
    return response


@require_safe
def shared_result(request: HttpRequest) -> HttpResponse:
    """A result that came with a link; nobody has verified it."""
    served = frozenset(model["name"] for model in services.models())
    try:
        claimed = sharing.read(request.GET, models=served)
    except UndertoneError as error:
        return answers.answer(request, error)
    response = render(request, "shared_result.html", {"answer": claimed})
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def responsible_use(request: HttpRequest) -> HttpResponse:
    """How well it works and for whom, from the models' own figures, and what the law asks of those who use it."""
    models = model_facts.facts(services.models())
    on_ravdess = any(name == "ravdess" for model in models for name, _ in model.corpora)
    return render(
        request, "responsible_use.html", {"models": models, "on_ravdess": on_ravdess, "listeners": HUMAN_LISTENERS}
    )
