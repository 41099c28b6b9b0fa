"""Conditioning: how loud, how long silent, over how many channels must not matter, and silence has no emotion."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import pytest

from ml.audio import Clip, Conditioning, condition, resample, speech_span
from ml.decoding import decode
from ml.errors import AudioError
from ml.features.sets import Vector
from ml.recipes import CLASSIC, EXPRESSIVE
from tests.recordings import soundfile_bytes, stereo, voice

RATE_HZ = 16_000


def spoken() -> Clip:
    return voice(rate_hz=RATE_HZ, speech_s=1.5)


def vector(data: bytes) -> Vector:
    """What `classic` makes of a file."""
    clip = decode(data, rate_hz=CLASSIC.conditioning.rate_hz)
    return CLASSIC.feature_set.extract(condition(clip, CLASSIC.conditioning))


def distance(one: Vector, other: Vector) -> float:
    """In units that a network sees: powers as logarithms, cepstra against their usual spread of some ten."""
    differences = [np.abs(one[:40] - other[:40]) / 10, np.abs(one[40:52] - other[40:52])]
    logarithms = np.log(np.maximum(one[52:], 1e-10)) - np.log(np.maximum(other[52:], 1e-10))
    return float(np.mean(np.concatenate([*differences, np.abs(logarithms)])))


ORIGINAL = vector(soundfile_bytes(spoken().samples, RATE_HZ, subtype="FLOAT"))
OTHER_VOICE = vector(soundfile_bytes(voice("sad", speech_s=1.5).samples, RATE_HZ, subtype="FLOAT"))


def test_another_emotion_is_far_away() -> None:
    assert distance(ORIGINAL, OTHER_VOICE) > 0.3


@pytest.mark.parametrize("gain_db", [-24, -12, 12])
def test_loudness_does_not_matter(gain_db: float) -> None:
    louder = spoken().samples * np.float32(10 ** (gain_db / 20))
    assert distance(vector(soundfile_bytes(louder, RATE_HZ, subtype="FLOAT")), ORIGINAL) < 0.01


@pytest.mark.parametrize("silence_s", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("where", ["before", "after", "around"])
def test_silence_at_the_ends_does_not_matter(silence_s: float, where: str) -> None:
    quiet = np.zeros(int(silence_s * RATE_HZ), dtype=np.float32)
    before, after = where in {"before", "around"}, where in {"after", "around"}
    longer = np.concatenate([*[quiet] * before, spoken().samples, *[quiet] * after])
    assert distance(vector(soundfile_bytes(longer, RATE_HZ, subtype="FLOAT")), ORIGINAL) < 0.05


def test_a_quiet_room_before_speech_does_not_matter(rng: np.random.Generator) -> None:
    room = (3e-5 * rng.standard_normal(RATE_HZ)).astype(np.float32)
    longer = np.concatenate([room, spoken().samples])
    assert distance(vector(soundfile_bytes(longer, RATE_HZ, subtype="FLOAT")), ORIGINAL) < 0.05


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "DOUBLE"])
def test_depth_does_not_matter(subtype: str) -> None:
    assert distance(vector(soundfile_bytes(spoken().samples, RATE_HZ, subtype=subtype)), ORIGINAL) < 0.05


def test_stereo_does_not_matter() -> None:
    assert distance(vector(soundfile_bytes(stereo(spoken().samples), RATE_HZ, subtype="FLOAT")), ORIGINAL) < 0.001


def test_a_higher_rate_does_not_matter() -> None:
    finer = resample(spoken(), 48_000)
    assert distance(vector(soundfile_bytes(finer.samples, 48_000, subtype="FLOAT")), ORIGINAL) < 0.05


@pytest.mark.parametrize("offset", [0.02, -0.05, 0.2])
def test_a_constant_offset_does_not_matter(offset: float) -> None:
    shifted = spoken().samples + np.float32(offset)
    assert distance(vector(soundfile_bytes(shifted, RATE_HZ, subtype="FLOAT")), ORIGINAL) < 0.01


@pytest.mark.parametrize("offset", [-0.05, 0.2])
def test_a_quiet_voice_on_an_offset_is_heard_as_without_it_at_another_rate(offset: float) -> None:
    finer = resample(spoken(), 48_000).samples / 10
    plain, shifted = (vector(soundfile_bytes(finer + np.float32(by), 48_000, subtype="FLOAT")) for by in (0, offset))
    assert distance(shifted, plain) < 0.02


@pytest.mark.parametrize("offset", [-0.05, 0.2])
def test_a_constant_offset_does_not_change_where_speech_is(offset: float) -> None:
    for recipe in (CLASSIC, EXPRESSIVE):
        with_offset = Clip(spoken().samples + np.float32(offset), RATE_HZ)
        assert speech_span(with_offset, recipe.conditioning) == speech_span(spoken(), recipe.conditioning)


def test_speech_is_what_is_left_without_the_silence_around_it() -> None:
    said = spoken()
    left = condition(said, CLASSIC.conditioning)
    assert 1.2 < left.duration_s < 1.7 < said.duration_s


def test_without_conditioning_a_clip_stays_as_it_is() -> None:
    said = spoken()
    np.testing.assert_array_equal(condition(said, Conditioning()).samples, said.samples)


def test_a_conditioning_is_built_again_from_a_manifest() -> None:
    for conditioning in (CLASSIC.conditioning, Conditioning(), Conditioning(rate_hz=8_000)):
        assert Conditioning.from_dict(asdict(conditioning)) == conditioning


def nothing_said(seconds: float = 2.0) -> dict[str, npt.NDArray[np.float64]]:
    n = int(seconds * RATE_HZ)
    noise = np.random.default_rng(0).standard_normal(n)
    return {
        "no samples": np.zeros(0),
        "zeros": np.zeros(n),
        "a constant": np.full(n, 0.1),
        "the last bit of 16": np.round(0.4 * noise) / 32768,
        "dither": np.random.default_rng(0).integers(-1, 2, n) / 32768,
        "dither on a constant": 0.01 + np.round(0.4 * noise) / 32768,
    }


@pytest.mark.parametrize("recipe_conditioning", [Conditioning(), CLASSIC.conditioning], ids=["plain", "classic"])
@pytest.mark.parametrize("name", nothing_said())
def test_silence_has_no_emotion(name: str, recipe_conditioning: Conditioning) -> None:
    clip = Clip(nothing_said()[name].astype(np.float32), RATE_HZ)
    with pytest.raises(AudioError) as refused:
        condition(clip, recipe_conditioning)
    assert refused.value.code == "no_speech"


def test_a_very_quiet_recording_is_still_heard() -> None:
    quiet = spoken().samples * np.float32(10 ** (-40 / 20))
    assert distance(vector(soundfile_bytes(quiet, RATE_HZ, subtype="PCM_24")), ORIGINAL) < 0.05


def test_the_same_samples_have_the_same_digest_and_others_have_another() -> None:
    said = spoken()
    assert Clip(said.samples.copy(), RATE_HZ).digest == said.digest
    assert Clip(said.samples, 8_000).digest != said.digest
    assert Clip(-said.samples, RATE_HZ).digest != said.digest


def test_resampling_keeps_how_much_is_speech() -> None:
    clip = Clip(spoken().samples, RATE_HZ, speech_s=1.25)
    assert resample(clip, 8_000).speech_s == 1.25
