"""What the features of a set tell of, in words that need no textbook: whole groups matter to a model, not columns."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from ml.features.sets import NARROWBAND, FeatureSet

# How the names of a group's features begin; the first group that fits has them.
GROUPS = {
    "pitch": ("f0", "rhythm.f0"),
    "loudness": ("energy", "rms"),
    "rhythm": ("rhythm", "voiced"),
    "voice quality": ("hnr", "cpp", "h1_"),
    "brightness": (
        *("centroid", "bandwidth", "band", "rolloff", "flatness", "alpha_ratio", "hammarberg", "tilt"),
        *("flux", "zcr", "zero_crossing_rate"),
    ),
    "timbre": ("mfcc", "contrast"),
    "frequency bands": ("mel",),
    "notes": ("chroma",),
    "what moves together": ("correlation",),
    "which sounds occur": ("texture",),
    "rhythm of the spectrum": ("modulation",),
    "movement of the sound": ("rocket.coarse",),
    "movement of the voice quality": ("rocket.quality",),
    "speed of change": ("rocket.motion",),
}
BAND_SLOPE_OR_VOICED_ONLY = re.compile(rf"^({re.escape(NARROWBAND)})?(d_|voiced\.(?=\w+\.))?")


def feature_groups(features: FeatureSet) -> dict[str, npt.NDArray[np.int64]]:
    """The columns of a feature set by what they tell of.

    Returns
    -------
    dict of str to np.ndarray [shape=(k,)]
        Groups that the set has, in the order of `GROUPS`; every column is in one.
    """
    groups = np.array([group_of(name) for name in features.names])
    return {group: np.flatnonzero(groups == group) for group in GROUPS if (groups == group).any()}


def group_of(name: str) -> str:
    """The group of one feature, by its name."""
    plain = BAND_SLOPE_OR_VOICED_ONLY.sub("", name)
    return next(group for group, beginnings in GROUPS.items() if plain.startswith(beginnings))
