"""Undertone on the real corpus: what it holds, and how a model hears it under conditions that must not matter."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import soundfile

from ml import store
from ml.audio import Clip, condition
from ml.corpora import Corpus, Utterance
from ml.datasets import load_dataset
from ml.decoding import decode
from ml.emotions import EMOTIONS
from ml.extraction import Dataset, Extractor, default_cache_dir
from ml.protocols import RAVDESS_FOLDS
from ml.recipes import CLASSIC
from ml.recogniser import Recogniser
from tests.recordings import soundfile_bytes, stereo

pytestmark = pytest.mark.corpus

TESTED = {f"ravdess-{actor:02}" for actor in RAVDESS_FOLDS[0]}
LOSS_ALLOWED = 0.02
Change = Callable[[Clip], bytes]
Accuracy = Callable[[Change | None], float]


@pytest.fixture(scope="session")
def real_dataset(ravdess: Corpus, cache_dir: object) -> Dataset:
    """The vectors of all real clips, without training copies."""
    extractor = Extractor(CLASSIC.conditioning, CLASSIC.feature_set, default_cache_dir())
    return load_dataset(ravdess, extractor, labels=EMOTIONS)


def test_all_1440_clips_are_placed_and_usable(ravdess: Corpus, real_dataset: Dataset) -> None:
    assert len(ravdess.utterances) == len(real_dataset) == 1440
    assert ravdess.unplaced == real_dataset.unusable == ()
    assert len({utterance.speaker for utterance in ravdess.utterances}) == 24
    counted = Counter(utterance.emotion for utterance in ravdess.utterances)
    assert counted == {**dict.fromkeys(EMOTIONS, 192), "neutral": 96}


def test_five_clips_are_stereo_and_none_of_them_sounds_different(ravdess: Corpus) -> None:
    channels = Counter(soundfile.info(io.BytesIO(u.file.read())).channels for u in ravdess.utterances)
    assert channels == {1: 1435, 2: 5}


def test_one_pair_of_clips_is_the_same_recording(real_dataset: Dataset) -> None:
    twice = [digest for digest, count in Counter(real_dataset.digests.tolist()).items() if count > 1]
    assert len(twice) == 1
    assert len(np.unique(real_dataset.speakers[real_dataset.digests == twice[0]])) == 1


def test_the_shipped_model_hears_most_of_what_it_was_trained_on(ravdess: Corpus) -> None:
    """No honest figure (it knows these clips): it only shows that model, features and labels belong together."""
    recogniser = Recogniser.load(store.find("classic", roots=(store.SHIPPED_DIR,)))
    some = ravdess.utterances[::48]
    answers = [recogniser.classify(utterance.file.read()) for utterance in some]
    assert np.mean([answer.emotion == u.emotion for answer, u in zip(answers, some, strict=True)]) > 0.5
    assert all(abs(sum(score.score for score in answer.scores) - 1) < 1e-6 for answer in answers)
    assert all(0 < answer.speech_s <= answer.duration_s for answer in answers)


def scaled(gain_db: float) -> Change:
    gain = np.float32(10 ** (gain_db / 20))
    return lambda clip: soundfile_bytes(clip.samples * gain, clip.rate_hz, subtype="FLOAT")


def after_a_second_of_silence(clip: Clip) -> bytes:
    quiet = np.zeros(clip.rate_hz, dtype=np.float32)
    return soundfile_bytes(np.concatenate([quiet, clip.samples]), clip.rate_hz)


CONDITIONS: dict[str, Change] = {
    "12 dB quieter": scaled(-12),
    "12 dB louder": scaled(12),
    "after a second of silence": after_a_second_of_silence,
    "in stereo": lambda clip: soundfile_bytes(stereo(clip.samples), clip.rate_hz),
    "as float": lambda clip: soundfile_bytes(clip.samples, clip.rate_hz, subtype="FLOAT"),
    "as FLAC": lambda clip: soundfile_bytes(clip.samples, clip.rate_hz, container="FLAC"),
}


@pytest.fixture(scope="session")
def test_fold(ravdess: Corpus) -> list[Utterance]:
    """The clips of the first published fold."""
    return [utterance for utterance in ravdess.utterances if utterance.speaker in TESTED]


@pytest.fixture(scope="session")
def heard(real_dataset: Dataset, test_fold: list[Utterance]) -> Accuracy:
    """Accuracy on the first fold of `classic`, fitted on the other speakers' clips (but not on copies of them)."""
    known = np.flatnonzero(~np.isin(real_dataset.speakers, list(TESTED)))
    model = CLASSIC.model.fit_plain(real_dataset.rows(known), seed=0)

    def accuracy(change: Change | None) -> float:
        vectors = []
        for utterance in test_fold:
            content = utterance.file.read()
            changed = change(decode(content)) if change else content
            clip = condition(decode(changed, rate_hz=CLASSIC.conditioning.rate_hz), CLASSIC.conditioning)
            vectors.append(CLASSIC.feature_set.extract(clip))
        labels = np.asarray(model.classes_)[model.predict_proba(np.stack(vectors)).argmax(axis=1)]
        return float(np.mean(labels == [utterance.emotion for utterance in test_fold]))

    return accuracy


@pytest.fixture(scope="session")
def plain(heard: Accuracy) -> float:
    """Accuracy on the clips as they are."""
    return heard(None)


def test_strangers_are_heard_far_better_than_by_chance(plain: float) -> None:
    assert plain > 0.4


@pytest.mark.parametrize("name", CONDITIONS)
def test_accuracy_survives_a_clip(name: str, plain: float, heard: Accuracy) -> None:
    assert heard(CONDITIONS[name]) >= plain - LOSS_ALLOWED
