"""The song part of RAVDESS, alone and in one folder with the speech part."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from ml.corpora.ravdess import read_ravdess, read_ravdess_song
from ml.protocols import actor_splits
from tests.ml.corpora.trees import archive, tree

SINGERS = [actor for actor in range(1, 25) if actor != 18]
SONGS = [
    f"Actor_{actor:02}/03-02-{emotion:02}-{intensity:02}-{statement:02}-{take:02}-{actor:02}.wav"
    for actor, emotion, intensity, statement, take in product(SINGERS, range(1, 7), (1, 2), (1, 2), (1, 2))
    if (emotion, intensity) != (1, 2)
]
SPEECH = ["Actor_01/03-01-05-01-01-01-01.wav", "Actor_02/03-01-07-01-01-01-02.wav"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tmp_path_factory.mktemp("song") / "Audio_Song_Actors_01-24.zip", SONGS)


def test_every_song_is_placed_by_its_name(published: Path) -> None:
    corpus = read_ravdess_song(published)
    assert (corpus.name, len(corpus.utterances), corpus.unplaced) == ("song", 1012, ())
    emotions = Counter(utterance.emotion for utterance in corpus.utterances)
    assert emotions == {"neutral": 92, **dict.fromkeys(("calm", "happy", "sad", "angry", "fearful"), 184)}
    last = corpus.utterances[-1]
    assert (last.emotion, last.speaker, last.gender) == ("fearful", "ravdess-24", "female")
    assert (last.intensity, last.statement) == ("strong", "Dogs are sitting by the door")


def test_speech_and_song_in_one_folder_are_told_apart(tmp_path: Path) -> None:
    folder = tree(tmp_path, [*SPEECH, *SONGS[:3]])
    for corpus, clips in ((read_ravdess(folder), SPEECH), (read_ravdess_song(folder), SONGS[:3])):
        assert [utterance.file.name for utterance in corpus.utterances] == clips
        assert corpus.unplaced == ()


def test_who_sings_is_not_a_stranger_when_speaking(tmp_path: Path) -> None:
    folder = tree(tmp_path, [*SPEECH, *SONGS])
    utterances = (*read_ravdess(folder).utterances, *read_ravdess_song(folder).utterances)
    speakers = np.array([utterance.speaker for utterance in utterances])
    splits = actor_splits(speakers, np.arange(len(speakers)).astype(str))
    assert len(splits) == 6
    for split in splits:
        assert not {*speakers[split.train]} & {*speakers[split.test]}
