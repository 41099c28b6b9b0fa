"""How a voice sounds, in a few numbers that a person understands: what the explanations are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.signal

from ml.audio import Clip, Conditioning, resample
from ml.features.contours import CONTOUR_NAMES, RATE_HZ, contours_of
from ml.features.sets import Vector
from ml.trimming import BandTrim

TRAITS = ("pitch", "pitch_range", "tempo", "liveliness", "brightness", "clearness")
CONDITIONING = Conditioning(rate_hz=RATE_HZ, trim=BandTrim())  # one for all models: a voice is as fast for each
FARTHEST_SEMITONES = 10  # from the median: beyond it lie octaves that were mistaken, not speech

SYLLABLE_BANDS = [f"mel{band}" for band in range(4, 24)]  # 260 to 2,400 Hz, where vowels are loud
SYLLABLE_FLOOR = 1e-4  # of the loud frames' power: nothing softer is a syllable
SYLLABLE_PROMINENCE = 0.1  # of the range between soft and loud frames
SYLLABLE_DISTANCE_FRAMES = 8


@dataclass(frozen=True)
class TraitSet:
    """The traits as a feature set, so that a corpus's are extracted and cached like any other.

    - pitch: median of the voiced frames, in semitones against 100 Hz.
    - pitch_range: from the 10th to the 90th percentile of the voiced frames within 10 semitones of their median, in
      semitones.
    - tempo: voiced peaks of the level of the vowels' band, about one a syllable, a second. Over RAVDESS clips, each of
      seven syllables, it goes with the truth at r = 0.82 (docs/research.md).
    - liveliness: standard deviation of the level, in dB.
    - brightness: mean slope of the voiced frames' spectrum from 100 to 4,000 Hz, in dB an octave.
    - clearness: mean harmonics-to-noise ratio of the voiced frames, in dB: low is breathy or rough.
    """

    name: str = "traits-6"
    version: int = 3

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each number, in order."""
        return TRAITS

    def extract(self, clip: Clip) -> Vector:
        """The traits of a clip that was conditioned by `CONDITIONING`, float32 [shape=(6,)]."""
        columns = dict(zip(CONTOUR_NAMES, contours_of(resample(clip, RATE_HZ)).T, strict=True))
        voiced = columns["voiced"] > 0
        voiced = voiced if voiced.any() else np.ones_like(voiced)
        pitch, low, high = _pitch(columns["f0"][voiced])
        return np.array(
            [
                pitch,
                high - low,
                _syllables(columns) / clip.duration_s,
                columns["energy"].std(),
                columns["tilt"][voiced].mean(),
                columns["hnr"][voiced].mean(),
            ],
            dtype=np.float32,
        )


def _pitch(semitones: Vector) -> tuple[float, float, float]:
    """Median, 10th and 90th percentile of a contour, without the octaves that were mistaken."""
    median = np.median(semitones)
    low, high = np.percentile(semitones[np.abs(semitones - median) <= FARTHEST_SEMITONES], (10, 90))
    return float(median), float(low), float(high)


def _syllables(columns: dict[str, Vector]) -> int:
    """How many vowels are louder than what is around them."""
    power = sum(10 ** (columns[band] / 10) for band in SYLLABLE_BANDS)
    level_db = 10 * np.log10(power + SYLLABLE_FLOOR)
    window = np.hanning(9)[1:-1] / np.hanning(9).sum()
    smooth = np.convolve(np.pad(level_db, len(window) // 2, mode="edge"), window, "valid")
    soft_db, loud_db = np.percentile(level_db, (10, 95))
    lowest = 10 * np.log10(SYLLABLE_FLOOR)
    peaks, _ = scipy.signal.find_peaks(
        np.pad(smooth, 1, constant_values=lowest),  # a clip may begin and end within a vowel
        prominence=max(SYLLABLE_PROMINENCE * (loud_db - soft_db), 1e-9),
        distance=SYLLABLE_DISTANCE_FRAMES,
    )
    return int((columns["voiced"][peaks - 1] > 0).sum())


def mean_traits(pieces: Iterable[Clip]) -> Vector:
    """Traits of trimmed pieces of a recording, averaged, float32 [shape=(6,)]."""
    return np.mean([TraitSet().extract(piece) for piece in pieces], axis=0, dtype=np.float32)
