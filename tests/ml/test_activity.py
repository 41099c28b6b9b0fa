"""When somebody speaks: pauses, short sounds and noise."""

from __future__ import annotations

import numpy as np
import pytest

from ml.activity import ActivityDetector, find_speech, runs
from tests.ml.conversations import RATE_HZ, conversation

MOODS = ("happy", "angry", "neutral")


@pytest.mark.parametrize("noise_db", [None, 30, 20, 10], ids=["silence", "30 dB", "20 dB", "10 dB"])
def test_speech_is_found_between_pauses(noise_db: float | None) -> None:
    talk = conversation(MOODS, noise_db=noise_db)
    assert np.array(find_speech(talk.samples, RATE_HZ)) == pytest.approx(np.array(talk.spoken_s), abs=0.2)


def test_the_level_of_the_recording_does_not_matter() -> None:
    samples = conversation(MOODS, noise_db=20).samples
    assert find_speech(samples * np.float32(0.03), RATE_HZ) == find_speech(samples, RATE_HZ)


def test_a_short_pause_belongs_to_the_speech_around_it() -> None:
    assert len(find_speech(conversation(MOODS, pause_s=0.2).samples, RATE_HZ)) == 1
    assert len(find_speech(conversation(MOODS, pause_s=0.6).samples, RATE_HZ)) == 3


def test_a_click_is_no_speech() -> None:
    talk = conversation(["happy"], pause_s=2.0)
    samples = talk.samples.copy()
    samples[RATE_HZ : RATE_HZ + 160] = 0.5 * np.abs(samples).max()
    assert len(find_speech(samples, RATE_HZ)) == 1


def test_the_threshold_keeps_its_distance_from_loud_speech() -> None:
    detector = ActivityDetector()
    steady = np.full(1_000, -20.0)
    assert detector.threshold_db(steady) == -20.0 - detector.least_db
    silent_room = np.where(np.arange(1_000) < 500, -90.0, -20.0)
    assert detector.threshold_db(silent_room) == -20.0 - detector.depth_db


def test_runs_are_the_stretches_of_truth() -> None:
    assert runs(np.array([True, True, False, True, False])) == [(0, 2), (3, 4)]
    assert runs(np.zeros(3, bool)) == []
