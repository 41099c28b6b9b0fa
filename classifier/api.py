"""The API, version 1: the same work as the page, as JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import File, Form, NinjaAPI
from ninja.errors import ValidationError
from ninja.files import UploadedFile

from classifier import answers, exports, services, voices
from classifier.errors import LOADING, WebError
from classifier.forms import MISSING, audio_of, check_texts, recordings_of
from classifier.schemas import ERRORS, ModelsOut, PredictionOut, VoiceOut, with_errors
from ml.errors import UndertoneError
from ml.results import Channels

api = NinjaAPI(
    title="Undertone",
    version="1",
    description=(
        "Hears emotion in a voice, and says how sure it is. Recordings are analysed in memory and not kept. "
        "Every error is one object, `error`, with a stable `code` and a `message` that a person understands."
    ),
    docs_url=None,
    urls_namespace="api-v1",
)


@api.post(
    "/classify",
    response=with_errors(PredictionOut, 400, 408, 411, 413, 415, 422, 429, 503),
    summary="Hear the emotion in a recording",
)
def classify(
    request: HttpRequest,
    audio: File[list[UploadedFile]],
    model: Form[str | None] = None,
    voice: Form[str | None] = None,
    timeline: Form[bool] = False,
    channels: Form[Channels] = "mix",
) -> dict[str, Any]:
    """Send one recording (WAV, FLAC, OGG, MP3, M4A or WebM) in the field `audio`, as `multipart/form-data`.

    `model` asks another model than the default one. `voice` is a token from `POST /voice`, or `recording`: the
    speaker's normal voice is then taken from the recording itself, where it holds a minute of speech. `timeline=true`
    adds what is heard over time. `channels` chooses a side of a stereo call: `left`, `right`, or `split` for both.
    """
    check_texts(request.FILES)
    return services.classify_clip(
        audio=audio_of(audio),
        model=model or None,
        voice=(voice or "").strip() or None,
        timeline=timeline,
        channels=channels,
    ).as_dict()


@api.post(
    "/voice",
    response=with_errors(VoiceOut, 400, 408, 411, 413, 415, 422, 429, 503),
    summary="Remember a speaker's normal voice",
)
def voice(request: HttpRequest, audio: File[list[UploadedFile]]) -> dict[str, Any]:  # noqa: ARG001
    """Send one to five recordings of ordinary speech, about ten seconds in all, in fields named `audio`.

    The token in the answer is personal data: a mean spectrum hints at who speaks. It is not kept here; send it back as
    `voice` with each recording to classify.
    """
    heard = services.normal_voice(recordings=recordings_of(audio))
    return {"voice": voices.sign(heard), "clips": heard.clips, "speech_s": heard.speech_s}


@api.post(
    "/export",
    response={status: ERRORS[status] for status in (400, 408, 411, 413, 429, 503)},
    openapi_extra={"responses": {200: {"description": "OK", "content": exports.CONTENT}}},
    summary="Turn a timeline into a file",
)
def export(
    request: HttpRequest,  # noqa: ARG001
    result: Form[str],
    format: Form[exports.FormatName],  # noqa: A002
    name: Form[str] = "",
) -> HttpResponse:
    """Send an answer of `POST /classify` that has a timeline back as `result`, and get it as a file.

    `format` is `csv`, `json`, `vtt` (WebVTT subtitles) or `textgrid` (Praat); `name` is that of the recording.
    """
    file = exports.download(result=result, format=format, name=name)
    disposition = content_disposition_header(as_attachment=True, filename=file.name)
    return HttpResponse(
        file.body, content_type=file.content_type, headers={"Content-Disposition": disposition or "attachment"}
    )


@api.get("/models", response=with_errors(ModelsOut, 503), summary="The models served")
def models(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """Every model with its labels, its features, and its honest figures."""
    if not services.readiness().ready:
        raise WebError(code="not_ready", message=LOADING)
    return {"models": services.models()}


@api.exception_handler(UndertoneError)
def on_error(request: HttpRequest, error: UndertoneError) -> HttpResponse:
    """Everything a user is told about."""
    return answers.answer(request, error)


@api.exception_handler(ValidationError)
def on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What the framework found wrong with the parameters, in the contract's shape."""
    fields = [str(problem["loc"][-1]) for problem in error.errors]
    if "audio" in fields:
        return answers.answer(request, WebError(code="missing_audio", message=MISSING))
    return answers.answer(request, WebError(code="invalid_parameter", message=_refused(fields[0], error.errors[0])))


def _refused(field: str, problem: dict[str, Any]) -> str:
    possible = "true or false" if problem["type"] == "bool_parsing" else problem.get("ctx", {}).get("expected")
    return f"The field {field} must be {possible}." if possible else f"The field {field} is missing or unreadable."
