"""The published archives, from a server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ml.corpora import zenodo
from ml.corpora.download import Audience, DownloadError, Published
from tests.ml.corpora.mirror import CLIPS, NO_PAUSES_S, Mirror, published, serving, zipped

SONGS = {name.replace("03-01", "03-02"): content for name, content in CLIPS.items()}
SPEECH = published(zipped(CLIPS), "speech.zip")
SONG = published(zipped(SONGS), "song.zip")


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving(Mirror({"speech.zip": zipped(CLIPS), "song.zip": zipped(SONGS)})) as mirror:
        yield mirror


def fetch(mirror: Mirror, folder: Path, archive: Published = SPEECH) -> bool:
    audience = Audience(position=lambda _: None, trouble=lambda _: None)
    return zenodo.fetch(archive, folder, audience=audience, base_url=mirror.url, pauses_s=NO_PAUSES_S)


def clips(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.wav")}


def test_it_leaves_the_clips_and_no_zip(mirror: Mirror, tmp_path: Path) -> None:
    assert fetch(mirror, tmp_path / "new" / "ravdess")
    assert clips(tmp_path / "new" / "ravdess") == CLIPS
    assert not list(tmp_path.rglob("*.zip*"))


def test_it_asks_for_the_file_as_zenodo_wants_it(mirror: Mirror, tmp_path: Path) -> None:
    fetch(mirror, tmp_path)
    assert mirror.asked == [("/speech.zip?download=1", None)]


def test_it_leaves_a_complete_folder_as_it_is(mirror: Mirror, tmp_path: Path) -> None:
    fetch(mirror, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert not fetch(mirror, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    assert len(mirror.asked) == 1


def test_it_knows_speech_and_song_apart(mirror: Mirror, tmp_path: Path) -> None:
    fetch(mirror, tmp_path)
    assert not zenodo.is_complete(SONG, tmp_path)
    assert fetch(mirror, tmp_path, SONG)
    assert zenodo.is_complete(SPEECH, tmp_path)
    assert clips(tmp_path) == CLIPS | SONGS


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"short")], ids=["missing", "cut"])
def test_it_repairs_a_folder_that_lost_a_clip(mirror: Mirror, tmp_path: Path, damage: object) -> None:
    fetch(mirror, tmp_path)
    assert callable(damage)
    damage(tmp_path / next(iter(CLIPS)))
    assert fetch(mirror, tmp_path)
    assert clips(tmp_path) == CLIPS


def test_a_zip_that_was_put_there_by_hand_is_used(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "speech.zip").write_bytes(zipped(CLIPS))
    assert fetch(mirror, tmp_path)
    assert mirror.asked == []
    assert clips(tmp_path) == CLIPS


def test_a_torn_record_means_that_nothing_is_known_to_be_complete(mirror: Mirror, tmp_path: Path) -> None:
    fetch(mirror, tmp_path)
    (tmp_path / zenodo.RECORD).write_text('{"speech.zip": {"Act')
    assert fetch(mirror, tmp_path)


def test_it_says_where_nothing_can_be_written(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DownloadError, match="cannot be written: Not a directory"):
        fetch(mirror, tmp_path / "file" / "ravdess")


def test_it_says_that_the_disk_is_full(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "speech.zip.part").symlink_to("/dev/full")
    with pytest.raises(DownloadError, match="cannot be written: No space left on device"):
        fetch(mirror, tmp_path)


def test_the_archives_are_those_of_the_record() -> None:
    assert zenodo.SPEECH.size_bytes == 208_468_073
    assert zenodo.SONG.size_bytes == 225_505_317
    assert "1188976" in zenodo.BASE_URL
