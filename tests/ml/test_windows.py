"""Windows over phrases, and what is measured in them."""

from __future__ import annotations

import numpy as np
import pytest

from ml.audio import Clip
from ml.features.sets import feature_set
from ml.windows import windows_over
from tests.ml.conversations import RATE_HZ, conversation

SETS = ("classic-180", "capstone-184", "expressive-31988")


@pytest.mark.parametrize("seconds", [0.5, 3.0, 4.5])
def test_a_short_phrase_is_one_window(seconds: float) -> None:
    assert windows_over(round(seconds * RATE_HZ), RATE_HZ) == [(0, round(seconds * RATE_HZ))]


@pytest.mark.parametrize("seconds", [4.6, 7.0, 11.9])
def test_a_long_one_has_windows_of_three_seconds_at_most_a_second_apart(seconds: float) -> None:
    windows = np.array(windows_over(round(seconds * RATE_HZ), RATE_HZ))
    assert (windows[0, 0], windows[-1, 1]) == (0, round(seconds * RATE_HZ))
    assert set(np.diff(windows, axis=1).ravel()) == {3 * RATE_HZ}
    assert 0.75 * RATE_HZ < np.diff(windows[:, 0]).min() <= np.diff(windows[:, 0]).max() <= RATE_HZ


@pytest.mark.parametrize("name", SETS)
def test_a_window_over_all_of_a_clip_gives_the_clips_own_vector(name: str) -> None:
    features, clip = feature_set(name), Clip(conversation(["happy"]).samples, RATE_HZ)
    (vector,) = features.extract_windows(clip, [(0, len(clip.samples))])
    assert vector.tolist() == features.extract(clip).tolist()


@pytest.mark.parametrize("name", SETS[:2])
def test_a_window_is_measured_as_the_clip_that_it_is(name: str) -> None:
    """But for the frames at its ends, which hear a little of what is around them."""
    features = feature_set(name)
    samples = conversation(["happy", "angry", "neutral"], pause_s=0.1).samples
    windows = windows_over(len(samples), RATE_HZ)
    assert len(windows) > 1
    for vector, (start, end) in zip(features.extract_windows(Clip(samples, RATE_HZ), windows), windows, strict=True):
        alone = features.extract(Clip(samples[start:end], RATE_HZ))
        assert np.corrcoef(vector, alone)[0, 1] > 0.999
