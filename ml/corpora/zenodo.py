"""RAVDESS as Zenodo publishes it (record 1188976): downloaded, verified, unpacked, and left alone once complete."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from ml.corpora.download import CONTINUES, PAUSES_S, Audience, DownloadError, Published, download
from ml.corpora.unpacking import unpack

BASE_URL = "https://zenodo.org/records/1188976/files"
SPEECH = Published(
    name="Audio_Speech_Actors_01-24.zip",
    size_bytes=208_468_073,
    sha256="5d208e01632cc3e5242106fa2af3273e6dc5239fb8143131979ac74c4aa40657",
)
SONG = Published(
    name="Audio_Song_Actors_01-24.zip",
    size_bytes=225_505_317,
    sha256="89f3df66cc67ebb70c8af6f72f3f359bee497f6f763a9d863b6477619716d428",
)
TERMS = """\
RAVDESS is licensed CC BY-NC-SA 4.0 (https://creativecommons.org/licenses/by-nc-sa/4.0/): not for commercial use.
Please cite: Livingstone SR, Russo FA (2018) The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS):
A dynamic, multimodal set of facial and vocal expressions in North American English. PLoS ONE 13(5): e0196391.
https://doi.org/10.1371/journal.pone.0196391"""
RECORD = ".complete"  # what was unpacked: the size of each file by archive and path


def fetch(
    archive: Published,
    folder: Path,
    *,
    audience: Audience,
    base_url: str = BASE_URL,
    pauses_s: tuple[float, ...] = PAUSES_S,
) -> bool:
    """Make sure that a folder holds all files of an archive.

    Parameters
    ----------
    archive : Published
    folder : Path
        Made if need be.
    audience : Audience
    base_url : str
        Where the archive lies; a mirror serves it under the same name.
    pauses_s : tuple of float
        See `download`.

    Returns
    -------
    bool
        Whether there was anything to do.

    Raises
    ------
    DownloadError, ml.errors.CorpusError
    """
    if is_complete(archive, folder):
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        url = f"{base_url.rstrip('/')}/{archive.name}?download=1"
        zipped = download(archive, folder, url=url, audience=audience, pauses_s=pauses_s)
        _record(archive, folder, unpack(zipped, folder))
        zipped.unlink()
    except OSError as error:
        raise DownloadError(f"{folder} cannot be written: {error.strerror or error}. {CONTINUES}") from error
    return True


def is_complete(archive: Published, folder: Path) -> bool:
    """Whether every file that was unpacked from an archive is still there, at its length."""
    sizes = _records(folder).get(archive.name, {})
    return bool(sizes) and all(_has(folder / name, size) for name, size in sizes.items())


def _has(path: Path, size_bytes: int) -> bool:
    return path.is_file() and path.stat().st_size == size_bytes


def _records(folder: Path) -> dict[str, dict[str, int]]:
    records: dict[str, dict[str, int]] = {}
    with suppress(OSError, ValueError):  # none, or torn: then nothing is known to be complete
        records = json.loads((folder / RECORD).read_text("utf-8"))
    return records


def _record(archive: Published, folder: Path, sizes: dict[str, int]) -> None:
    unfinished = folder / f"{RECORD}.part"
    unfinished.write_text(json.dumps({**_records(folder), archive.name: sizes}), "utf-8")
    unfinished.replace(folder / RECORD)
