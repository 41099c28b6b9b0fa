"""Why: each sentence is true of voices that were built so, and none is said without support."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import scipy.signal

from ml.audio import Clip, Conditioning, Levelling, level, trim
from ml.features.sets import Vector
from ml.synthesis import STYLES, speak
from ml.traits import CONDITIONING, TRAITS, TraitSet
from ml.why import Reference, explain

# Of RAVDESS, rounded: in the order of the traits.
CORPUS = Reference(*np.array([[12, 7.4, 3.8, 11, -6, 9.4], [7, 2.7, 0.74, 2, 2.2, 2.3], [5, 2.6, 0.67, 1.9, 2, 1.7]]))
VOICE = "the speaker's normal voice"


def said(**style: float) -> Clip:
    """A neutral voice but for this."""
    return speak(replace(STYLES["neutral"], **style), speech_s=2.4)


def traits(clip: Clip) -> Vector:
    return TraitSet().extract(trim(clip, CONDITIONING))


def changed(samples: np.ndarray) -> Clip:
    return Clip(samples.astype(np.float32), 16_000)


def filtered(*taps: float) -> Clip:
    return changed(scipy.signal.lfilter(taps, [1], said().samples))


def swelling() -> Clip:
    """Soft and loud by turns."""
    samples = said().samples
    return changed(samples * 10 ** (0.5 * np.sin(2 * np.pi * np.arange(len(samples)) / 16_000)))


def even() -> Clip:
    return level(trim(said(), CONDITIONING), Conditioning(levelling=Levelling(strength=0.8)))


def in_noise(snr_db: float) -> Clip:
    samples = said().samples
    noise = np.random.default_rng(0).standard_normal(len(samples))
    return changed(samples + noise * 10 ** (-snr_db / 20) * np.sqrt(np.mean(np.square(samples))))


NEUTRAL = traits(said())
CLEARNESS = {"The tone is"}  # the more the pitch moves, and the fewer periods there are, the less regular they look

CASES: dict[str, tuple[Callable[[], Clip], str, set[str]]] = {
    # what is done to a neutral voice, what is said of it, and what else may be
    "high": (lambda: said(pitch=1.6), "The pitch is higher", CLEARNESS),
    "low": (lambda: said(pitch=0.72), "The pitch is lower", CLEARNESS),
    "lively": (lambda: said(range_semitones=5), "The pitch moves more", CLEARNESS),
    "flat": (lambda: said(range_semitones=0.1, slope_semitones=0), "The pitch moves less", set()),
    "fast": (lambda: said(syllables_per_s=5.5), "The speech is faster", CLEARNESS),
    "slow": (lambda: said(syllables_per_s=2.5), "The speech is slower", CLEARNESS),
    "swelling": (swelling, "The loudness varies more", CLEARNESS | {"The sound is brighter"}),
    "even": (even, "The loudness varies less", set()),
    "bright": (lambda: filtered(1, -0.9), "The sound is brighter", set()),
    "noisy": (lambda: in_noise(12), "The tone is less clear", {"The sound is brighter", "The loudness varies less"}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_was_done_to_a_voice_is_what_is_said_of_it(name: str) -> None:
    make, lead, others = CASES[name]
    sentences = explain(traits(make()), CORPUS, normal=NEUTRAL)
    assert any(sentence.startswith(f"{lead} ") and VOICE in sentence for sentence in sentences)
    claims = [sentence for sentence in sentences if " close to " not in sentence]
    unexpected = [claim for claim in claims if not claim.startswith((lead, *others))]
    assert not unexpected


@pytest.mark.parametrize(("pitch", "hertz"), [(1.6, 184), (0.72, 83)])
def test_the_pitch_that_is_said_is_the_one_the_voice_was_built_with(pitch: float, hertz: float) -> None:
    flat = {"range_semitones": 0.2, "slope_semitones": 0.0}
    sentences = explain(traits(said(pitch=pitch, **flat)), CORPUS, normal=traits(said(**flat)))
    numbers = [
        float(number) for number in re.findall(r"\d+", next(s for s in sentences if s.startswith("The pitch is")))
    ]
    assert numbers == pytest.approx([hertz, 115], rel=0.03)


def test_nothing_is_said_of_the_voice_itself_without_a_normal_one() -> None:
    for pitch in (0.7, 2.0):
        sentences = " ".join(explain(traits(said(pitch=pitch)), CORPUS))
        assert not re.search(r"pitch (is|are|,)", sentences, re.IGNORECASE)
        assert "most acted voices" in sentences


def test_a_voice_like_its_normal_one_is_said_to_be_close_in_all_that_was_compared() -> None:
    names = "Pitch, pitch range, pace, changes of loudness, brightness and clearness"
    assert explain(NEUTRAL, CORPUS, normal=NEUTRAL) == (f"{names} are close to those of {VOICE}.",)


def test_what_does_not_stand_out_is_named_where_only_one_trait_does() -> None:
    heard = NEUTRAL.copy()
    heard[TRAITS.index("tempo")] += 1
    assert explain(heard, CORPUS, normal=NEUTRAL) == (
        f"The speech is faster than in {VOICE}: 5.1 syllables a second, against 4.1.",
        f"Pitch, pitch range, changes of loudness, brightness and clearness are close to those of {VOICE}.",
    )


@pytest.mark.parametrize("gain_db", [-20, 12])
def test_the_level_of_a_recording_adds_no_sentence(gain_db: float) -> None:
    louder = changed(said().samples * 10 ** (gain_db / 20))
    assert " ".join(explain(traits(louder), CORPUS, normal=NEUTRAL)).endswith(f"are close to those of {VOICE}.")


def test_a_voice_without_its_high_frequencies_is_duller() -> None:
    (sentence, *_) = explain(NEUTRAL, CORPUS, normal=traits(filtered(1, -0.9)))
    assert sentence.startswith("The sound is duller")


def test_nothing_is_said_of_a_pitch_or_pace_that_noise_hides() -> None:
    sentences = explain(traits(in_noise(-3)), CORPUS, normal=NEUTRAL)
    assert sentences
    assert not any(re.search(r"pitch|pace|speech", sentence, re.IGNORECASE) for sentence in sentences)


def test_a_voice_is_held_to_how_much_one_speaker_varies() -> None:
    heard = NEUTRAL.copy()
    heard[TRAITS.index("pitch")] += 5  # more than 0.8 of 5 semitones within speakers, less than of 7 between all
    assert explain(heard, CORPUS, normal=NEUTRAL)[0].startswith("The pitch is higher")
    among_all = replace(CORPUS, sd_within=CORPUS.sd)
    assert "The pitch is higher" not in " ".join(explain(heard, among_all, normal=NEUTRAL))


def test_numbers_below_zero_have_a_minus_sign() -> None:
    heard = NEUTRAL.copy()
    heard[TRAITS.index("brightness")] = -14.02
    (sentence, _) = explain(heard, replace(CORPUS, mean=NEUTRAL))
    assert "by \N{MINUS SIGN}14.0 dB" in sentence
    assert "-" not in sentence


def test_no_more_than_three_sentences_are_said_the_clearest_first() -> None:
    sentences = explain(CORPUS.mean + CORPUS.sd * np.array([0, 1, 2, 3, 4, 5]), CORPUS)
    assert [sentence.split(" than ")[0] for sentence in sentences] == [
        "The tone is clearer",
        "The sound is brighter",
        "The loudness varies more",
    ]


def test_a_reference_tells_the_spread_within_speakers_from_that_of_all() -> None:
    two_voices = np.array([[0.0] * 6, [2.0] * 6, [10.0] * 6, [12.0] * 6])
    reference = Reference.of(two_voices, np.array(["a", "a", "b", "b"]))
    np.testing.assert_allclose(reference.mean, 6)
    np.testing.assert_allclose(reference.sd, np.sqrt(26))
    np.testing.assert_allclose(reference.sd_within, 1)
    again = Reference.from_dict(reference.as_dict())
    np.testing.assert_allclose(again.sd_within, reference.sd_within)


def test_a_manifest_without_the_spread_within_speakers_is_read() -> None:
    older = {key: values for key, values in CORPUS.as_dict().items() if key != "sd_within"}
    np.testing.assert_allclose(Reference.from_dict(older).sd_within, CORPUS.sd, rtol=1e-6)
