"""One's own recordings, labelled by folders or by a CSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.corpora.own import read_own
from ml.emotions import EMOTIONS
from ml.errors import CorpusError
from tests.ml.corpora.trees import archive, tree
from tests.recordings import voice, wav


def labels(root: Path) -> dict[str, tuple[str, str]]:
    return {item.file.name: (item.emotion, item.speaker) for item in read_own(root).utterances}


def listed(folder: Path, text: str | bytes) -> Path:
    """A CSV."""
    path = folder / "labels.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("make", [lambda path, names: tree(path, names), lambda path, names: archive(path, names)])
def test_folders_name_the_emotion_and_the_speaker(tmp_path: Path, make: object) -> None:
    assert callable(make)
    root = make(tmp_path / "mine", ["angry/one.wav", "Fear/anna/two.mp3", "set/joy/ben/monday/three.webm"])
    assert labels(root) == {
        "angry/one.wav": ("angry", "own"),
        "Fear/anna/two.mp3": ("fearful", "own-anna"),
        "set/joy/ben/monday/three.webm": ("happy", "own-ben"),
    }


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_emotion_can_be_a_folder(tmp_path: Path, emotion: str) -> None:
    assert labels(tree(tmp_path, [f"{emotion}/clip.wav"])) == {f"{emotion}/clip.wav": (emotion, "own")}


def test_files_whose_folders_do_not_settle_it_are_listed_with_the_reason(tmp_path: Path) -> None:
    root = tree(tmp_path, ["angry/one.wav", "bored/two.wav", "angry/joy/three.wav", "happy.wav"])
    corpus = read_own(root)
    assert len(corpus.utterances) == 1
    assert corpus.unplaced == (
        "angry/joy/three.wav: several of its folders name an emotion.",
        "bored/two.wav: none of its folders names an emotion.",
        "happy.wav: none of its folders names an emotion.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "path,emotion,speaker\nclips/one.wav,angry,anna\ntwo.wav,Sadness,\n",
        "\ufeffPath;Emotion;Speaker\r\nclips/one.wav; angry ;anna\r\n;;\r\ntwo.wav;sad\r\n",
        '"speaker"\t"emotion"\t"path"\t"note"\nanna\tangry\tclips/one.wav\tloud\n\tsad\ttwo.wav\t"of\ntwo lines"\n',
    ],
    ids=["plain", "spreadsheet", "quoted"],
)
def test_a_csv_names_path_emotion_and_speaker(tmp_path: Path, text: str) -> None:
    assert labels(listed(tmp_path, text)) == {"clips/one.wav": ("angry", "own-anna"), "two.wav": ("sad", "own")}


def test_a_csv_need_not_say_who_speaks(tmp_path: Path) -> None:
    assert labels(listed(tmp_path, "emotion,path\ncalm,one.wav\n")) == {"one.wav": ("calm", "own")}


def test_a_csv_may_tell_the_gender(tmp_path: Path) -> None:
    text = "path,emotion,gender\na.wav,sad,Female\nb.wav,sad,male\nc.wav,sad,\nd.wav,sad,unknown\n"
    told = [item.gender for item in read_own(listed(tmp_path, text)).utterances]
    assert told == ["female", "male", None, None]


def test_clips_are_found_from_the_csvs_folder_and_by_full_paths(tmp_path: Path) -> None:
    clip = wav(voice())
    outside, inside = tmp_path / "outside.wav", tmp_path / "mine" / "inside.wav"
    inside.parent.mkdir()
    for path in (outside, inside):
        path.write_bytes(clip)
    table = listed(inside.parent, f"path,emotion\ninside.wav,sad\n{outside},happy\n../outside.wav,happy\n")
    assert [item.file.read() == clip for item in read_own(table).utterances] == [True] * 3


def test_lines_that_do_not_settle_it_are_listed_with_the_reason(tmp_path: Path) -> None:
    corpus = read_own(listed(tmp_path, "path,emotion\na.wav,sad\na.wav,happy\nb.wav,bored\nc.wav\n,calm\n"))
    assert [item.emotion for item in corpus.utterances] == ["sad"]
    assert [line.partition(", ")[0] for line in corpus.unplaced] == [
        "a.wav: it is listed more than once",
        "b.wav: its emotion is bored and should be one of neutral",
        "c.wav: its emotion is missing and should be one of neutral",
        "labels.csv: a line of it names no file.",
    ]


@pytest.mark.parametrize("text", ["", "clip,label\na.wav,sad\n", "path\na.wav\n", b"path,emotion\n\xe4.wav,sad\n"])
def test_a_csv_that_cannot_be_read_is_refused(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(CorpusError, match=r"labels\.csv"):
        read_own(listed(tmp_path, text))


def test_a_missing_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.csv"):
        read_own(tmp_path / "none.csv")


@pytest.mark.parametrize("names", [[], ["one.wav"], ["bored/one.wav"]])
def test_recordings_without_a_label_are_refused_with_the_emotions(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(CorpusError, match="neutral, calm, happy"):
        read_own(tree(tmp_path, names))
