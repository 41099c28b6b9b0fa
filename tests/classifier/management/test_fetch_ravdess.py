"""`manage.py fetch_ravdess` with small archives from a real server on this machine."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ml.corpora import zenodo
from tests.ml.corpora.mirror import CLIPS, Mirror, published, serving, zipped

SONGS = {name.replace("03-01", "03-02"): content for name, content in CLIPS.items()}
Fetch = Callable[..., tuple[str, str]]


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Stands for Zenodo, with archives of a few kilobytes under the published names."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    files = {zenodo.SPEECH.name: zipped(CLIPS), zenodo.SONG.name: zipped(SONGS)}
    monkeypatch.setattr(zenodo, "SPEECH", published(files[zenodo.SPEECH.name], zenodo.SPEECH.name))
    monkeypatch.setattr(zenodo, "SONG", published(files[zenodo.SONG.name], zenodo.SONG.name))
    with serving(Mirror(files)) as mirror:
        yield mirror


@pytest.fixture
def fetch(mirror: Mirror, capsys: pytest.CaptureFixture[str]) -> Fetch:
    def run(*arguments: str | Path) -> tuple[str, str]:
        out, err = io.StringIO(), io.StringIO()
        call_command("fetch_ravdess", *map(str, arguments), "--mirror", mirror.url, stdout=out, stderr=err)
        return out.getvalue(), capsys.readouterr().err + err.getvalue()

    return run


def clips(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.wav")}


def test_it_unpacks_the_speech_and_says_under_which_terms(fetch: Fetch, tmp_path: Path) -> None:
    out, err = fetch(tmp_path)
    assert clips(tmp_path) == CLIPS
    assert "CC BY-NC-SA 4.0" in out
    assert "Livingstone" in out
    assert f"{tmp_path} is complete." in out
    assert "Fetching Audio_Speech_Actors_01-24.zip: 100 %" in err


def test_it_fetches_the_song_where_it_is_asked_for(fetch: Fetch, tmp_path: Path) -> None:
    fetch(tmp_path, "--song")
    assert clips(tmp_path) == CLIPS | SONGS


def test_it_has_nothing_to_do_in_a_complete_folder(fetch: Fetch, mirror: Mirror, tmp_path: Path) -> None:
    fetch(tmp_path)
    out, err = fetch(tmp_path)
    assert "there was nothing to do" in out
    assert err == ""
    assert len(mirror.asked) == 1


def test_it_says_that_it_tries_again(fetch: Fetch, mirror: Mirror, tmp_path: Path) -> None:
    mirror.statuses = [503]
    _, err = fetch(tmp_path)
    assert "answered 503 Service Unavailable. Trying again in 1 s." in err
    assert clips(tmp_path) == CLIPS


def test_a_wrong_file_is_an_error_in_a_sentence(fetch: Fetch, mirror: Mirror, tmp_path: Path) -> None:
    mirror.files[zenodo.SPEECH.name] = b"x" * zenodo.SPEECH.size_bytes
    with pytest.raises(CommandError, match="is not the published file, its SHA-256 is") as caught:
        fetch(tmp_path)
    assert caught.value.returncode == 1
    assert clips(tmp_path) == {}


def test_an_address_without_the_file_is_an_error_in_a_sentence(fetch: Fetch, mirror: Mirror, tmp_path: Path) -> None:
    mirror.files.clear()
    with pytest.raises(CommandError, match="answered 404 Not Found"):
        fetch(tmp_path)
