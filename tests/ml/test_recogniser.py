"""A loaded model: a clip in, a prediction out, in the shape of the contract."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ml import store
from ml.audio import Clip
from ml.catalogue import Catalogue
from ml.decoding import decode
from ml.emotions import EMOTIONS
from ml.errors import AudioError, RequestError
from ml.limits import Limits
from ml.listening import listen
from ml.recogniser import LEAST_SPEECH_S, STRANGE, Recogniser
from ml.results import Prediction
from ml.stopwatch import Stopwatch
from ml.store import Manifest
from ml.training import Trained
from tests.recordings import soundfile_bytes, stereo, voice, wav


@pytest.fixture(scope="module")
def recogniser(trained: Trained) -> Recogniser:
    return Recogniser.load(trained.stored)


@pytest.fixture(scope="module")
def manifest(trained: Trained) -> Manifest:
    return trained.stored.manifest


def said(style: str = "angry") -> Clip:
    return voice(style, speech_s=1.6, seed=3)


def test_an_answer_has_a_score_for_every_emotion_the_highest_first(recogniser: Recogniser, manifest: Manifest) -> None:
    answer = recogniser.classify(wav(said()))
    scores = [score.score for score in answer.scores]
    assert {score.label for score in answer.scores} == set(EMOTIONS)
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1)
    assert (answer.emotion, answer.confidence) == (answer.scores[0].label, answer.scores[0].score)
    assert (answer.model.name, answer.model.version) == ("quick", manifest.version)
    assert answer.model.features == "classic-180"


def test_an_answer_survives_the_way_through_plain_data(recogniser: Recogniser) -> None:
    answer = recogniser.classify(wav(said()))
    assert Prediction.from_dict(answer.as_dict()) == answer


def test_it_is_uncertain_below_the_threshold_of_its_manifest(trained: Trained) -> None:
    def answer(threshold: float) -> Prediction:
        calibration = {**trained.stored.manifest.calibration, "uncertain_below": threshold}
        manifest = replace(trained.stored.manifest, calibration=calibration)
        return Recogniser(manifest, Recogniser.load(trained.stored).estimator).classify(wav(said()))

    assert answer(1.01).uncertain
    assert not answer(0.0).uncertain


def test_without_a_threshold_for_known_voices_the_one_for_strangers_holds(trained: Trained) -> None:
    """As of a model whose speakers never had two neutral clips to measure another with."""
    calibration = {"uncertain_below": 0.5, "coverage": []}
    manifest = replace(trained.stored.manifest, calibration=calibration)
    recogniser = Recogniser(manifest, Recogniser.load(trained.stored).estimator)
    assert recogniser.is_uncertain(0.4, with_voice=True)
    assert not recogniser.is_uncertain(0.6, with_voice=True)


def sure(trained: Trained) -> Recogniser:
    """A model that is sure of whatever it hears, by its confidence alone."""
    calibration = {**trained.stored.manifest.calibration, "uncertain_below": 0.0}
    manifest = replace(trained.stored.manifest, calibration=calibration)
    return Recogniser(manifest, Recogniser.load(trained.stored).estimator)


def test_it_is_never_sure_of_a_word_alone(trained: Trained) -> None:
    answer = sure(trained).classify(wav(voice("angry", speech_s=0.8, seed=3)))
    assert answer.speech_s < LEAST_SPEECH_S
    assert answer.uncertain
    assert answer.warnings == (
        f"There is only {answer.speech_s:.1f} s of speech in this: too little to be sure of an emotion.",
    )


def test_it_is_never_sure_of_what_is_unlike_all_it_learned_from(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser = sure(trained)
    for strangeness, uncertain in ((0.9, False), (1.1, True)):
        told = np.full(1, strangeness)
        monkeypatch.setattr(recogniser.estimator, "strangeness", lambda vectors, told=told: told, raising=False)  # noqa: ARG005
        answer = recogniser.classify(wav(said()))
        assert answer.uncertain == uncertain
        assert answer.warnings == uncertain * (STRANGE,)


def test_the_clip_is_measured_with_and_without_its_silence(recogniser: Recogniser) -> None:
    quiet = np.zeros(16_000, dtype=np.float32)
    answer = recogniser.classify(soundfile_bytes(np.concatenate([quiet, said().samples, quiet]), 16_000))
    assert answer.duration_s == pytest.approx(4.0, abs=0.01)
    assert 0.8 < answer.speech_s < 2.0


@pytest.mark.parametrize(
    "change",
    [
        lambda clip: soundfile_bytes(clip.samples / 4, clip.rate_hz, subtype="FLOAT"),
        lambda clip: soundfile_bytes(clip.samples * 4, clip.rate_hz, subtype="FLOAT"),
        lambda clip: soundfile_bytes(stereo(clip.samples), clip.rate_hz),
        lambda clip: soundfile_bytes(clip.samples, clip.rate_hz, container="FLAC"),
        lambda clip: soundfile_bytes(np.concatenate([np.zeros(16_000, np.float32), clip.samples]), clip.rate_hz),
    ],
    ids=["quieter", "louder", "stereo", "FLAC", "after silence"],
)
@pytest.mark.parametrize("style", ["happy", "sad", "angry"])
def test_the_answer_does_not_depend_on_level_channels_format_or_silence(
    recogniser: Recogniser, style: str, change: Callable[[Clip], bytes]
) -> None:
    plain, changed = recogniser.classify(wav(said(style))), recogniser.classify(change(said(style)))
    ours = {score.label: score.score for score in plain.scores}
    assert {score.label: score.score for score in changed.scores} == pytest.approx(ours, abs=0.1)


@pytest.mark.parametrize("name", ["classic", "expressive"])
def test_a_constant_offset_changes_nothing_in_clips_in_voices_or_over_time(name: str) -> None:
    model = Recogniser.load(store.find(name, roots=(store.SHIPPED_DIR,)))
    mild = voice("neutral", speech_s=1.6, seed=3)
    plain, shifted = (
        (soundfile_bytes(clip.samples + np.float32(offset), clip.rate_hz, subtype="FLOAT") for clip in (said(), mild))
        for offset in (0, 0.05)
    )
    answers = []
    for clip, ordinary in (plain, shifted):
        known = model.normal_voice([ordinary])
        answers.append((model.classify(clip), model.classify(clip, voice=known), listen(model, clip)))
    for ours, theirs in zip(*answers, strict=True):
        assert theirs.emotion == ours.emotion
        assert theirs.why == ours.why
        scores = {score.label: score.score for score in ours.scores}
        assert {score.label: score.score for score in theirs.scores} == pytest.approx(scores, abs=0.02)


def test_how_a_voice_is_described_does_not_depend_on_the_model() -> None:
    clip = wav(said())
    classic, expressive = (
        Recogniser.load(store.find(name, roots=(store.SHIPPED_DIR,))) for name in ("classic", "expressive")
    )
    assert classic.classify(clip).why == expressive.classify(clip).why == listen(classic, clip).why


def test_a_loaded_model_answers_as_before_it_was_saved(trained: Trained) -> None:
    remembered = trained.stored.manifest.known_answers
    for before, now in zip(remembered, Recogniser.load(trained.stored).known_answers(), strict=True):
        assert now["scores"] == pytest.approx(before["scores"], abs=1e-6)


@pytest.mark.parametrize(
    ("samples", "code"),
    [
        (np.zeros(0), "too_short"),
        (np.zeros(32_000), "no_speech"),
        (np.full(32_000, 0.2), "no_speech"),
        (np.full(32_000, np.nan), "unusable_signal"),
        (0.1 * np.sin(np.arange(48_000) * 2 * np.pi * 440 / 16_000), "no_speech"),
        (0.1 * np.random.default_rng(0).standard_normal(48_000), "no_speech"),
    ],
    ids=["nothing", "silence", "a constant", "NaN", "a dial tone", "noise"],
)
def test_what_is_no_speech_gets_no_emotion(recogniser: Recogniser, samples: np.ndarray, code: str) -> None:
    with pytest.raises(AudioError) as refused:
        recogniser.classify(soundfile_bytes(samples.astype(np.float32), 16_000, subtype="FLOAT"))
    assert refused.value.code == code


def test_limits_are_those_of_the_caller(recogniser: Recogniser) -> None:
    with pytest.raises(AudioError) as refused:
        recogniser.classify(wav(said()), limits=Limits(max_seconds=1))
    assert refused.value.code == "too_long"


def test_the_stages_are_timed(recogniser: Recogniser) -> None:
    stopwatch = Stopwatch()
    recogniser.classify(wav(said()), stopwatch=stopwatch)
    assert set(stopwatch.seconds) >= {"decode", "condition", "features", "predict"}
    assert all(seconds >= 0 for seconds in stopwatch.seconds.values())


def test_a_long_recording_is_heard_in_bounded_memory(recogniser: Recogniser) -> None:
    once = said().samples
    long = soundfile_bytes(np.tile(once, 240 * 16_000 // len(once)), 16_000)  # four minutes: 15 MB of samples
    tracemalloc.start()
    recogniser.classify(long)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 250_000_000


def test_the_catalogue_asks_the_model_that_was_named(trained: Trained) -> None:
    catalogue = Catalogue.load(model_dir=trained.stored.folder.parent.parent, default="quick")
    assert catalogue.classify(wav(said())).model.name == "quick"
    assert catalogue.classify(wav(said()), model="quick") == catalogue.classify(wav(said()))
    with pytest.raises(RequestError, match="quick") as refused:
        catalogue.classify(wav(said()), model="unheard-of")
    assert refused.value.code == "unknown_model"


def test_the_catalogue_tells_what_it_serves_the_default_first(trained: Trained) -> None:
    catalogue = Catalogue.load(model_dir=trained.stored.folder.parent.parent, default="quick")
    first = catalogue.summaries()[0]
    assert (first["name"], first["default"], first["features"]) == ("quick", True, "classic-180")
    assert set(first["figures"]) >= {"actors", "random"}


def test_samples_and_files_give_the_same_answer(recogniser: Recogniser) -> None:
    content = wav(said())
    assert recogniser.classify_clip(decode(content, rate_hz=16_000)) == recogniser.classify(content)
