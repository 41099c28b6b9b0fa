"""A speaker's normal voice, as a model remembers it."""

from __future__ import annotations

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
        is represented by all other clips.

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
            others = own[own != row]
            share = weights[others] if weights[others].any() else np.ones(len(others))
            clips[row] = min(int(rng.integers(1, MOST_CLIPS + 1)), int((share > 0).sum()))
            means[row] = vectors[rng.choice(others, clips[row], replace=False, p=share / share.sum())].mean(axis=0)
    return means, clips
