"""Pages beside the studio: the picture walk, a shared result, and what a person should know before using this."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from whitenoise.middleware import WhiteNoiseMiddleware

from classifier import answers, charts, pictures, services, sharing
from classifier.errors import LOADING, WebError
from ml.card import facts
from ml.card.references import HUMAN_LISTENERS, ON_RAVDESS
from ml.errors import UndertoneError


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
    models = facts.read_all(services.models())
    on_ravdess = any(name == "ravdess" for model in models for name, _ in model.corpora)
    return render(
        request, "responsible_use.html", {"models": models, "on_ravdess": on_ravdess, "listeners": HUMAN_LISTENERS}
    )


@require_safe
def model(request: HttpRequest, name: str) -> HttpResponse:
    """Everything there is to know of one model, from its manifest alone."""
    if not services.readiness().ready:
        return answers.answer(request, WebError(code="not_ready", message=LOADING))
    found = next((each for each in facts.read_all(services.models()) if each.name == name), None)
    if found is None:
        return answers.answer(request, WebError(code="not_found", message="No model of that name is served here."))
    context = {
        "model": found,
        "listeners": HUMAN_LISTENERS,
        "references": ON_RAVDESS,
        "reliability": charts.reliability(found.strangers.reliability) if found.strangers else [],
        "losses": charts.curves(found.loss_curves),
        "recipe": json.dumps(found.recipe, indent=2, ensure_ascii=False),
    }
    return render(request, "model.html", context)
