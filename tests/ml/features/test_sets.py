"""The vectors: the same numbers as librosa's own functions, under names that travel with them."""

from __future__ import annotations

import json
from typing import Any

import librosa
import numpy as np
import pytest

from ml.audio import Clip, Samples
from ml.errors import AudioError
from ml.features.families import FAMILIES
from ml.features.sets import describe_feature_set, feature_set, feature_set_from
from ml.features.spectrum import BATCH_FRAMES, Frames
from tests.ml.features.golden import PATH, golden_clip
from tests.recordings import voice


def assert_close(ours: Samples, theirs: Any) -> None:
    np.testing.assert_allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=1e-4, atol=1e-3)


def librosa_one_by_one(clip: Clip, *, n_fft: int = 2048, hop_length: int = 512) -> dict[str, Samples]:
    """What a notebook computes: each family by its own call, with the means over time."""
    y, sr = clip.samples, clip.rate_hz
    cut: dict[str, Any] = {"n_fft": n_fft, "hop_length": hop_length}
    magnitude = np.abs(librosa.stft(y, **cut))
    feature = librosa.feature
    families = {
        "mfcc": feature.mfcc(y=y, sr=sr, n_mfcc=40, **cut),
        "chroma": feature.chroma_stft(S=magnitude, sr=sr, tuning=0.0, n_fft=n_fft),
        "mel": feature.melspectrogram(y=y, sr=sr, **cut),
        "centroid": feature.spectral_centroid(y=y, sr=sr, **cut),
        "bandwidth": feature.spectral_bandwidth(y=y, sr=sr, **cut),
        "rolloff": feature.spectral_rolloff(y=y, sr=sr, **cut),
        "rms": feature.rms(y=y, frame_length=n_fft, hop_length=hop_length),
        "zcr": feature.zero_crossing_rate(y, frame_length=n_fft, hop_length=hop_length),
    }
    if sr > 12_800:
        families["contrast"] = feature.spectral_contrast(y=y, sr=sr, **cut)
    return {name: per_frame.mean(axis=1) for name, per_frame in families.items()}


def classic_of_librosa(clip: Clip) -> Samples:
    families = librosa_one_by_one(clip)
    return np.concatenate([families["mfcc"], families["chroma"], families["mel"]])


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_classic_180_is_what_librosa_says_at_every_rate(rate_hz: int) -> None:
    clip = voice(rate_hz=rate_hz)
    assert_close(feature_set("classic-180").extract(clip), classic_of_librosa(clip))


@pytest.mark.parametrize("samples", [600, 2_047, 2_048, 2_049, 16_000, 16_001])
def test_classic_180_is_what_librosa_says_at_every_length(samples: int) -> None:
    clip = Clip(voice(speech_s=1.5).samples[4_000:][:samples], 16_000)
    assert_close(feature_set("classic-180").extract(clip), classic_of_librosa(clip))


def test_classic_180_is_what_librosa_says_of_a_clip_of_several_batches(rng: np.random.Generator) -> None:
    loudness = np.repeat(rng.uniform(0.001, 0.3, 100), 8_000)  # the loudest frame is in one batch, quiet ones in all
    clip = Clip((loudness * rng.standard_normal(len(loudness))).astype(np.float32), 16_000)
    assert len(clip.samples) > 3 * BATCH_FRAMES * 512
    assert_close(feature_set("classic-180").extract(clip), classic_of_librosa(clip))


@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_what_librosa_says(family: str, rate_hz: int) -> None:
    clip = voice(rate_hz=rate_hz)
    assert_close(feature_set(family).extract(clip), librosa_one_by_one(clip)[family])


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_what_librosa_says_with_other_frames(family: str) -> None:
    clip, frames = voice(), Frames(n_fft=1024, hop_length=160)
    expected = librosa_one_by_one(clip, n_fft=1024, hop_length=160)[family]
    assert_close(feature_set(family, frames=frames).extract(clip), expected)


def test_the_golden_vector_stays_what_it_was() -> None:
    """The tolerance covers other processors' and libraries' rounding, not another formula."""
    golden = json.loads(PATH.read_text())
    assert list(feature_set("classic-180").names) == list(golden)
    assert_close(feature_set("classic-180").extract(golden_clip()), list(golden.values()))


def test_classic_180_is_forty_mfcc_then_twelve_chroma_then_128_mel_bands() -> None:
    names = feature_set("classic-180").names
    assert (names[0], names[39], names[40], names[51], names[52], names[179]) == (
        "mfcc_01",
        "mfcc_40",
        "chroma_c",
        "chroma_b",
        "mel_001",
        "mel_128",
    )
    assert len(set(names)) == len(names) == 180


def test_capstone_184_begins_with_four_single_numbers() -> None:
    features = feature_set("capstone-184")
    assert features.names[:5] == ("rms", "centroid_hz", "rolloff_hz", "zero_crossing_rate", "chroma_c")
    assert features.names[16] == "mfcc_01"
    assert features.names[56] == "mel_001"
    assert features.extract(voice()).shape == (184,)


def test_any_families_make_a_set_in_the_order_they_are_named() -> None:
    clip = voice()
    features = feature_set("contrast+rms+mfcc")
    parts = [feature_set(name).extract(clip) for name in ("contrast", "rms", "mfcc")]
    assert features.names[6:9] == ("contrast_7_db", "rms", "mfcc_01")
    np.testing.assert_array_equal(features.extract(clip), np.concatenate(parts))


@pytest.mark.parametrize("name", ["classic", "mfcc+pitch", "", "mfcc+", "classic-180+rms"])
def test_an_unknown_name_is_told_what_there_is(name: str) -> None:
    with pytest.raises(ValueError, match=r"classic-180, capstone-184.*mfcc, chroma, mel"):
        feature_set(name)


@pytest.mark.parametrize("name", ["classic-180", "capstone-184", "mfcc+zcr"])
def test_a_set_is_built_again_from_its_description(name: str) -> None:
    features = feature_set(name, frames=Frames(n_fft=1024, hop_length=256))
    assert feature_set_from(json.loads(json.dumps(describe_feature_set(features)))) == features


@pytest.mark.parametrize("change", [{"version": 99}, {"names": ["mfcc_01"]}])
def test_a_description_of_other_numbers_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="computed differently"):
        feature_set_from({**describe_feature_set(feature_set("classic-180")), **change})


def test_contrast_reaches_higher_than_a_telephone_and_says_so() -> None:
    with pytest.raises(AudioError, match="12,800") as refused:
        feature_set("mfcc+contrast").extract(voice(rate_hz=8_000))
    assert refused.value.code == "unusable_signal"


@pytest.mark.parametrize("samples", [0, 1, 100])
def test_the_shortest_clips_give_finite_numbers(samples: int) -> None:
    vector = feature_set("classic-180").extract(Clip(np.full(samples, 0.1, dtype=np.float32), 16_000))
    assert vector.dtype == np.float32
    assert np.isfinite(vector).all()


def test_silence_gives_finite_numbers() -> None:
    names = "+".join(FAMILIES)
    assert np.isfinite(feature_set(names).extract(Clip(np.zeros(16_000, dtype=np.float32), 16_000))).all()
