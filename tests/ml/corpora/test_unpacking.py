"""Zips that are good, damaged, and meant to do harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.corpora.unpacking import unpack
from ml.errors import CorpusError
from tests.ml.corpora.mirror import CLIPS, zipped


def write(folder: Path, content: bytes) -> Path:
    archive = folder / "speech.zip"
    archive.write_bytes(content)
    return archive


def test_it_unpacks_every_file_and_tells_its_size(tmp_path: Path) -> None:
    sizes = unpack(write(tmp_path, zipped(CLIPS)), tmp_path / "corpus")
    assert sizes == {name: len(content) for name, content in CLIPS.items()}
    assert {name: (tmp_path / "corpus" / name).read_bytes() for name in sizes} == CLIPS


@pytest.mark.parametrize("name", ["../evil.wav", "/evil.wav", "Actor_01/../../evil.wav", "..\\evil.wav", "C:evil.wav"])
def test_it_refuses_a_path_that_leads_out_and_unpacks_nothing(tmp_path: Path, name: str) -> None:
    archive = write(tmp_path, zipped({**CLIPS, name: b"evil"}))
    with pytest.raises(CorpusError, match="leads out of the folder"):
        unpack(archive, tmp_path / "corpus")
    assert list(tmp_path.rglob("*")) == [archive]


def test_it_refuses_a_damaged_zip(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="damaged"):
        unpack(write(tmp_path, zipped(CLIPS)[:500]), tmp_path / "corpus")


def test_it_refuses_a_zip_with_a_damaged_clip(tmp_path: Path) -> None:
    content = zipped(CLIPS).replace(b"\x01" * 100, b"\x02" * 100, 1)
    with pytest.raises(CorpusError, match="damaged"):
        unpack(write(tmp_path, content), tmp_path / "corpus")
