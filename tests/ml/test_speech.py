"""Speech is let in however it arrives; what is none is refused by the shipped models, or they are not sure of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ml import store
from ml.audio import Clip, trim
from ml.augmentation import over_telephone
from ml.errors import AudioError
from ml.recipes import EXPRESSIVE
from ml.recogniser import Recogniser
from ml.speech import is_speech
from ml.synthesis import STYLES, Speaker
from tests.ml.sounds import NO_SPEECH, RATE_HZ, no_speech
from tests.recordings import soundfile_bytes, voice

SEEDS = range(3)
THROATS = {"low": Speaker(pitch_hz=95), "high": Speaker(pitch_hz=230, formant_scale=1.18)}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("throat", THROATS)
@pytest.mark.parametrize("arrive", [lambda clip: clip, over_telephone], ids=["clear", "over a telephone"])
def test_a_voice_is_speech(style: str, throat: str, arrive: Callable[[Clip], Clip]) -> None:
    clip = voice(style, speaker=THROATS[throat], speech_s=1.6)
    assert is_speech(trim(arrive(clip), EXPRESSIVE.conditioning))


@pytest.fixture(scope="module", params=["classic", "expressive"])
def shipped(request: pytest.FixtureRequest) -> Recogniser:
    return Recogniser.load(store.find(request.param, roots=(store.SHIPPED_DIR,)))


def heard(recogniser: Recogniser, kind: str, seed: int) -> str:
    """The code of the refusal, `uncertain`, or the emotion that it is sure of."""
    try:
        answer = recogniser.classify(soundfile_bytes(no_speech(kind, seed=seed), RATE_HZ, subtype="FLOAT"))
    except AudioError as refusal:
        return refusal.code
    return "uncertain" if answer.uncertain else answer.emotion


@pytest.mark.parametrize("kind", NO_SPEECH)
def test_a_sound_gets_no_confident_emotion(shipped: Recogniser, kind: str) -> None:
    assert {heard(shipped, kind, seed) for seed in SEEDS} <= {"no_speech", "unusable_signal", "uncertain"}
