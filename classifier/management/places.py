"""Where recordings lie: files, folders, and addresses (`s3://…`); found first, and read when their turn comes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from ml.errors import UndertoneError

ENDINGS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".mp4", ".aac", ".webm")
MEGABYTE = 1024 * 1024


class UnusablePlaceError(Exception):
    """A place that cannot be looked into; the message is a sentence."""


def audio_files(places: Iterable[str], *, recursive: bool) -> Iterator[str]:
    """The recordings that were named, and those in the folders that were named which are called like audio.

    Raises
    ------
    UnusablePlaceError
    """
    for place in places:
        if is_address(place):
            yield from _at_address(place, recursive=recursive)
        elif Path(place).is_dir():
            yield from _in_folder(Path(place), recursive=recursive)
        elif Path(place).is_file():
            yield str(Path(place))
        else:
            message = f"{place} is neither a file nor a folder."
            raise UnusablePlaceError(message)


def is_address(place: str) -> bool:
    """Whether it is read through fsspec."""
    return "://" in place


def read(place: str, *, limit_mb: int) -> bytes:
    """A recording, unless it is larger than what a worker may use.

    Raises
    ------
    UndertoneError
        `unreadable`, `too_large` or `empty_upload`.
    """
    with _plain_failures(place), _open(place) as file:
        audio = file.read(limit_mb * MEGABYTE + 1)
    if len(audio) > limit_mb * MEGABYTE:
        message = f"This file is larger than {limit_mb} MB. Please cut it into shorter parts or compress it."
        raise UndertoneError("too_large", message)
    _check_content(len(audio))
    return audio


@contextmanager
def opened(place: str) -> Iterator[BinaryIO]:
    """A recording of any size as a file of this machine; one from an address is on its disk as long as it is open.

    Raises
    ------
    UndertoneError
        `unreadable` or `empty_upload`.
    """
    with ExitStack() as stack:
        with _plain_failures(place):
            file = stack.enter_context(_open(place))
            if is_address(place):
                copy = stack.enter_context(TemporaryFile())
                shutil.copyfileobj(file, copy, MEGABYTE)
                copy.flush()
                file = copy
            _check_content(os.fstat(file.fileno()).st_size)
        yield file


def _open(place: str) -> BinaryIO:
    if not is_address(place):
        return Path(place).open("rb")
    import fsspec  # an extra

    file: BinaryIO = fsspec.open(place, "rb").open()
    return file


@contextmanager
def _plain_failures(place: str) -> Iterator[None]:
    """Say in a sentence why a recording cannot be read."""
    try:
        yield
    except UndertoneError:
        raise
    except OSError as error:
        raise _unreadable(error.strerror or type(error).__name__) from error
    except Exception as error:
        if not is_address(place):
            raise
        raise _unreadable(type(error).__name__) from error  # each backend of fsspec raises its own


def _unreadable(reason: str) -> UndertoneError:
    return UndertoneError("unreadable", f"This file cannot be read ({reason}).")


def _check_content(size_bytes: int) -> None:
    if not size_bytes:
        raise UndertoneError("empty_upload", "This file is empty.")


def _in_folder(folder: Path, *, recursive: bool) -> Iterator[str]:
    for parent, below, names in os.walk(folder):
        below[:] = sorted(below) if recursive else []
        yield from (str(Path(parent, name)) for name in sorted(names) if _is_called_like_audio(name))


def _at_address(address: str, *, recursive: bool) -> Iterator[str]:
    try:
        system, root = _file_system(address)
        if not system.isdir(root):
            if not system.exists(root):
                message = f"There is nothing at {address}."
                raise UnusablePlaceError(message)
            yield address
            return
        names = sorted(system.find(root, maxdepth=None if recursive else 1))
    except UnusablePlaceError:
        raise
    except Exception as error:
        message = f"{address} cannot be looked into: {error or type(error).__name__}"
        raise UnusablePlaceError(message) from error
    yield from (system.unstrip_protocol(name) for name in names if _is_called_like_audio(name.rpartition("/")[2]))


def _file_system(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        message = f"Addresses such as {address} need fsspec (pip install 'dask[distributed]' brings it)."
        raise UnusablePlaceError(message) from error
    system, root = url_to_fs(address)
    return system, str(root)


def _is_called_like_audio(name: str) -> bool:
    return name.lower().endswith(ENDINGS) and not name.startswith("._")  # `._` holds what macOS knows of a file
