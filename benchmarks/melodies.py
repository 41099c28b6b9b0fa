"""Music that could pass for speech, gliding notes with vibrato, made by arithmetic: what the models say to it.

.venv/bin/python -m benchmarks.melodies
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
import numpy.typing as npt
import scipy.signal

from ml import load_model
from ml.errors import AudioError
from ml.model import Model

Signal = npt.NDArray[np.float64]

RATE_HZ = 16_000
LENGTH_S = 5.0
SCALE_SEMITONES = (0, 2, 3, 5, 7, 8, 10, 12)
HARMONICS = 13
VIBRATO_HZ = 5.5
MODELS = ("expressive", "classic")


def melody(rng: np.random.Generator) -> Signal:
    """Notes of a scale on an instrument of its own: timbre, glides, vibrato, tremolo, attack, decay and room vary."""
    base_hz, beat_s = rng.choice([82, 110, 147, 196, 220, 294]), rng.choice([0.15, 0.25, 0.4])
    glide_s, vibrato = rng.choice([0, 0.04, 0.08, 0.15]), rng.choice([0, 0.15, 0.3, 0.6])
    attack_s, decay_per_s, tremolo = (
        rng.choice([0.005, 0.03, 0.08]),
        rng.choice([0, 2, 5, 10]),
        rng.choice([0, 0.5, 0.9]),
    )
    falloff = rng.choice([0.5, 1, 2])
    sound, before, start = np.zeros(round(LENGTH_S * RATE_HZ)), 0.0, 0
    while start < len(sound):
        time_s = np.arange(round(beat_s * rng.choice([0.5, 1, 1.5]) * RATE_HZ)) / RATE_HZ
        rests, semitones = rng.random() < 0.1, float(rng.choice(SCALE_SEMITONES))
        if not rests:
            pitch = np.interp(time_s, [0, glide_s], [before, semitones]) if glide_s else np.full(len(time_s), semitones)
            pitch = pitch + vibrato * np.sin(2 * np.pi * VIBRATO_HZ * time_s) * np.minimum(1, time_s / 0.15)
            phase = 2 * np.pi * np.cumsum(base_hz * 2 ** (pitch / 12)) / RATE_HZ
            played = np.sum([np.sin(k * phase) / k**falloff for k in range(1, HARMONICS + 1)], axis=0)
            played *= np.minimum(1, time_s / attack_s) * np.minimum(1, (time_s[-1] - time_s) / 0.03)
            played *= np.exp(-decay_per_s * time_s) * (1 - tremolo / 2 + tremolo / 2 * np.sin(2 * np.pi * 5 * time_s))
            sound[start : start + len(played)] += played[: len(sound) - start]
            before = semitones
        start += len(time_s)
    return in_a_hall(sound, rng) if rng.random() < 0.3 else sound


def in_a_hall(sound: Signal, rng: np.random.Generator) -> Signal:
    """The same with half a second of reverberation."""
    time_s = np.arange(round(0.6 * RATE_HZ)) / RATE_HZ
    echo = scipy.signal.fftconvolve(sound, np.exp(-8 * time_s) * rng.standard_normal(len(time_s)))[: len(sound)]
    mixed: Signal = sound / np.abs(sound).max() + 0.5 * echo / np.abs(echo).max()
    return mixed


def said_to(model: Model, sound: Signal) -> str:
    """How a model takes a sound."""
    try:
        heard = model.classify((0.5 * sound / np.abs(sound).max()).astype(np.float32), rate_hz=RATE_HZ)
    except AudioError as error:
        return error.code
    return "uncertain" if heard.uncertain else "certain"


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="how many melodies")
    count = parser.parse_args().count
    melodies = [melody(np.random.default_rng(number)) for number in range(count)]
    for name in MODELS:
        model = load_model(name)
        print(f"{name}, of {count}: {dict(Counter(said_to(model, sound) for sound in melodies))}")


if __name__ == "__main__":
    main()
