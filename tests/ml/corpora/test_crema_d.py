"""CREMA-D: as many clips as are published, and the repository that holds each in three formats."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from ml.corpora.crema_d import STATEMENTS, read_crema_d
from tests.ml.corpora.trees import archive, tree

CODES = ("ANG", "DIS", "FEA", "HAP", "NEU", "SAD")
ELEVEN = [code.upper() for code in STATEMENTS if code != "ieo"]
SAID = [
    *(f"{sentence}_{code}_XX" for sentence, code in product(ELEVEN, CODES)),
    *(f"IEO_{code}_{level}" for code, level in product(CODES, ("LO", "MD", "HI")) if code != "NEU"),
    "IEO_NEU_XX",
]
# 82 clips an actor would be 7,462; twenty were never published.
CLIPS = [
    f"AudioWAV/{actor}_{said}.wav".replace("1040_ITH_SAD_XX", "1040_ITH_SAD_X")
    for actor, said in product(range(1001, 1092), SAID)
][:7442]


def test_every_clip_is_placed_by_its_name(tmp_path: Path) -> None:
    corpus = read_crema_d(archive(tmp_path / "crema-d.zip", CLIPS))
    assert (len(corpus.utterances), corpus.unplaced) == (7442, ())
    assert {utterance.emotion for utterance in corpus.utterances} == {
        "angry", "disgust", "fearful", "happy", "neutral", "sad",
    }  # fmt: skip
    genders = {utterance.speaker: utterance.gender for utterance in corpus.utterances}
    assert Counter(genders.values()) == {"male": 48, "female": 43}
    assert (genders["crema-d-1001"], genders["crema-d-1002"]) == ("male", "female")


@pytest.mark.parametrize(
    ("name", "emotion", "intensity", "statement"),
    [
        ("1001_DFA_ANG_XX", "angry", None, "Don't forget a jacket"),
        ("1091_IEO_FEA_HI", "fearful", "high", "It's eleven o'clock"),
        ("1040_ITH_SAD_X", "sad", None, "I think I have a doctor's appointment"),
    ],
)
def test_a_name_tells_the_level_and_the_sentence(
    tmp_path: Path, name: str, emotion: str, intensity: str | None, statement: str
) -> None:
    (utterance,) = read_crema_d(tree(tmp_path, [f"{name}.wav"])).utterances
    assert (utterance.emotion, utterance.intensity, utterance.statement) == (emotion, intensity, statement)


def test_the_same_clips_in_other_formats_are_left_alone(tmp_path: Path) -> None:
    copies = ["AudioMP3/1001_DFA_ANG_XX.mp3", "VideoFlash/1001_DFA_ANG_XX.flv"]
    corpus = read_crema_d(tree(tmp_path, ["AudioWAV/1001_DFA_ANG_XX.wav", *copies, "VideoDemographics.csv"]))
    assert len(corpus.utterances) == 1
    assert corpus.unplaced == ("VideoDemographics.csv",)
