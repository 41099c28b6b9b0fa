"""A folder with a file for each recording: its timeline, for the program that the recording is opened in."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from classifier.management.finished import Finished
from classifier.management.places import is_address
from classifier.management.rows import Row
from classifier.management.tally import Tally
from ml.errors import UndertoneError
from ml.exports import Track, as_textgrid, as_webvtt, tracks_of


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How files are called at their end, and how they are written."""

    ending: str
    write: Callable[[Sequence[Track]], str]


FILE_FORMATS = {"vtt": FileFormat("vtt", as_webvtt), "textgrid": FileFormat("TextGrid", as_textgrid)}


class TimelineFolder:
    """Timelines on disk, in folders like those of the recordings; a file that is there is whole.

    Parameters
    ----------
    folder : Path
        Made if need be.
    file_format : FileFormat
    paths : sequence of str
        Of all recordings: the folders that they share are left out.
    tell : callable
        Told of a recording that could not be analysed, since it has no file.

    Attributes
    ----------
    tally : Tally
        Of the recordings that are there, and what was heard in those that were added.
    """

    def __init__(
        self, folder: Path, file_format: FileFormat, *, paths: Sequence[str], tell: Callable[[str], object]
    ) -> None:
        self._folder = folder
        self._format = file_format
        self._shared = os.path.commonpath([_absolute(path).parent for path in paths])
        self._tell = tell
        folder.mkdir(parents=True, exist_ok=True)
        self.tally = Tally(count=sum(map(self.has, paths)))

    def has(self, path: str) -> bool:
        """Whether the timeline of a recording is there."""
        return self._file_of(path).exists()

    def append(self, row: Row) -> None:
        """Write the timeline of a recording, under its own name only once it is whole."""
        if isinstance(row.outcome, UndertoneError):
            self._tell(f"{row.path}: {row.outcome.code}: {row.outcome.message}")
        else:
            file = self._file_of(row.path)
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished = file.with_name(f".{file.name}.part")
            unfinished.write_text(self._format.write(tracks_of(row.outcome)), encoding="utf-8")
            unfinished.replace(file)
        self.tally.add(Finished.from_row(row))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held open."""

    def _file_of(self, path: str) -> Path:
        relative = _absolute(path).relative_to(self._shared)
        return self._folder / relative.with_name(f"{relative.name}.{self._format.ending}")


def _absolute(path: str) -> Path:
    """Where a recording lies, without the scheme of an address."""
    return Path(os.path.normpath(f"/{path.partition('://')[2]}" if is_address(path) else Path(path).absolute()))
