"""Zip files from elsewhere, unpacked so that nothing lands outside the folder that was named."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from ml.errors import CorpusError


def unpack(archive: Path, folder: Path) -> dict[str, int]:
    """Unpack a zip.

    Parameters
    ----------
    archive, folder : Path

    Returns
    -------
    dict of str to int
        The size of each file, in bytes, by its path in the folder.

    Raises
    ------
    CorpusError
        The zip is damaged, or holds a path that leads out of the folder; then nothing is unpacked.
    OSError
    """
    try:
        with zipfile.ZipFile(archive) as source:
            files = [info for info in source.infolist() if not info.is_dir()]
            for info in files:
                _check(info.filename, archive)
            for info in files:
                source.extract(info, folder)
    except zipfile.BadZipFile as error:
        raise CorpusError(f"{archive} cannot be unpacked: it is damaged.") from error
    return {info.filename: info.file_size for info in files}


def _check(name: str, archive: Path) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts):
        raise CorpusError(f"{archive} was not unpacked: {name!r} in it leads out of the folder.")
