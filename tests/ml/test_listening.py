"""Listening to recordings of any length: the course of emotions, both sides of a call, the speaker's own voice."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ml import store
from ml.errors import AudioError
from ml.listening import ONE_CHANNEL, OWN_VOICE, SAME_ON_BOTH_SIDES, VOICE_OF_ONE, listen
from ml.recogniser import STRANGE, Recogniser
from ml.results import Prediction
from ml.training import Trained
from tests.ml.conversations import RATE_HZ, conversation
from tests.recordings import soundfile_bytes, stereo, voice, wav

MOODS = ("angry", "angry", "happy", "happy")


@pytest.fixture(scope="module")
def recogniser(trained: Trained) -> Recogniser:
    return Recogniser.load(trained.stored)


@pytest.fixture(scope="module")
def with_voice() -> Recogniser:
    """A model that knows what to do with a normal voice."""
    return Recogniser.load(store.find("expressive", roots=(store.SHIPPED_DIR,)))


@pytest.fixture(scope="module")
def call() -> bytes:
    """An angry caller on the left, then a sad one on the right."""
    left, right = conversation(["angry"], speech_s=2.0).samples, conversation(["sad"], speech_s=2.0).samples
    both = np.zeros((len(left) + len(right), 2), np.float32)
    both[: len(left), 0], both[len(left) :, 1] = left, right
    return soundfile_bytes(both, RATE_HZ)


def test_a_recording_of_one_window_gets_the_very_answer_of_a_clip(recogniser: Recogniser) -> None:
    clip = wav(voice("happy", speech_s=2.0))
    heard, course = recogniser.classify(clip), listen(recogniser, clip)
    assert (course.scores, course.why, course.speech_s) == (heard.scores, heard.why, heard.speech_s)
    (said,) = [segment for segment in course.timeline if segment.speech]
    assert said.scores == heard.scores


def test_segments_follow_each_other_from_beginning_to_end_and_pauses_are_marked(recogniser: Recogniser) -> None:
    talk = conversation(MOODS)
    heard = listen(recogniser, soundfile_bytes(talk.samples, RATE_HZ))
    assert heard.timeline[0].start_s == 0
    assert heard.timeline[-1].end_s == pytest.approx(talk.duration_s, abs=0.01) == heard.duration_s
    assert all(segment.end_s == after.start_s for segment, after in pairwise(heard.timeline))
    assert [segment.speech for segment in heard.timeline] == [False, True] * 4 + [False]
    assert all(segment.emotion is None and not segment.scores for segment in heard.timeline if not segment.speech)


def test_segments_begin_and_end_with_the_speech(recogniser: Recogniser) -> None:
    talk = conversation(MOODS, noise_db=20)
    heard = listen(recogniser, soundfile_bytes(talk.samples, RATE_HZ))
    found = [(segment.start_s, segment.end_s) for segment in heard.timeline if segment.speech]
    assert np.array(found) == pytest.approx(np.array(talk.spoken_s), abs=0.2)


def test_the_whole_is_the_mean_of_all_speech_by_its_duration(recogniser: Recogniser) -> None:
    heard = listen(recogniser, soundfile_bytes(conversation(MOODS).samples, RATE_HZ))
    said = [segment for segment in heard.timeline if segment.speech]
    for score in heard.scores:
        parts = [next(part.score for part in segment.scores if part.label == score.label) for segment in said]
        weights = [segment.end_s - segment.start_s for segment in said]
        assert score.score == pytest.approx(np.average(parts, weights=weights), abs=1e-3)


def test_speech_without_a_pause_is_heard_through_windows(recogniser: Recogniser) -> None:
    talk = conversation(["angry"] * 6, pause_s=0.05)
    heard = listen(recogniser, soundfile_bytes(talk.samples, RATE_HZ))
    assert sum(segment.end_s - segment.start_s for segment in heard.timeline if segment.speech) > 0.9 * 9
    assert sum(score.score for score in heard.scores) == pytest.approx(1)


def test_a_long_recording_is_heard_like_its_parts(recogniser: Recogniser) -> None:
    """Blocks end in the middle of words; what is said around their ends is neither lost nor heard twice."""
    talk = conversation(MOODS * 15)
    assert talk.duration_s > 130
    heard = listen(recogniser, soundfile_bytes(talk.samples, RATE_HZ))
    found = [(segment.start_s, segment.end_s) for segment in heard.timeline if segment.speech]
    assert len(found) == 60
    assert np.array(found) == pytest.approx(np.array(talk.spoken_s), abs=0.2)


def test_music_between_words_is_no_speech(recogniser: Recogniser) -> None:
    talk = conversation(["happy", "happy"], pause_s=4.0)
    tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE_HZ) / RATE_HZ)
    samples = talk.samples.copy()
    middle = round((talk.spoken_s[0][1] + 1) * RATE_HZ)
    samples[middle : middle + len(tone)] += tone.astype(np.float32)
    heard = listen(recogniser, soundfile_bytes(samples, RATE_HZ))
    assert sum(segment.speech for segment in heard.timeline) == 2


def test_a_file_is_heard_like_its_bytes(recogniser: Recogniser, tmp_path: Path) -> None:
    content = soundfile_bytes(conversation(MOODS).samples, RATE_HZ)
    path = tmp_path / "talk.wav"
    path.write_bytes(content)
    with path.open("rb") as file:
        assert listen(recogniser, file) == listen(recogniser, content)


def test_memory_does_not_grow_with_the_recording(recogniser: Recogniser, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    path.write_bytes(soundfile_bytes(np.tile(conversation(["sad"]).samples, 100), RATE_HZ))
    with path.open("rb") as file:
        tracemalloc.start()
        listen(recogniser, file)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 60_000_000


class TestChannels:
    def test_one_side_is_heard_alone(self, recogniser: Recogniser, call: bytes) -> None:
        left, right = (listen(recogniser, call, channels=side) for side in ("left", "right"))
        assert (left.channel, right.channel) == ("left", "right")
        (angry,) = [segment for segment in left.timeline if segment.speech]
        (sad,) = [segment for segment in right.timeline if segment.speech]
        assert angry.end_s < sad.start_s
        assert not left.warnings

    def test_both_sides_are_heard_apart(self, recogniser: Recogniser, call: bytes) -> None:
        both = listen(recogniser, call, channels="split")
        assert both.channel == "split"
        assert [side.channel for side in both.channels] == ["left", "right"]
        assert both.channels == tuple(listen(recogniser, call, channels=side) for side in ("left", "right"))
        assert sum(score.score for score in both.scores) == pytest.approx(1)
        assert both.speech_s == pytest.approx(sum(side.speech_s for side in both.channels))
        assert Prediction.from_dict(both.as_dict()) == both

    def test_a_normal_voice_is_one_persons_and_serves_one_side_alone(self, with_voice: Recogniser, call: bytes) -> None:
        known = with_voice.normal_voice([wav(voice("neutral", speech_s=2.0))])
        both, plain = (listen(with_voice, call, channels="split", voice=each) for each in (known, None))
        assert both == replace(plain, warnings=(VOICE_OF_ONE,))
        assert listen(with_voice, call, channels="left", voice=known).voice_used

    @pytest.mark.parametrize("channels", ["left", "right", "split"])
    def test_the_same_sound_on_both_sides_is_heard_once_and_said(self, recogniser: Recogniser, channels: str) -> None:
        clip = voice("happy", speech_s=2.0)
        heard = listen(recogniser, soundfile_bytes(stereo(clip.samples), clip.rate_hz), channels=channels)  # type: ignore[arg-type]
        assert heard.warnings == (SAME_ON_BOTH_SIDES,)
        assert (heard.channel, heard.channels) == ("mix", ())

    def test_a_recording_of_one_channel_has_no_sides(self, recogniser: Recogniser) -> None:
        assert listen(recogniser, wav(voice("happy", speech_s=2.0)), channels="left").warnings == (ONE_CHANNEL,)

    def test_a_side_on_which_nobody_speaks_is_left_out_and_named(self, recogniser: Recogniser) -> None:
        clip = voice("happy", speech_s=2.0)
        one_sided = stereo(clip.samples)
        one_sided[:, 1] = 0
        call = soundfile_bytes(one_sided, clip.rate_hz)
        heard = listen(recogniser, call, channels="split")
        assert [side.channel for side in heard.channels] == ["left"]
        assert heard.warnings == ("No speech was found in the right channel.",)
        with pytest.raises(AudioError) as refused:
            listen(recogniser, call, channels="right")
        assert refused.value.code == "no_speech"


class TestOwnVoice:
    def test_a_minute_of_speech_is_a_normal_voice_and_the_answer_warns(self, with_voice: Recogniser) -> None:
        long = soundfile_bytes(conversation(["angry", "sad"] * 26, pause_s=0.5).samples, RATE_HZ)
        heard = listen(with_voice, long, own_voice=True)
        assert heard.voice_used
        assert heard.warnings == (OWN_VOICE, STRANGE)
        assert heard.scores != listen(with_voice, long).scores

    def test_less_is_heard_without_one_and_the_answer_says_so(self, with_voice: Recogniser) -> None:
        short = soundfile_bytes(conversation(["angry", "sad"]).samples, RATE_HZ)
        heard = listen(with_voice, short, own_voice=True)
        assert not heard.voice_used
        assert "too few" in heard.warnings[0]
        assert heard.scores == listen(with_voice, short).scores

    def test_a_model_without_baselines_says_so(self, recogniser: Recogniser) -> None:
        heard = listen(recogniser, wav(voice("happy", speech_s=2.0)), own_voice=True)
        assert heard.warnings == ("This model cannot use a speaker's normal voice.",)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(32_000), 0.1 * np.random.default_rng(0).standard_normal(16_000 * 70), np.zeros(16_000 * 70)],
    ids=["silence", "a minute of noise", "a minute of silence"],
)
def test_what_is_no_speech_has_no_timeline(recogniser: Recogniser, samples: np.ndarray) -> None:
    with pytest.raises(AudioError) as refused:
        listen(recogniser, soundfile_bytes(samples.astype(np.float32), RATE_HZ))
    assert refused.value.code == "no_speech"


SILENCE_S = 65


def silent_minutes_then(samples: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(SILENCE_S * RATE_HZ, np.float32), samples])


def test_a_recording_that_begins_with_silent_minutes_is_heard(recogniser: Recogniser) -> None:
    late = silent_minutes_then(conversation(["angry"], speech_s=2.0).samples)
    heard = listen(recogniser, soundfile_bytes(late, RATE_HZ))
    assert [segment.speech for segment in heard.timeline] == [False, True, False]
    assert heard.timeline[0].end_s == pytest.approx(SILENCE_S + 1.0, abs=0.2)


def test_a_side_that_is_muted_for_minutes_is_heard(recogniser: Recogniser) -> None:
    late = silent_minutes_then(conversation(["angry"], speech_s=2.0).samples)
    talk = np.resize(conversation(["sad"] * 9, speech_s=2.0).samples, len(late))
    heard = listen(recogniser, soundfile_bytes(np.stack([late, talk], axis=1), RATE_HZ), channels="split")
    left, right = heard.channels
    assert [segment.speech for segment in left.timeline] == [False, True, False]
    assert sum(segment.speech for segment in right.timeline) > 9


def test_a_word_in_silent_minutes_is_heard_without_them(recogniser: Recogniser) -> None:
    word = conversation(["angry"], speech_s=0.8)
    late = np.concatenate([silent_minutes_then(word.samples), np.zeros(20 * RATE_HZ, np.float32)])
    heard = listen(recogniser, soundfile_bytes(late, RATE_HZ))
    (said,) = [segment for segment in heard.timeline if segment.speech]
    assert (said.start_s, said.end_s) == pytest.approx([SILENCE_S + edge_s for edge_s in word.spoken_s[0]], abs=0.3)
