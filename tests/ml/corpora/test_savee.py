"""SAVEE in both layouts: a folder a speaker, and all in one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ml.corpora.savee import read_savee
from tests.ml.corpora.trees import archive

CODES = ("a", "d", "f", "h", "n", "sa", "su")
CLIPS = [
    (speaker, f"{code}{sentence:02}.wav")
    for speaker in ("DC", "JE", "JK", "KL")
    for code in CODES
    for sentence in range(1, 31 if code == "n" else 16)
]
PUBLISHED = [f"AudioData/{speaker}/{name}" for speaker, name in CLIPS]
FLAT = [f"ALL/{speaker}_{name}" for speaker, name in CLIPS]


@pytest.mark.parametrize("names", [PUBLISHED, FLAT, PUBLISHED + FLAT], ids=["published", "flat", "both"])
def test_every_clip_is_placed_once(tmp_path: Path, names: list[str]) -> None:
    corpus = read_savee(archive(tmp_path / "savee.zip", names))
    assert (len(corpus.utterances), corpus.unplaced) == (480, ())
    assert Counter(utterance.emotion for utterance in corpus.utterances) == {
        **dict.fromkeys(("angry", "disgust", "fearful", "happy", "sad", "surprised"), 60),
        "neutral": 120,
    }
    assert Counter(utterance.speaker for utterance in corpus.utterances) == dict.fromkeys(
        ("savee-dc", "savee-je", "savee-jk", "savee-kl"), 120
    )
    assert {(utterance.gender, utterance.statement) for utterance in corpus.utterances} == {("male", None)}
