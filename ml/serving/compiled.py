"""Where numba keeps compiled code: it loads nothing where it cannot, as on a full disk or below a read-only root."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ml.errors import ModelError

VARIABLE = "NUMBA_CACHE_DIR"
ROOM_BYTES = 8 * 2**20  # what numba writes for all our features, twice over
IN_MEMORY = Path("/dev/shm")  # noqa: S108 (a private folder in it)


@contextmanager
def code_kept() -> Iterator[str | None]:
    """Load and warm within this: numba gets a folder that it can write, in memory where the usual one will not do.

    Yields
    ------
    str or None
        What an operator should know.

    Raises
    ------
    ModelError
        No folder at all can be written.
    """
    usual = _usual()
    if _has_room(usual):
        yield None
        return
    with _private_folder() as folder:
        if usual.is_dir() and VARIABLE in os.environ:
            shutil.copytree(usual, folder, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        os.environ[VARIABLE] = str(folder)
        yield f"Compiled code cannot be kept in {usual}, so each start is slow: set {VARIABLE}, or make room there."


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
