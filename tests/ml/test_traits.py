"""Traits: what a person would say of a voice, as numbers."""

from __future__ import annotations

import gc
from dataclasses import replace
from weakref import ref

import numpy as np
import pytest

from ml.audio import Clip, Samples, resample, trim
from ml.features import contours
from ml.features.sets import feature_set
from ml.synthesis import STYLES, Style, speak
from ml.traits import CONDITIONING, TRAITS, TraitSet, mean_traits


def trait(name: str, **style: float) -> float:
    """One trait of a voice that differs from the neutral one in this."""
    clip = speak(replace(STYLES["neutral"], **style), speech_s=2.4)
    return float(TraitSet().extract(trim(clip, CONDITIONING))[TRAITS.index(name)])


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [
        ("pitch", {"pitch": 0.8}, {"pitch": 1.5}),
        ("pitch_range", {"range_semitones": 0.5}, {"range_semitones": 7}),
        ("tempo", {"syllables_per_s": 2.5}, {"syllables_per_s": 5.5}),
        ("brightness", {"tilt": 0.97}, {"tilt": 0.7}),
        ("clearness", {"breath": 0.3}, {"breath": 0.0}),
    ],
)
def test_a_trait_is_larger_where_the_voice_has_more_of_it(
    name: str, less: dict[str, float], more: dict[str, float]
) -> None:
    assert trait(name, **more) > trait(name, **less)


def test_the_pitch_of_a_voice_is_in_semitones_against_100_hz() -> None:
    assert trait("pitch", pitch=1.0, range_semitones=0.1, slope_semitones=0) == pytest.approx(
        12 * np.log2(115 / 100), abs=0.7
    )


@pytest.mark.parametrize("syllables_per_s", [2.5, 4.0, 5.5])
def test_the_pace_is_in_syllables_a_second(syllables_per_s: float) -> None:
    assert trait("tempo", syllables_per_s=syllables_per_s) == pytest.approx(syllables_per_s, abs=0.3)


@pytest.mark.parametrize(("deviation_semitones", "at_most"), [(0.1, 0.4), (1.5, 3.6), (4.0, 9.0)])
def test_the_pitch_range_is_what_the_voice_was_built_with(deviation_semitones: float, at_most: float) -> None:
    measured = trait("pitch_range", range_semitones=deviation_semitones, slope_semitones=0)
    assert 1.2 * deviation_semitones <= measured <= at_most


def test_a_mistaken_octave_is_no_movement_of_the_pitch() -> None:
    flat = replace(STYLES["neutral"], range_semitones=0.3, slope_semitones=0)
    said, octave = (
        speak(replace(flat, pitch=pitch), speech_s=seconds, pause_s=0).samples
        for pitch, seconds in ((1.0, 1.8), (2.0, 0.5))
    )
    heard = TraitSet().extract(Clip(np.concatenate([said, octave]), 16_000))
    assert heard[TRAITS.index("pitch_range")] < 1.0


def test_pieces_are_averaged() -> None:
    low, high = speak(Style(pitch=0.8)), speak(Style(pitch=1.6))
    one_by_one = [mean_traits([piece]) for piece in (low, high)]
    np.testing.assert_allclose(mean_traits([low, high]), np.mean(one_by_one, axis=0), rtol=1e-5)


def test_the_rate_of_a_clip_does_not_matter() -> None:
    clip = speak(STYLES["happy"])
    np.testing.assert_allclose(TraitSet().extract(resample(clip, 48_000)), TraitSet().extract(clip), atol=0.3)


def test_features_and_traits_share_one_pass_over_a_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = []
    measure = contours.contours

    def counted(samples: Samples) -> np.ndarray:
        passes.append(len(samples))
        return measure(samples)

    monkeypatch.setattr(contours, "contours", counted)
    clip = speak(STYLES["angry"])
    feature_set("expressive-31988").extract(clip)
    TraitSet().extract(clip)
    assert passes == [len(clip.samples)]


def test_a_clip_is_not_kept_for_the_sake_of_its_contours() -> None:
    clip = speak(STYLES["sad"], speech_s=0.8)
    TraitSet().extract(clip)
    watched = ref(clip)
    del clip
    gc.collect()
    assert watched() is None
