"""Groups: every feature is told of in words that need no textbook."""

from __future__ import annotations

import numpy as np
import pytest

from ml.features.groups import feature_groups, group_of
from ml.features.sets import feature_set


@pytest.mark.parametrize(
    "name", ["expressive-31988", "expressive-14254", "classic-180", "capstone-184", "contrast+bandwidth"]
)
def test_every_feature_is_in_exactly_one_group(name: str) -> None:
    features = feature_set(name)
    columns = np.concatenate(list(feature_groups(features).values()))
    assert sorted(columns) == list(range(len(features.names)))


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("f0.mean", "pitch"),
        ("d_f0.sd", "pitch"),
        ("voiced.f0.q90", "pitch"),
        ("rhythm.f0_step_max", "pitch"),
        ("rhythm.run_rate", "rhythm"),
        ("voiced.mean", "rhythm"),
        ("voiced.voiced.mean", "rhythm"),
        ("voiced.h1_a3.q10", "voice quality"),
        ("rms", "loudness"),
        ("mel_017", "frequency bands"),
        ("rocket.motion3.ppv-.4", "speed of change"),
    ],
)
def test_a_feature_is_where_its_contour_belongs(name: str, group: str) -> None:
    assert group_of(name) == group
