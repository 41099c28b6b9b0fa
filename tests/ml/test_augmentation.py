"""Training copies: what they change of a clip, and what they leave."""

from __future__ import annotations

import numpy as np
import pytest

from ml.audio import Clip
from ml.augmentation import AUGMENTATIONS, speech_rms, training_copy
from tests.recordings import voice


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_a_copy_is_another_clip_and_always_the_same_one(name: str) -> None:
    copy = training_copy(voice(), name, 16_000)
    assert copy.digest == training_copy(voice(), name, 16_000).digest != voice().digest
    assert copy.rate_hz == 16_000
    assert copy.samples.dtype == np.float32
    assert np.isfinite(copy.samples).all()


def loudest_hz(clip: Clip) -> float:
    spectrum = np.abs(np.fft.rfft(clip.samples * np.hanning(len(clip.samples))))
    return float(np.argmax(spectrum) * clip.rate_hz / len(clip.samples))


def test_a_raised_pitch_is_two_semitones_higher_at_the_same_pace() -> None:
    time_s = np.arange(16_000) / 16_000
    tone = Clip((0.3 * np.sin(2 * np.pi * 440 * time_s)).astype(np.float32), 16_000)
    raised = training_copy(tone, "raised-pitch", 16_000)
    assert loudest_hz(raised) == pytest.approx(440 * 2 ** (2 / 12), rel=0.02)
    assert raised.duration_s == tone.duration_s


def test_trimming_leaves_the_voice_alone() -> None:
    clip = voice()
    silence = np.zeros(8_000, np.float32)
    within = Clip(np.concatenate([silence, clip.samples, silence]), clip.rate_hz)
    trimmed = training_copy(within, "trimmed", 16_000)
    assert trimmed.duration_s < clip.duration_s + 0.1
    assert np.abs(trimmed.samples).max() == np.abs(clip.samples).max()


def test_other_talkers_are_softer_than_the_clip_and_talk_all_the_time() -> None:
    clip = voice()
    added = training_copy(clip, "talkers", 16_000).samples - clip.samples
    below_db = 20 * np.log10(speech_rms(clip) / np.sqrt(np.mean(np.square(added))))
    assert 9.9 < below_db < 25.1
    parts = np.array_split(added, 8)
    assert min(np.sqrt(np.mean(np.square(part))) for part in parts) > 0.3 * np.sqrt(np.mean(np.square(added)))
