"""TESS under the names that its copies give to folders and files."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from string import ascii_lowercase

import pytest

from ml.corpora.tess import read_tess
from tests.ml.corpora.trees import archive, tree

FOLDERS = {
    "OAF": ("angry", "disgust", "Fear", "happy", "neutral", "Pleasant_surprise", "Sad"),
    "YAF": ("angry", "disgust", "fear", "happy", "neutral", "pleasant_surprised", "sad"),
}
CODES = ("angry", "disgust", "fear", "happy", "neutral", "ps", "sad")
WORDS = ["back", "bite", *(f"{one}{other}d" for one, other in product(ascii_lowercase, "aeiouyhr"))][:200]
CLIPS = [
    f"{speaker}_{folder}/{speaker}_{word}_{code}.wav".replace("OAF_bite_neutral", "OA_bite_neutral")
    for speaker, folders in FOLDERS.items()
    for folder, code in zip(folders, CODES, strict=True)
    for word in WORDS
]
SEVEN = ("angry", "disgust", "fearful", "happy", "neutral", "sad", "surprised")


def test_every_clip_is_placed_by_its_name(tmp_path: Path) -> None:
    corpus = read_tess(archive(tmp_path / "tess.zip", CLIPS))
    assert (len(corpus.utterances), corpus.unplaced) == (2800, ())
    assert Counter(utterance.emotion for utterance in corpus.utterances) == dict.fromkeys(SEVEN, 400)
    assert Counter(utterance.speaker for utterance in corpus.utterances) == {"tess-oaf": 1400, "tess-yaf": 1400}
    assert {utterance.gender for utterance in corpus.utterances} == {"female"}
    assert len({utterance.statement for utterance in corpus.utterances}) == 200
    assert "Say the word back" in {utterance.statement for utterance in corpus.utterances}


def test_the_copy_that_holds_everything_twice_is_read_once(tmp_path: Path) -> None:
    wrapper = "TESS Toronto emotional speech set data"
    copies = [f"{folder}/{name}" for folder in (wrapper, f"{wrapper}/{wrapper}") for name in CLIPS]
    corpus = read_tess(archive(tmp_path / "archive.zip", copies))
    assert (len(corpus.utterances), corpus.unplaced) == (2800, ())


@pytest.mark.parametrize(
    ("name", "emotion"),
    [
        ("YAF_pleasant_surprise/YAF_back_ps.wav", "surprised"),
        ("YAF_back_pleasant_surprised.wav", "surprised"),
        ("surprise/YAF_back_Pleasant_surprise.wav", "surprised"),
        ("YAF_ sad/yaf_back_sad.WAV", "sad"),
        ("OAF_Fear/OAF_back_Fear.wav", "fearful"),
    ],
)
def test_spellings_of_copies_are_known(tmp_path: Path, name: str, emotion: str) -> None:
    (utterance,) = read_tess(tree(tmp_path, [name])).utterances
    assert utterance.emotion == emotion


def test_a_clip_that_copies_spell_differently_is_one_clip(tmp_path: Path) -> None:
    names = ["a/OAF_bite_neutral.wav", "b/OA_bite_neutral.wav", "a/OAF_bite_ps.wav", "b/oaf_bite_pleasant_surprise.wav"]
    assert len(read_tess(tree(tmp_path, names)).utterances) == 2
