"""EmoDB by its German codes."""

from __future__ import annotations

from collections import Counter
from itertools import islice, product
from pathlib import Path

import pytest

from ml.corpora.emodb import MEN, STATEMENTS, WOMEN, read_emodb
from tests.ml.corpora.trees import archive, tree

PUBLISHED = {"W": 127, "L": 81, "E": 46, "A": 69, "F": 71, "T": 62, "N": 79}
CLIPS = [
    f"wav/{speaker}{text}{code}{version}.wav"
    for code, clips in PUBLISHED.items()
    for version, text, speaker in islice(product("ab", STATEMENTS, MEN + WOMEN), clips)
]


def test_every_clip_is_placed_except_boredom_which_is_listed_with_the_reason(tmp_path: Path) -> None:
    corpus = read_emodb(archive(tmp_path / "download.zip", CLIPS))
    assert len(CLIPS) == len(corpus.utterances) + len(corpus.unplaced) == 535
    assert Counter(utterance.emotion for utterance in corpus.utterances) == {
        "angry": 127, "disgust": 46, "fearful": 69, "happy": 71, "sad": 62, "neutral": 79,
    }  # fmt: skip
    assert len(corpus.unplaced) == 81
    assert all(line.endswith("La.wav: boredom is none of the eight emotions.") for line in corpus.unplaced)


@pytest.mark.parametrize(("name", "gender"), [("03a01Fa", "male"), ("16b10Fd", "female"), ("08a02Fe", "female")])
def test_a_name_tells_who_speaks(tmp_path: Path, name: str, gender: str) -> None:
    (utterance,) = read_emodb(tree(tmp_path, [f"{name}.wav"])).utterances
    assert (utterance.emotion, utterance.speaker, utterance.gender) == ("happy", f"emodb-{name[:2]}", gender)
    assert utterance.statement == STATEMENTS[name[2:5]]


def test_versions_of_a_sentence_are_clips_of_their_own(tmp_path: Path) -> None:
    assert len(read_emodb(tree(tmp_path, ["03a04Wa.wav", "03a04Wb.wav", "03a04Wc.wav"])).utterances) == 3
