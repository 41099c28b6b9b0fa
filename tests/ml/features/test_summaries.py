"""Summaries of contours, each held to what it says it measures."""

from __future__ import annotations

import numpy as np
import pytest

from ml.audio import Clip
from ml.features.coarse import COARSE_NAMES, coarse
from ml.features.contours import CONTOUR_NAMES, N_MELS, contours
from ml.features.correlations import CORRELATION_NAMES, LAGS, correlations
from ml.features.modulations import MODULATION_NAMES, modulations
from ml.features.sets import CONTOUR_SETS, SUMMARIES, feature_set
from ml.features.texture import TEXTURE_NAMES, texture
from tests.recordings import voice


@pytest.fixture(scope="module")
def contour() -> np.ndarray:
    return contours(voice(speech_s=1.5).samples)


@pytest.mark.parametrize("name", SUMMARIES)
def test_there_is_a_finite_number_for_each_name(name: str, contour: np.ndarray) -> None:
    summary = SUMMARIES[name]
    assert len(set(summary.names)) == len(summary.names)
    for frames in (8, 12, len(contour)):  # no window is shorter than 8
        numbers = summary.of(contour[:frames])
        assert numbers.shape == (len(summary.names),)
        assert np.isfinite(numbers).all()


@pytest.mark.parametrize("name", CONTOUR_SETS)
def test_a_set_says_in_its_name_how_many_numbers_it_has(name: str) -> None:
    assert len(feature_set(name).names) == int(name.rpartition("-")[2])


@pytest.mark.parametrize("name", CONTOUR_SETS)
def test_the_level_of_a_recording_changes_nothing(name: str) -> None:
    clip = voice(speech_s=1.5)
    quieter = Clip(clip.samples * np.float32(0.25), clip.rate_hz)
    features = feature_set(name)
    loud, quiet = features.extract(clip), features.extract(quieter)
    assert np.mean(np.abs(loud - quiet) > 1e-2 + 1e-2 * np.abs(loud)) < 0.01


def test_correlations_are_those_of_numpy_where_nothing_is_still(contour: np.ndarray) -> None:
    numbers = dict(zip(CORRELATION_NAMES, correlations(contour), strict=True))
    x = coarse(contour)
    first, second = (COARSE_NAMES.index(name) for name in ("energy", "mfcc2"))
    expected = np.corrcoef(x[:, first], x[:, second])[0, 1]
    assert numbers["correlation.mfcc2.energy"] == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("lag", LAGS)
def test_a_contour_that_follows_another_is_found_at_its_lag(lag: int, rng: np.random.Generator) -> None:
    contour = rng.standard_normal((300, len(CONTOUR_NAMES)))
    contour[:, CONTOUR_NAMES.index("zcr")] = np.roll(contour[:, CONTOUR_NAMES.index("f0")], lag) * 0.1
    contour[:, CONTOUR_NAMES.index("f0")] *= 6
    numbers = dict(zip(CORRELATION_NAMES, correlations(contour), strict=True))
    assert numbers[f"correlation{lag}.zcr.f0"] > 0.9
    assert abs(numbers[f"correlation{lag}.f0.zcr"]) < 0.3


def test_texture_hears_which_sounds_occur_and_not_when(contour: np.ndarray) -> None:
    one = texture(np.tile(contour, (4, 1)))
    rearranged = texture(np.tile(np.roll(contour, len(contour) // 2, axis=0), (4, 1)))
    other = texture(contours(voice("sad", speech_s=1.5, seed=9).samples))
    assert len(TEXTURE_NAMES) == len(one)
    assert np.linalg.norm(one - other) > 10 * np.linalg.norm(one - rearranged)


@pytest.mark.parametrize(("scale", "rate_hz"), [(0, 3), (0, 8), (0.12, 5), (0.12, -5), (0.06, 12), (0.22, -3)])
def test_a_ripple_is_strongest_in_its_own_filter(scale: float, rate_hz: float) -> None:
    time_s, band = np.arange(300)[:, np.newaxis] / 100, np.arange(N_MELS)
    contour = np.zeros((300, len(CONTOUR_NAMES)))
    contour[:, :N_MELS] = 15 * np.cos(2 * np.pi * (rate_hz * time_s - scale * band))
    numbers = dict(zip(MODULATION_NAMES, modulations(contour), strict=True))
    means = {name: number for name, number in numbers.items() if name.endswith("mean18")}
    assert max(means, key=lambda name: means[name]) == f"modulation.{scale:g}.{rate_hz:g}Hz.mean18"
