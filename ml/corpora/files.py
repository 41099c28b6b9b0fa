"""The files of a corpus, in a folder or in a zip that is read without unpacking it."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ml.errors import CorpusError

# What operating systems and archivers leave behind; nobody misses it in a report of skipped files.
CLUTTER = {".DS_Store", "Thumbs.db", "desktop.ini", ".complete"}


@dataclass(frozen=True, order=True)
class CorpusFile:
    """One file.

    Attributes
    ----------
    root : Path
        The folder or the zip.
    name : str
        Its path inside the root, with `/`.
    """

    root: Path
    name: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders it is in and its own name."""
        return PurePosixPath(self.name).parts

    @property
    def stem(self) -> str:
        """Its name without folders and ending."""
        return PurePosixPath(self.name).stem

    def read(self) -> bytes:
        """Its content.

        Raises
        ------
        OSError
        """
        if self.root.is_dir():
            return (self.root / self.name).read_bytes()
        try:
            return _open_zip(self.root).read(self.name)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # the last where it is encrypted
            raise OSError(f"damaged or locked in the zip ({error})") from error


@lru_cache(maxsize=4)
def _open_zip(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def list_files(root: Path) -> list[CorpusFile]:
    """All files below a folder, or in a zip, in order of their names.

    Raises
    ------
    CorpusError
        Where there is neither.
    """
    if root.is_dir():
        names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    else:
        try:
            names = [info.filename for info in _open_zip(root).infolist() if not info.is_dir()]
        except (OSError, zipfile.BadZipFile) as error:
            raise CorpusError(f"{root} is neither a folder nor a whole zip file.") from error
    return [CorpusFile(root, name) for name in sorted(_without_clutter(names))]


def _without_clutter(names: list[str]) -> Iterator[str]:
    for name in names:
        path = PurePosixPath(name)
        if path.name not in CLUTTER and "__MACOSX" not in path.parts and not path.name.startswith("._"):
            yield name
