"""What the platform asks: is the process alive, does it answer clips? To any Host, over plain HTTP."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from classifier import answers, clients, services
from classifier.errors import LOADING, WebError
from classifier.metrics import REGISTRY, EngineCollector

View = Callable[[HttpRequest], HttpResponseBase]


@require_safe
def healthz(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001
    """The process lives."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001
    """The models are loaded, verified and warm; `warning` says what an operator should look at."""
    state = services.readiness()
    if not state.ready:
        return answers.as_json(WebError(code="not_ready", message=state.failure or LOADING))
    body = {"status": "ready", "models": [{"name": m["name"], "version": m["version"]} for m in services.models()]}
    return JsonResponse(body | ({"warning": state.warning} if state.warning else {}))


@require_safe
def metrics(request: HttpRequest) -> HttpResponseBase:
    """What Prometheus reads: with the token where one is set, otherwise from this machine only."""
    token = settings.METRICS_TOKEN
    given = request.META.get("HTTP_AUTHORIZATION", "")
    allowed = constant_time_compare(given, f"Bearer {token}") if token else clients.is_local(request)
    if not allowed:
        return answers.as_json(WebError(code="forbidden", message="The metrics are not for everybody."))
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_PLAIN_0_0_4)


REGISTRY.register(EngineCollector(statistics=services.statistics, models=services.models))

PROBES: dict[str, View] = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


def middleware(get_response: View) -> View:
    """Answer probes before the Host is checked and before plain HTTP is redirected: probes speak neither."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        return PROBES.get(request.path_info, get_response)(request)

    return handle
