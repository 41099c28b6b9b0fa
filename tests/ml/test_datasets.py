"""From one corpus or several to vectors with labels."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ml.audio import Conditioning
from ml.corpora import Corpus, join
from ml.corpora.own import read_own
from ml.corpora.ravdess import read_ravdess
from ml.datasets import load_dataset
from ml.emotions import EMOTIONS, GENDERED_EMOTIONS, emotion_of
from ml.errors import CorpusError
from ml.extraction import Extractor
from ml.features.sets import feature_set
from tests.conftest import Miniature
from tests.recordings import voice, wav


@pytest.fixture(scope="module")
def extractor(cache_dir: Path) -> Extractor:
    return Extractor(Conditioning(rate_hz=16_000), feature_set("rms+zcr"), cache_dir)


@pytest.fixture
def own(tmp_path: Path) -> Corpus:
    """Two happy clips and a sad one, of nobody knows whom."""
    for name, style in (("happy/one", "happy"), ("happy/two", "neutral"), ("sad/one", "sad")):
        path = tmp_path / "own" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav(voice(style)))
    return read_own(tmp_path / "own")


def test_corpora_that_are_joined_keep_their_names_and_speakers(
    miniature: Miniature, own: Corpus, extractor: Extractor
) -> None:
    data = load_dataset(join([read_ravdess(miniature.folder), own]), extractor, labels=EMOTIONS, jobs=1)
    assert Counter(data.corpora.tolist()) == {"ravdess": miniature.clips, "own": 3}
    assert {*data.speakers[data.corpora == "own"]} == {"own"}
    assert {*data.genders[data.corpora == "ravdess"]} == {"female", "male"}
    assert {*data.genders[data.corpora == "own"]} == {""}


def test_labels_can_tell_the_gender_as_well(miniature: Miniature, extractor: Extractor) -> None:
    data = load_dataset(read_ravdess(miniature.folder), extractor, labels=GENDERED_EMOTIONS, jobs=1)
    assert {*data.emotions} == {*GENDERED_EMOTIONS}
    men = np.isin(data.speakers, ["ravdess-01", "ravdess-03"])
    assert {label.partition(" ")[0] for label in data.emotions[men]} == {"male"}


def test_who_has_no_gender_is_listed_where_it_is_asked_for(
    miniature: Miniature, own: Corpus, extractor: Extractor
) -> None:
    joined = join([read_ravdess(miniature.folder), own])
    data = load_dataset(joined, extractor, labels=GENDERED_EMOTIONS, jobs=1)
    assert len(data) == miniature.clips
    assert data.unusable == tuple(
        f"{name}.wav: Its corpus does not tell the speaker's gender." for name in ("happy/one", "happy/two", "sad/one")
    )
    with pytest.raises(CorpusError, match="No clip of own"):
        load_dataset(own, extractor, labels=GENDERED_EMOTIONS, jobs=1)


def test_clips_with_other_emotions_are_left_out(miniature: Miniature, extractor: Extractor) -> None:
    labels = ("female happy", "female sad", "male happy", "male sad")
    data = load_dataset(read_ravdess(miniature.folder), extractor, labels=labels, jobs=1)
    assert {*data.emotions} == {*labels}
    assert load_dataset(read_ravdess(miniature.folder), extractor, labels=("calm", "sad"), jobs=1).unusable == ()


def test_one_recording_has_one_digest_in_every_corpus(
    miniature: Miniature, extractor: Extractor, tmp_path: Path
) -> None:
    (tmp_path / "angry" / "anna").mkdir(parents=True)
    shutil.copy(miniature.folder / "Actor_01" / "03-01-05-01-01-01-01.wav", tmp_path / "angry" / "anna" / "one.wav")
    data = load_dataset(join([read_ravdess(miniature.folder), read_own(tmp_path)]), extractor, labels=EMOTIONS, jobs=1)
    ((digest, times),) = Counter(data.digests.tolist()).most_common(1)
    assert times == 2
    assert {*data.speakers[data.digests == digest]} == {"ravdess-01", "own-anna"}


@pytest.mark.parametrize("label", ["happy", "female happy", "male happy"])
def test_the_emotion_in_a_label_is_known(label: str) -> None:
    assert emotion_of(label) == "happy"
