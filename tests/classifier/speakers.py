"""Voices as a microphone gives them: synthesised, with the room's faint noise over the whole band."""

from __future__ import annotations

import numpy as np

from tests.recordings import soundfile_bytes, voice

RATE_HZ = 48_000
ROOM_NOISE = 0.003  # without anything in the upper band, a voice is taken for one over a telephone


def spoken(style: str = "neutral", *, speech_s: float = 1.5, seed: int = 1) -> bytes:
    """A WAV file of one sentence."""
    clip = voice(style, rate_hz=RATE_HZ, speech_s=speech_s, seed=seed)
    noise = ROOM_NOISE * np.random.default_rng(seed).standard_normal(len(clip.samples))
    return soundfile_bytes(clip.samples + noise, RATE_HZ)
