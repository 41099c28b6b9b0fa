"""A small Dataset without sound: clips of an emotion and a gender lie close together."""

from __future__ import annotations

import numpy as np

from ml.extraction import Dataset

EMOTIONS = ("angry", "happy", "sad")


def clusters(rng: np.random.Generator, *, clips: int = 120, features: int = 6, copies: tuple[str, ...] = ()) -> Dataset:
    """Eight speakers, half of them women, in turn with three emotions."""
    emotions = np.array([EMOTIONS[clip % len(EMOTIONS)] for clip in range(clips)])
    numbers = np.arange(clips) // len(EMOTIONS) % 8
    genders = np.where(numbers % 2, "male", "female")
    centres = {(e, g): rng.normal(scale=3, size=features) for e in EMOTIONS for g in ("female", "male")}
    means = np.array([centres[e, g] for e, g in zip(emotions, genders, strict=True)])

    def drawn() -> np.ndarray:
        return (means + rng.normal(size=means.shape)).astype(np.float32)

    return Dataset(
        drawn(),
        {name: drawn() for name in copies},
        emotions,
        np.array([f"own-{number}" for number in numbers]),
        genders,
        np.array([f"{clip:04}" for clip in range(clips)]),
        np.repeat("own", clips),
        (),
    )
