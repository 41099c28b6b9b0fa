"""RAVDESS by its file names: from a folder, from the zip, and with everything wrong that a download can have."""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from ml.corpora.ravdess import read_ravdess
from ml.datasets import load_dataset
from ml.emotions import EMOTIONS
from ml.errors import CorpusError
from ml.extraction import Extractor
from ml.recipes import Recipe
from tests.conftest import Miniature
from tests.recordings import voice, wav


@pytest.fixture
def folder(miniature: Miniature, tmp_path: Path) -> Path:
    """The miniature corpus, to be spoilt."""
    return shutil.copytree(miniature.folder, tmp_path / "speech")


@pytest.fixture
def extractor(quick_recipe: Recipe, cache_dir: Path) -> Extractor:
    return Extractor(quick_recipe.conditioning, quick_recipe.feature_set, cache_dir)


def test_every_clip_is_placed_by_its_name(miniature: Miniature) -> None:
    corpus = read_ravdess(miniature.folder)
    assert len(corpus.utterances) == miniature.clips
    assert corpus.unplaced == ()
    assert Counter(utterance.emotion for utterance in corpus.utterances) == dict.fromkeys(EMOTIONS, 8)
    first = corpus.utterances[0]
    assert first.file.name == "Actor_01/03-01-01-01-01-01-01.wav"
    assert (first.emotion, first.speaker, first.gender) == ("neutral", "ravdess-01", "male")
    assert (first.intensity, first.statement) == ("normal", "Kids are talking by the door")


def test_the_zip_reads_as_the_folder_does(miniature: Miniature) -> None:
    packed, unpacked = read_ravdess(miniature.zip), read_ravdess(miniature.folder)
    assert [(u.file.name, u.emotion, u.speaker) for u in packed.utterances] == [
        (u.file.name, u.emotion, u.speaker) for u in unpacked.utterances
    ]
    for one, other in zip(packed.utterances[:5], unpacked.utterances[:5], strict=True):
        assert one.file.read() == other.file.read()


def test_the_zip_is_read_without_unpacking_it_to_disk(
    miniature: Miniature, tmp_path: Path, extractor: Extractor
) -> None:
    alone = Path(shutil.copy(miniature.zip, tmp_path / "ravdess.zip"))
    data = load_dataset(read_ravdess(alone), extractor, labels=EMOTIONS, jobs=1)
    assert len(data) == miniature.clips
    assert [path.name for path in tmp_path.iterdir()] == ["ravdess.zip"]


def test_missing_files_are_not_missed(folder: Path, miniature: Miniature) -> None:
    for path in list(folder.rglob("*-01.wav"))[:3]:
        path.unlink()
    assert len(read_ravdess(folder).utterances) == miniature.clips - 3


def test_extra_and_misnamed_files_are_listed_and_not_guessed(folder: Path, miniature: Miniature) -> None:
    strangers = (
        "notes.txt",
        "Actor_01/03-01-09-01-01-01-01.wav",  # there is no ninth emotion
        "Actor_01/03-01-05-01-01-01-25.wav",  # nor a 25th actor
        "Actor_01/03-01-05-01-01-01-00.wav",
        "Actor_01/03-01-05-01-01-01.wav",
        "Actor_01/03-01-05-01-01-01-01 (1).wav",
        "Actor_01/03-01-05-01-01-01-01.mp4",
        "angry.wav",
    )
    for name in strangers:
        (folder / name).write_bytes(wav(voice()))
    corpus = read_ravdess(folder)
    assert sorted(corpus.unplaced) == sorted(strangers)
    assert len(corpus.utterances) == miniature.clips


def test_what_archivers_leave_behind_is_not_mentioned(folder: Path, miniature: Miniature) -> None:
    for name in (".DS_Store", "Actor_01/._03-01-05-01-01-01-01.wav", "__MACOSX/Actor_01/03-01-05-01-01-01-01.wav"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"clutter")
    corpus = read_ravdess(folder)
    assert (len(corpus.utterances), corpus.unplaced) == (miniature.clips, ())


def test_songs_are_left_alone(folder: Path, miniature: Miniature) -> None:
    (folder / "Actor_01" / "03-02-05-01-01-01-01.wav").write_bytes(wav(voice()))
    corpus = read_ravdess(folder)
    assert (len(corpus.utterances), corpus.unplaced) == (miniature.clips, ())


def test_a_second_copy_of_the_set_inside_the_set_counts_once(folder: Path, miniature: Miniature) -> None:
    shutil.copytree(folder / "Actor_01", folder / "audio_speech_actors_01-24" / "Actor_01")
    assert len(read_ravdess(folder).utterances) == miniature.clips


