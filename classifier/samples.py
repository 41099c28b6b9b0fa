"""The sample voices: recordings that answer in one click, read from SAMPLES_DIR when first asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from whitenoise.responders import StaticFile

from classifier.errors import WebError

SIGNATURES = {".wav": (b"RIFF", "audio/wav"), ".ogg": (b"OggS", "audio/ogg"), ".flac": (b"fLaC", "audio/flac")}
"""By file extension, the bytes such a file starts with, and its type."""

UNKNOWN = "There is no sample voice of that name. Please choose one of the list."

MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample voice.

    Attributes
    ----------
    name : str
        Its file name, which is also its address under /samples/.
    label : str
        What its button says: the name without extension and leading number, hyphens as blanks.
    url : str
    audio : bytes
    file : whitenoise.responders.StaticFile
        Answers requests for it, ranges included, which Safari needs to play it.
    """

    name: str
    label: str
    url: str
    audio: bytes
    file: StaticFile


@cache
def available() -> dict[str, Sample]:
    """All sample voices by name, in the order of their names; a folder that is missing holds none."""
    folder: Path = settings.SAMPLES_DIR
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return {path.name: _read(path) for path in paths if _is_sample(path)}


def find(name: str) -> Sample:
    """The sample voice of that name; raises `WebError` (`not_found`) where there is none."""
    sample = available().get(name)
    if sample is None:
        raise WebError(code="not_found", message=UNKNOWN)
    return sample


def audio_of(name: str) -> bytes:
    """The recording of a sample voice that a form asks for; raises `WebError` (`invalid_parameter`)."""
    if name not in available():
        raise WebError(code="invalid_parameter", message=UNKNOWN)
    return available()[name].audio


def _is_sample(path: Path) -> bool:
    if path.suffix not in SIGNATURES or not path.is_file() or path.stat().st_size > MAX_BYTES:
        return False
    signature, _ = SIGNATURES[path.suffix]
    with path.open("rb") as file:
        return file.read(len(signature)) == signature


def _read(path: Path) -> Sample:
    label = re.sub(r"^\d+[-_ ]", "", path.stem).replace("-", " ").replace("_", " ").capitalize()
    _, content_type = SIGNATURES[path.suffix]
    file = StaticFile(str(path), [("Content-Type", content_type), ("Cache-Control", "max-age=3600")])
    url = reverse("sample", args=[path.name])
    return Sample(name=path.name, label=label, url=url, audio=path.read_bytes(), file=file)
