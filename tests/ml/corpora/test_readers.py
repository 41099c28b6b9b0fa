"""What all readers do alike: place the corpus's own names, list the rest, and refuse what holds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.corpora.readers import READERS
from ml.errors import CorpusError
from tests.ml.corpora.trees import archive, tree

ANGRY = {
    "ravdess": "Actor_01/03-01-05-01-01-01-01.wav",
    "song": "Actor_01/03-02-05-01-01-01-01.wav",
    "tess": "OAF_angry/OAF_back_angry.wav",
    "savee": "AudioData/DC/a01.wav",
    "crema-d": "AudioWAV/1001_DFA_ANG_XX.wav",
    "emodb": "wav/03a01Wa.wav",
    "own": "angry/clip.wav",
}
STRANGERS = {
    "ravdess": ["03-01-09-01-01-01-01.wav", "03-01-05-01-01-01-25.wav", "readme.txt"],
    "song": ["03-02-07-01-01-01-01.wav", "03-02-08-01-01-01-01.wav", "readme.txt"],  # nobody sings in these
    "tess": ["OAF_angry/OAF_back.wav", "XAF_back_angry.wav", "OAF_back_bored.wav", "OAF_back_angry.txt"],
    "savee": ["AudioData/DC/a1.wav", "AudioData/DC/s01.wav", "AudioData/Info.txt", "ALL/XX_a01.wav", "a01.wav"],
    "crema-d": ["1001_DFA_CAL_XX.wav", "1092_DFA_ANG_XX.wav", "1001_ABC_ANG_XX.wav", "1001_DFA_ANG.wav"],
    "emodb": ["04a01Fa.wav", "03a03Fa.wav", "03a01Xa.wav", "lablaut/03a01Fa.lablaut", "erkennung.txt"],
}
EMPTY = {
    "song": [ANGRY["ravdess"]],
    "tess": [],
    "savee": ["a01.wav", "su15.wav"],  # nobody knows whose
    "crema-d": ["AudioMP3/1001_DFA_ANG_XX.mp3"],
    "emodb": ["wav/03a01La.wav"],  # boredom
}


def test_every_corpus_has_a_case() -> None:
    assert READERS.keys() == ANGRY.keys()


@pytest.mark.parametrize("corpus", ANGRY)
def test_a_clip_is_read_from_a_folder_and_from_a_zip(tmp_path: Path, corpus: str) -> None:
    for root in (tree(tmp_path / "folder", [ANGRY[corpus]]), archive(tmp_path / "corpus.zip", [ANGRY[corpus]])):
        (utterance,) = READERS[corpus](root).utterances
        assert (utterance.emotion, utterance.file.name) == ("angry", ANGRY[corpus])
        assert utterance.file.read() == b""


@pytest.mark.parametrize("corpus", STRANGERS)
def test_what_cannot_be_placed_is_listed_and_not_guessed(tmp_path: Path, corpus: str) -> None:
    read = READERS[corpus](tree(tmp_path, [ANGRY[corpus], *STRANGERS[corpus]]))
    assert [utterance.file.name for utterance in read.utterances] == [ANGRY[corpus]]
    assert sorted(read.unplaced) == sorted(STRANGERS[corpus])


@pytest.mark.parametrize("corpus", EMPTY)
def test_where_no_clip_can_be_read_an_example_is_given(tmp_path: Path, corpus: str) -> None:
    with pytest.raises(CorpusError, match=r"holds no .+ clip \(such as .+\.wav\)\."):
        READERS[corpus](tree(tmp_path, EMPTY[corpus]))
