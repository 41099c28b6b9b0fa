"""Permission bits do not bind root, as whom tests often run: here they do."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = 65534
IS_ROOT = os.name == "posix" and os.getuid() == 0
BOUND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
WITHIN = BOUND if IS_ROOT else ()
"""What a program is started within, so that permission bits bind it."""

bits_bind = pytest.mark.skipif(
    IS_ROOT and not (shutil.which("setpriv") and hasattr(os, "setresuid")), reason="permission bits do not bind root"
)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be bound by permission bits for a moment."""
    if not IS_ROOT:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may read or enter."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0)
    yield folder
    folder.chmod(0o755)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, as those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path
        path.chmod(0o755)
        for entry in path.rglob("*"):
            entry.chmod(0o755)
