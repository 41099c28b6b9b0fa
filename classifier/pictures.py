"""The pictures of the walk: read from PICTURES_DIR once, each in a folder named for the emotion it is meant to stir."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from whitenoise.responders import StaticFile

from classifier.errors import WebError
from ml.emotions import EMOTIONS

MAX_BYTES = 5 * 1024 * 1024
HEAD_BYTES = 1024
SVG_ROOT = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<svg[\s>]", re.DOTALL)
INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The policy under which a picture is opened by itself: an SVG may then style what it draws, and nothing else."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of the walk.

    Attributes
    ----------
    emotion : str
        What it is meant to stir: the name of its folder.
    name : str
        Its file name.
    description : str
        The same in words, without extension and leading number, hyphens as blanks.
    url : str
    file : whitenoise.responders.StaticFile
    """

    emotion: str
    name: str
    description: str
    url: str
    file: StaticFile


@dataclass(frozen=True, slots=True)
class Gallery:
    """The pictures in the order of the walk, and the paths that were left out because they are something else."""

    pictures: tuple[Picture, ...]
    left_out: tuple[Path, ...]


@cache
def gallery() -> Gallery:
    """Read PICTURES_DIR; emotions take turns, so that no two of one follow each other while others are left."""
    rows: list[list[Picture]] = []
    left_out: list[Path] = []
    for folder in _entries(settings.PICTURES_DIR):
        row: list[Picture] = []
        for path in _entries(folder) if folder.name in EMOTIONS else [folder]:
            media_type = _media_type(path) if path != folder else None
            if media_type:
                row.append(_picture(path, media_type))
            else:
                left_out.append(path)
        rows.append(row)
    turns = chain.from_iterable(zip_longest(*rows))
    return Gallery(tuple(picture for picture in turns if picture), tuple(left_out))


def find(emotion: str, name: str) -> Picture:
    """One picture; raises `WebError` (`not_found`) where there is none."""
    for picture in gallery().pictures:
        if (picture.emotion, picture.name) == (emotion, name):
            return picture
    raise WebError(code="not_found", message="There is no such picture.")


def _entries(folder: Path) -> Iterator[Path]:
    visible = (path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else ()
    return iter(sorted(visible))


def _media_type(path: Path) -> str | None:
    """What a file is by its content, whatever its name says; None for what browsers cannot show as a picture."""
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return None
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return "image/svg+xml" if SVG_ROOT.match(head) else None


def _picture(path: Path, media_type: str) -> Picture:
    headers = [("Content-Type", media_type), ("Cache-Control", "max-age=3600"), ("Content-Security-Policy", INERT)]
    return Picture(
        emotion=path.parent.name,
        name=path.name,
        description=re.sub(r"^\d+[-_ ]", "", path.stem).replace("-", " ").replace("_", " ").capitalize(),
        url=reverse("picture", args=[path.parent.name, path.name]),
        file=StaticFile(str(path), headers),
    )
