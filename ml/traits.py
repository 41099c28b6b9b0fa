"""How a voice sounds, in a few numbers that a person understands: what the explanations are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.signal

from ml.audio import Clip, resample
from ml.features.contours import CONTOUR_NAMES, RATE_HZ, contours_of
from ml.features.sets import Vector

TRAITS = ("pitch", "pitch_range", "tempo", "liveliness", "brightness", "clearness")

SYLLABLE_PROMINENCE_DB = 4.0
SYLLABLE_DISTANCE_FRAMES = 8


@dataclass(frozen=True)
class TraitSet:
    """The traits as a feature set, so that a corpus's are extracted and cached like any other.

    - pitch: median of the voiced frames, in semitones against 100 Hz.
    - pitch_range: from the 10th to the 90th percentile of the voiced frames, in semitones.
    - tempo: peaks of the level, about one a syllable, a second.
    - liveliness: standard deviation of the level, in dB.
    - brightness: mean slope of the voiced frames' spectrum from 100 to 4,000 Hz, in dB an octave.
    - clearness: mean harmonics-to-noise ratio of the voiced frames, in dB: low is breathy or rough.
    """

    name: str = "traits-6"
    version: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each number, in order."""
        return TRAITS

    def extract(self, clip: Clip) -> Vector:
        """The traits of a trimmed clip, float32 [shape=(6,)]."""
        columns = dict(zip(CONTOUR_NAMES, contours_of(resample(clip, RATE_HZ)).T, strict=True))
        voiced = columns["voiced"] > 0
        voiced = voiced if voiced.any() else np.ones_like(voiced)
        low, pitch, high = np.percentile(columns["f0"][voiced], (10, 50, 90))
        smooth = np.convolve(columns["energy"], np.hanning(9) / np.hanning(9).sum(), "same")
        peaks, _ = scipy.signal.find_peaks(smooth, prominence=SYLLABLE_PROMINENCE_DB, distance=SYLLABLE_DISTANCE_FRAMES)
        return np.array(
            [
                pitch,
                high - low,
                len(peaks) / clip.duration_s,
                columns["energy"].std(),
                columns["tilt"][voiced].mean(),
                columns["hnr"][voiced].mean(),
            ],
            dtype=np.float32,
        )


def mean_traits(pieces: Sequence[Clip]) -> Vector:
    """Traits of trimmed pieces of a recording, averaged, float32 [shape=(6,)]."""
    return np.mean([TraitSet().extract(piece) for piece in pieces], axis=0, dtype=np.float32)
