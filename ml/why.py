"""Why: sentences that are true of the clip, in plain words, from its traits against a reference.

The reference is the speaker's own normal voice where it is known, else the training corpus. A trait is mentioned only
where it stands out, so no sentence says more than its number does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.features.sets import Vector
from ml.traits import TRAITS

MOST_SENTENCES = 3
STANDS_OUT = 0.8  # standard deviations of the corpus


@dataclass(frozen=True)
class Wording:
    """How a trait is put into words where it is above or below the reference, and in which unit."""

    high: str
    low: str
    unit: str
    decimals: int = 1


WORDINGS = {
    "pitch": Wording("The pitch is higher", "The pitch is lower", "Hz", 0),
    "pitch_range": Wording("The pitch moves more", "The pitch moves less", "semitones"),
    "tempo": Wording("The speech is faster", "The speech is slower", "syllables a second"),
    "liveliness": Wording("The loudness varies more", "The loudness varies less", "dB"),
    "brightness": Wording("The sound is brighter, more pressed", "The sound is softer, more muffled", "dB an octave"),
    "clearness": Wording("The voice is clearer", "The voice is breathier or rougher", "dB of harmonics over noise"),
}


@dataclass(frozen=True)
class Reference:
    """Traits of the training corpus, from the manifest.

    Attributes
    ----------
    mean, sd : np.ndarray [shape=(6,)]
    """

    mean: Vector
    sd: Vector

    @classmethod
    def of(cls, traits: np.ndarray) -> Reference:
        """The reference that a corpus gives [shape=(clips, 6)]."""
        return cls(traits.mean(axis=0), traits.std(axis=0))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Reference:
        """The inverse of `as_dict`."""
        return cls(*(np.array([data[key][trait] for trait in TRAITS], np.float32) for key in ("mean", "sd")))

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Plain data, by trait."""
        return {
            key: {trait: round(float(value), 4) for trait, value in zip(TRAITS, values, strict=True)}
            for key, values in (("mean", self.mean), ("sd", self.sd))
        }


def explain(traits: Vector, corpus: Reference, *, normal: Vector | None = None) -> tuple[str, ...]:
    """Put what stands out about a clip into sentences.

    Parameters
    ----------
    traits : np.ndarray [shape=(6,)]
    corpus : Reference
    normal : np.ndarray [shape=(6,)], optional
        Traits of the speaker's normal voice.

    Returns
    -------
    tuple of str
        One to three sentences.
    """
    reference, against = (corpus.mean, "most acted voices") if normal is None else (normal, "your normal voice")
    deviation = (traits - reference) / np.maximum(corpus.sd, 1e-6)
    if normal is None:
        deviation[TRAITS.index("pitch")] = 0.0  # who has a high voice need not be excited
    order = np.argsort(-np.abs(deviation))[:MOST_SENTENCES]
    sentences = [
        _sentence(TRAITS[i], float(traits[i]), float(reference[i]), against)
        for i in order
        if abs(deviation[i]) >= STANDS_OUT
    ]
    return tuple(sentences) or (f"Pitch, pace, loudness and sound are all close to {against}.",)


def _sentence(trait: str, value: float, reference: float, against: str) -> str:
    wording = WORDINGS[trait]
    lead = wording.high if value > reference else wording.low
    if trait == "pitch":
        value, reference = _hertz(value), _hertz(reference)
    measured, compared = (f"{number:.{wording.decimals}f}" for number in (value, reference))
    return f"{lead} than in {against}: {measured} {wording.unit}, against {compared}."


def _hertz(semitones: float) -> float:
    return float(100 * 2 ** (semitones / 12))
