"""A speaker's normal voice, as a model remembers it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]
Strings = npt.NDArray[np.str_]

MOST_CLIPS = 5
# What ordinary speech sounds like in a corpus of acted emotions, and how often.
ORDINARY = {"neutral": 1.0, "calm": 0.3}


@dataclass(frozen=True, eq=False)
class Baseline:
    """The mean of one to five clips of ordinary speech, in a model's own space.

    Attributes
    ----------
    mean : np.ndarray [shape=(d,)]
    clips : int
    """

    mean: Floats
    clips: int

    def as_dict(self) -> dict[str, Any]:
        """Small plain data: half precision is finer than two recordings of one voice agree."""
        return {"mean": b64encode(self.mean.astype("<f2").tobytes()).decode(), "clips": self.clips}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Baseline:
        """The inverse of `as_dict`."""
        return cls(np.frombuffer(b64decode(data["mean"]), "<f2").astype(np.float32), int(data["clips"]))


@dataclass(frozen=True, eq=False)
class Voice:
    """What is remembered of a speaker's normal voice, for one model.

    Attributes
    ----------
    baseline : Baseline
    traits : np.ndarray [shape=(6,)]
        Mean traits (`ml.traits`), for the explanations.
    clips : int
        Recordings that it was made of.
    speech_s : float
        Seconds of speech in them.
    """

    baseline: Baseline
    traits: Floats
    clips: int
    speech_s: float

    def as_dict(self) -> dict[str, Any]:
        """Small plain data."""
        return {
            **self.baseline.as_dict(),
            "traits": [round(float(trait), 3) for trait in self.traits],
            "recordings": self.clips,
            "speech_s": round(self.speech_s, 2),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Voice:
        """The inverse of `as_dict`."""
        traits = np.array(data["traits"], np.float32)
        return cls(Baseline.from_dict(data), traits, int(data["recordings"]), float(data["speech_s"]))


def draw_baselines(
    vectors: Floats, emotions: Strings, speakers: Strings, rng: np.random.Generator, *, ordinary: dict[str, float]
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """For every clip a baseline of one to five other clips of its speaker, drawn by chance: training mirrors serving.

    Parameters
    ----------
    vectors : np.ndarray [shape=(n, d)]
    emotions, speakers : np.ndarray [shape=(n,)]
    rng : np.random.Generator
    ordinary : dict of str to float
        Emotions that pass for ordinary speech, and how often each is drawn against the others. A speaker without any
        is represented by all other clips, and one of a single clip by everybody's.

    Returns
    -------
    means : np.ndarray [shape=(n, d)]
    clips : np.ndarray [shape=(n,)]
        How many clips each holds.
    """
    weights = np.array([ordinary.get(emotion, 0.0) for emotion in emotions])
    means, clips = np.zeros_like(vectors), np.zeros(len(vectors), np.int64)
    for speaker in np.unique(speakers):
        own = np.flatnonzero(speakers == speaker)
        for row in own:
            others = next(filter(len, (own[own != row], np.flatnonzero(speakers != speaker), own)))
            share = weights[others] if weights[others].any() else np.ones(len(others))
            clips[row] = min(int(rng.integers(1, MOST_CLIPS + 1)), int((share > 0).sum()))
            means[row] = vectors[rng.choice(others, clips[row], replace=False, p=share / share.sum())].mean(axis=0)
    return means, clips
