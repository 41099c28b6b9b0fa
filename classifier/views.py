"""The pages that people see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods, require_safe
from ninja.openapi.views import openapi_view
from whitenoise.middleware import WhiteNoiseMiddleware

from classifier import answers, samples, services
from classifier import home as home_page
from classifier.api import api
from classifier.forms import ClipForm
from ml.errors import UndertoneError


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponseBase:
    """The form, and under it what every model hears in the recording that was sent."""
    if request.method != "POST":
        return home_page.page(request)
    form = ClipForm(request.POST, request.FILES)
    try:
        heard = services.opinions(**form.clip())
    except UndertoneError as error:
        return answers.answer(request, error)
    return home_page.page(request, form=form, answers=heard)


@require_safe
def sample(request: HttpRequest, name: str) -> HttpResponseBase:
    """One of the sample voices."""
    try:
        response: HttpResponseBase = WhiteNoiseMiddleware.serve(samples.find(name).file, request)
    except UndertoneError as error:
        return answers.answer(request, error)
    return response


@require_safe
def api_docs(request: HttpRequest) -> HttpResponseBase:
    """The API, to read and to try."""
    return openapi_view(request, api)
