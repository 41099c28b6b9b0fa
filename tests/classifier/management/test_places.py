"""Recordings in files, folders and at addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from classifier.management.places import UnusablePlaceError, audio_files, read
from ml.errors import UndertoneError


def test_a_folder_gives_its_audio_files_in_order(tmp_path: Path) -> None:
    for name in ("b.WAV", "a.mp3", "notes.txt", "._a.mp3", "below/c.webm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert list(audio_files([str(tmp_path)], recursive=False)) == [str(tmp_path / name) for name in ("a.mp3", "b.WAV")]
    assert list(audio_files([str(tmp_path)], recursive=True))[-1] == str(tmp_path / "below" / "c.webm")


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "voice.bin").touch()
    assert list(audio_files([str(tmp_path / "voice.bin")], recursive=False)) == [str(tmp_path / "voice.bin")]


@pytest.fixture
def bucket() -> Iterator[str]:
    """A folder in a file system that only fsspec knows."""
    system = fsspec.filesystem("memory")
    for name in ("b.WAV", "a.mp3", "notes.txt", "below/c.webm"):
        system.pipe(f"/bucket/{name}", name.encode())
    yield "memory://bucket"
    system.rm("/bucket", recursive=True)


def test_an_address_gives_its_audio_files_like_a_folder(bucket: str) -> None:
    assert list(audio_files([bucket], recursive=False)) == ["memory:///bucket/a.mp3", "memory:///bucket/b.WAV"]
    assert list(audio_files([bucket], recursive=True))[-1] == "memory:///bucket/below/c.webm"


def test_a_recording_at_an_address_is_read(bucket: str) -> None:
    (named,) = audio_files([f"{bucket}/notes.txt"], recursive=False)
    assert read(named, limit_mb=1) == b"notes.txt"


@pytest.mark.parametrize("place", ["memory://nowhere", "nosuchprotocol://bucket", "nowhere"])
def test_a_place_that_cannot_be_looked_into_is_named(place: str) -> None:
    with pytest.raises(UnusablePlaceError, match=place):
        list(audio_files([place], recursive=False))


@pytest.mark.parametrize("place", ["memory://gone.wav", "nowhere.wav", "nosuchprotocol://gone.wav"])
def test_a_recording_that_is_gone_is_unreadable(place: str) -> None:
    with pytest.raises(UndertoneError, match="cannot be read") as caught:
        read(place, limit_mb=1)
    assert caught.value.code == "unreadable"


def test_a_recording_over_the_limit_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "huge.wav").open("wb") as file:
        file.truncate(1024 * 1024 + 1)
    with pytest.raises(UndertoneError, match="larger than 1 MB"):
        read(str(tmp_path / "huge.wav"), limit_mb=1)
