"""The form on the page, and what both doors, form and API, ask of an uploaded recording."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from classifier import samples
from classifier.errors import WebError
from ml.errors import numbered
from ml.results import CHANNELS

ACCEPT = ",".join(
    [
        *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".mp4", ".aac", ".webm"),
        *("audio/wav", "audio/flac", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/webm", "video/webm"),
    ]
)
"""Extensions and types: some phones grey files out where only `audio/*` is named."""

MISSING = "Please choose a recording first."
"""Said when nothing was sent in the field `audio`."""


MOST_RECORDINGS = settings.DATA_UPLOAD_MAX_NUMBER_FILES
"""Of a normal voice."""


class ClipForm(forms.Form):
    """A recording, or the name of one of the sample voices, and whose opinion comes first."""

    audio = forms.FileField(required=False, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ACCEPT}))
    model = forms.CharField(required=False, max_length=100)
    sample = forms.CharField(required=False, max_length=100)
    voice = forms.CharField(required=False)
    timeline = forms.BooleanField(required=False)
    channels = forms.ChoiceField(required=False, choices=[(side, side) for side in CHANNELS])

    def clip(self) -> dict[str, Any]:
        """What was sent, as the services take it: the recording, and how it is to be heard.

        Raises
        ------
        WebError
            `missing_audio`, `empty_upload`, `too_large`, `invalid_parameter`.
        """
        check_texts(self.files)
        if not self.is_valid():
            field, problems = next(iter(self.errors.items()))
            message = f"The field {field} cannot be used: {problems[0]}"
            raise WebError(code="invalid_parameter", message=message)
        asked: dict[str, Any] = {name: self.cleaned_data[name] or None for name in ("model", "voice")}
        asked |= {"timeline": self.cleaned_data["timeline"], "channels": self.cleaned_data["channels"] or "mix"}
        if name := self.cleaned_data["sample"]:
            return {"audio": samples.audio_of(name), **asked}
        return {"audio": audio_of(cast("Sequence[UploadedFile[Any]]", self.files.getlist("audio"))), **asked}


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
    return _read(uploads[0])


def recordings_of(uploads: Sequence[UploadedFile[Any]]) -> list[bytes]:
    """The bytes of the recordings of a normal voice; a form holds at most five. Raises what `audio_of` raises."""
    if not uploads:
        raise WebError(code="missing_audio", message=MISSING)
    return [_read(upload, number, len(uploads)) for number, upload in enumerate(uploads, 1)]


def check_texts(files: MultiValueDict[str, Any]) -> None:
    """Refuse fields of text that were sent as files: they would be passed over in silence.

    Raises
    ------
    WebError
        `invalid_parameter`.
    """
    for name in ClipForm.base_fields:
        if name != "audio" and name in files:
            message = f"The field {name} must be sent as text, not as a file."
            raise WebError(code="invalid_parameter", message=message)


def _read(upload: UploadedFile[Any], number: int = 1, count: int = 1) -> bytes:
    audio = cast("BytesIO", upload.file).getvalue()  # the very memory that it arrived in: `read` would copy it
    if not audio:
        message = numbered("The file is empty. Please choose another recording.", number, count)
        raise WebError(code="empty_upload", message=message)
    if len(audio) > settings.MAX_UPLOAD_MB * settings.MEGABYTE:
        raise too_large()
    return audio


def too_large() -> WebError:
    """What is said of a recording over the limit."""
    message = f"A recording may hold at most {settings.MAX_UPLOAD_MB} MB. Please send a shorter or compressed one."
    return WebError(code="too_large", message=message)
