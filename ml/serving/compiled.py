"""Where numba keeps compiled code: it loads nothing where it cannot, as on a full disk or below a read-only root."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ml.errors import ModelError

VARIABLE = "NUMBA_CACHE_DIR"
ROOM_BYTES = 8 * 2**20  # what numba writes for all our features, twice over
IN_MEMORY = Path("/dev/shm")  # noqa: S108 (a private folder in it)


@dataclass
class Kept:
    """How it went.

    Attributes
    ----------
    remark : str or None
        What an operator should know, once all is loaded.
    """

    remark: str | None = None


@contextmanager
def code_kept() -> Iterator[Kept]:
    """Load and warm within this: numba gets a folder that it can write, in memory where the usual one will not do.

    What lies in the usual one is copied there, so that an image can bring its code compiled and be read-only; there is
    something to remark only where that was not all that was needed.

    Raises
    ------
    ModelError
        No folder at all can be written.
    """
    usual, kept = _usual(), Kept()
    if _has_room(usual):
        yield kept
        return
    with _private_folder() as folder:
        if VARIABLE in os.environ and usual.is_dir():
            shutil.copytree(usual, folder, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        brought = compiled_in(folder)
        os.environ[VARIABLE] = str(folder)
        yield kept
        if compiled_in(folder) != brought:
            kept.remark = (
                f"Compiled code cannot be kept in {usual}, so each start is slow: set {VARIABLE}, or make room there."
            )


def compiled_in(folder: Path) -> set[Path]:
    """The files of compiled code in a folder."""
    return set(folder.rglob("*.nb[ic]"))


def _usual() -> Path:
    beside = importlib.util.find_spec("librosa")
    default = Path(beside.origin).parent / "__pycache__" if beside and beside.origin else Path.cwd()
    return Path(os.environ.get(VARIABLE) or default)


@contextmanager
def _private_folder() -> Iterator[Path]:
    parents = [folder for folder in (IN_MEMORY, *_temporary()) if _has_room(folder)]
    if not parents:
        message = f"Nowhere is room for compiled code: mount a tmpfs at /tmp or /dev/shm, or make room in {_usual()}."
        raise ModelError(message)
    with tempfile.TemporaryDirectory(prefix="undertone-", dir=parents[0]) as folder:
        yield Path(folder)


def _temporary() -> list[Path]:
    try:
        return [Path(tempfile.gettempdir())]
    except FileNotFoundError:
        return []


def _has_room(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(bytes(ROOM_BYTES)) == ROOM_BYTES
    except OSError:
        return False
