"""The form on the page, and what both doors, form and API, ask of an uploaded recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from classifier import samples
from classifier.errors import WebError

ACCEPT = ",".join(
    [
        *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".mp4", ".aac", ".webm"),
        *("audio/wav", "audio/flac", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/webm", "video/webm"),
    ]
)
"""Extensions and types: some phones grey files out where only `audio/*` is named."""

MISSING = "Please choose a recording first."
"""Said when nothing was sent in the field `audio`."""


class ClipForm(forms.Form):
    """A recording, or the name of one of the sample voices, and whose opinion comes first."""

    audio = forms.FileField(required=False, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ACCEPT}))
    model = forms.CharField(required=False, max_length=100)
    sample = forms.CharField(required=False, max_length=100)

    def clip(self) -> tuple[bytes, str | None]:
        """The recording that was sent, and the model that was asked for.

        Raises
        ------
        WebError
            `missing_audio`, `empty_upload`, `too_large`, `invalid_parameter`.
        """
        if not self.is_valid():
            field, problems = next(iter(self.errors.items()))
            message = f"The field {field} cannot be used: {problems[0]}"
            raise WebError(code="invalid_parameter", message=message)
        model = self.cleaned_data["model"] or None
        if name := self.cleaned_data["sample"]:
            return samples.audio_of(name), model
        return audio_of(cast("Sequence[UploadedFile[Any]]", self.files.getlist("audio"))), model


def audio_of(uploads: Sequence[UploadedFile[Any]]) -> bytes:
    """The bytes of the one recording that was sent.

    Raises
    ------
    WebError
        `missing_audio`, `empty_upload`, `too_large`, `invalid_parameter`.
    """
    if not uploads:
        raise WebError(code="missing_audio", message=MISSING)
    if len(uploads) > 1:
        raise WebError(code="invalid_parameter", message="Please send one recording at a time.")
    audio = cast("bytes", uploads[0].read())
    if not audio:
        raise WebError(code="empty_upload", message="The file is empty. Please choose another recording.")
    if len(audio) > settings.MAX_UPLOAD_MB * settings.MEGABYTE:
        raise too_large()
    return audio


def too_large() -> WebError:
    """What is said of a recording over the limit."""
    message = f"A recording may hold at most {settings.MAX_UPLOAD_MB} MB. Please send a shorter or compressed one."
    return WebError(code="too_large", message=message)
