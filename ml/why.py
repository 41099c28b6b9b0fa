"""Why: sentences that are true of the clip, in plain words, from its traits against a reference.

The reference is the speaker's own normal voice where it is known, else the training corpus. A trait is mentioned only
where it stands out, so no sentence says more than its number does; the words are about the sound, for a recording can
change it as a voice does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.features.sets import Vector
from ml.traits import TRAITS

MOST_SENTENCES = 3
STANDS_OUT = 0.8  # standard deviations
LEAST_CLEARNESS_DB = 3.0  # under it, noise hides the voice: its pitch and syllables are guesses
MINUS = "\u2212"


@dataclass(frozen=True)
class Wording:
    """What a trait is called, how it is put into words above or below the reference, and with which figures."""

    name: str
    high: str
    low: str
    figures: str
    decimals: int = 1


WORDINGS = {
    "pitch": Wording("pitch", "The pitch is higher", "The pitch is lower", ": {} Hz, against {}", 0),
    "pitch_range": Wording(
        "pitch range", "The pitch moves more", "The pitch moves less", ": over {} semitones, against {}"
    ),
    "tempo": Wording("pace", "The speech is faster", "The speech is slower", ": {} syllables a second, against {}"),
    "liveliness": Wording(
        "changes of loudness", "The loudness varies more", "The loudness varies less", ": by {} dB, against {}"
    ),
    "brightness": Wording(
        "brightness",
        "The sound is brighter",
        "The sound is duller",
        " (each doubling of frequency changes its level by {} dB, against {})",
    ),
    "clearness": Wording(
        "clearness",
        "The tone is clearer",
        "The tone is less clear",
        " (what is regular in it is {} dB over what is not, against {})",
    ),
}


@dataclass(frozen=True)
class Reference:
    """Traits of the training corpus, from the manifest.

    Attributes
    ----------
    mean, sd : np.ndarray [shape=(6,)]
        Over all clips.
    sd_within : np.ndarray [shape=(6,)]
        Standard deviation of a speaker's clips around the speaker's own mean: what a deviation from one's normal voice
        is held to.
    """

    mean: Vector
    sd: Vector
    sd_within: Vector

    @classmethod
    def of(cls, traits: np.ndarray, speakers: np.ndarray) -> Reference:
        """The reference that a corpus gives [shape=(clips, 6)], with the speaker of each clip [shape=(clips,)]."""
        own = np.stack([traits[speakers == speaker].mean(axis=0) for speaker in speakers])
        return cls(traits.mean(axis=0), traits.std(axis=0), np.sqrt(np.mean(np.square(traits - own), axis=0)))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Reference:
        """The inverse of `as_dict`; a manifest from before speakers were told apart has one deviation for both."""
        within = "sd_within" if "sd_within" in data else "sd"
        return cls(*(np.array([data[key][trait] for trait in TRAITS], np.float32) for key in ("mean", "sd", within)))

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Plain data, by trait."""
        return {
            key: {trait: round(float(value), 4) for trait, value in zip(TRAITS, values, strict=True)}
            for key, values in (("mean", self.mean), ("sd", self.sd), ("sd_within", self.sd_within))
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
    if normal is None:
        reference, sd, against = corpus.mean, corpus.sd, "most acted voices"
    else:
        reference, sd, against = normal, corpus.sd_within, "the speaker's normal voice"
    deviation = (traits - reference) / np.maximum(sd, 1e-6)
    compared = _comparable(traits, normal)
    standing_out = sorted(
        (i for i in compared if abs(deviation[i]) >= STANDS_OUT), key=lambda i: abs(deviation[i]), reverse=True
    )
    sentences = [
        _sentence(TRAITS[i], float(traits[i]), float(reference[i]), against) for i in standing_out[:MOST_SENTENCES]
    ]
    if len(sentences) < 2:
        close = [WORDINGS[TRAITS[i]].name for i in compared if i not in standing_out]
        sentences.append(f"{_listed(close)} are close to those of {against}.")
    return tuple(sentences)


def _comparable(traits: Vector, normal: Vector | None) -> list[int]:
    """Which traits can be compared: who has a high voice need not be excited, and noise hides pitch and pace."""
    left_out = {"pitch"} if normal is None else set()
    voices = [traits] if normal is None else [traits, normal]
    if min(voice[TRAITS.index("clearness")] for voice in voices) < LEAST_CLEARNESS_DB:
        left_out |= {"pitch", "pitch_range", "tempo"}
    return [i for i, trait in enumerate(TRAITS) if trait not in left_out]


def _sentence(trait: str, value: float, reference: float, against: str) -> str:
    wording = WORDINGS[trait]
    lead = wording.high if value > reference else wording.low
    if trait == "pitch":
        value, reference = _hertz(value), _hertz(reference)
    figures = (f"{number:z.{wording.decimals}f}".replace("-", MINUS) for number in (value, reference))
    return f"{lead} than in {against}{wording.figures.format(*figures)}."


def _listed(names: list[str]) -> str:
    text = f"{', '.join(names[:-1])} and {names[-1]}"
    return text[0].upper() + text[1:]


def _hertz(semitones: float) -> float:
    return float(100 * 2 ** (semitones / 12))