def test_unreadable_files_are_left_out_and_named_with_the_reason(
    folder: Path, miniature: Miniature, extractor: Extractor
) -> None:
    broken = {
        "03-01-05-01-01-01-01.wav": b"",
        "03-01-05-01-02-01-01.wav": b"no sound",
        "03-01-06-01-01-01-01.wav": wav(voice())[:30],
        "03-01-06-01-02-01-01.wav": wav(voice())[:44] + bytes(32_000),
    }
    for name, content in broken.items():
        (folder / "Actor_01" / name).write_bytes(content)
    data = load_dataset(read_ravdess(folder), extractor, labels=EMOTIONS, jobs=1)
    assert len(data) == miniature.clips - 4
    assert [line.split(":")[0] for line in data.unusable] == [f"Actor_01/{name}" for name in broken]
    assert all(line.endswith(".") for line in data.unusable)


def test_files_that_vanish_on_the_way_are_left_out(folder: Path, miniature: Miniature, extractor: Extractor) -> None:
    corpus = read_ravdess(folder)
    (folder / "Actor_01" / "03-01-05-01-01-01-01.wav").unlink()
    data = load_dataset(corpus, extractor, labels=EMOTIONS, jobs=1)
    assert len(data) == miniature.clips - 1
    assert "cannot be read" in data.unusable[0]


def test_a_damaged_entry_of_the_zip_is_left_out(miniature: Miniature, tmp_path: Path, extractor: Extractor) -> None:
    path = Path(shutil.copy(miniature.zip, tmp_path / "damaged.zip"))
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("Actor_01/03-01-05-01-01-01-01.wav")
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 200 : entry.header_offset + 260] = bytes(60)
    path.write_bytes(content)
    data = load_dataset(read_ravdess(path), extractor, labels=EMOTIONS, jobs=1)
    assert len(data) == miniature.clips - 1
    assert data.unusable[0].startswith("Actor_01/03-01-05-01-01-01-01.wav: ")


def test_a_locked_zip_is_no_corpus(miniature: Miniature, tmp_path: Path, extractor: Extractor) -> None:
    content = bytearray(miniature.zip.read_bytes())
    for offset, (magic, flags) in ((0, (b"PK\x03\x04", 6)), (0, (b"PK\x01\x02", 8))):
        while (offset := content.find(magic, offset)) >= 0:
            content[offset + flags] |= 1
            offset += 4
    (tmp_path / "locked.zip").write_bytes(content)
    with pytest.raises(CorpusError):
        load_dataset(read_ravdess(tmp_path / "locked.zip"), extractor, labels=EMOTIONS, jobs=1)


@pytest.mark.parametrize("content", [None, b"", b"no zip", b"PK\x03\x04 but nothing more", b"PK\x05\x06" + bytes(18)])
def test_what_is_neither_folder_nor_zip_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "corpus.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError):
        read_ravdess(path)


def test_a_zip_whose_directory_is_damaged_is_refused(miniature: Miniature, tmp_path: Path) -> None:
    content = bytearray(miniature.zip.read_bytes())
    start = content.find(b"PK\x01\x02")
    content[start : start + 4] = b"XXXX"
    (tmp_path / "damaged.zip").write_bytes(content)
    with pytest.raises(CorpusError, match="zip"):
        read_ravdess(tmp_path / "damaged.zip")


def test_a_folder_without_a_clip_is_refused_with_an_example(tmp_path: Path) -> None:
    (tmp_path / "angry.wav").write_bytes(wav(voice()))
    with pytest.raises(CorpusError, match="03-01-05"):
        read_ravdess(tmp_path)


def test_a_corpus_without_a_usable_clip_is_refused(folder: Path, extractor: Extractor) -> None:
    for path in folder.rglob("*.wav"):
        path.write_bytes(b"broken")
    with pytest.raises(CorpusError, match="None of the 64 clips could be used"):
        load_dataset(read_ravdess(folder), extractor, labels=EMOTIONS, jobs=1)


def test_a_corpus_of_one_emotion_is_refused(folder: Path, extractor: Extractor) -> None:
    for path in folder.rglob("*.wav"):
        if path.name[6:8] != "05":
            path.unlink()
    with pytest.raises(CorpusError, match="all 8 usable clips are angry"):
        load_dataset(read_ravdess(folder), extractor, labels=EMOTIONS, jobs=1)


def test_a_corpus_without_the_recipes_emotions_is_refused(folder: Path, extractor: Extractor) -> None:
    for path in folder.rglob("*.wav"):
        if path.name[6:8] != "05":
            path.unlink()
    with pytest.raises(CorpusError, match="happy, sad"):
        load_dataset(read_ravdess(folder), extractor, labels=("happy", "sad"), jobs=1)


def test_a_corpus_in_flac_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "03-01-05-01-01-01-01.FLAC").write_bytes(b"fLaC")
    assert len(read_ravdess(tmp_path).utterances) == 1
