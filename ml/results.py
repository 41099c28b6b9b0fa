"""What the recogniser answers, as plain data: the web process reads it without loading any science."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Channels = Literal["mix", "left", "right", "split"]
"""Which channels are listened to: the mean of all, one side, or both sides, each for itself."""

CHANNELS: tuple[Channels, ...] = get_args(Channels)


@dataclass(frozen=True, slots=True)
class Score:
    """How strongly one emotion was heard, in [0, 1]."""

    label: str
    score: float


def ranked(labels: Iterable[str], scores: Iterable[float]) -> tuple[Score, ...]:
    """Scores with their labels, highest first."""
    pairs = (Score(label, float(score)) for label, score in zip(labels, scores, strict=True))
    return tuple(sorted(pairs, key=lambda score: -score.score))


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a recording in which one emotion was heard, or no speech.

    Attributes
    ----------
    start_s, end_s : float
        From the beginning of the recording.
    speech : bool
    emotion : str or None
        The label with the highest score; None without speech.
    confidence : float or None
        Its calibrated score, in [0, 1]; None without speech.
    scores : tuple of Score
        All labels, highest first; none without speech.
    """

    start_s: float
    end_s: float
    speech: bool
    emotion: str | None
    confidence: float | None
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class ModelId:
    """Which model answered."""

    name: str
    version: str
    features: str

    @property
    def spelled(self) -> str:
        """Name and version as one word for people."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class NormalVoice:
    """A speaker's normal voice, as all models together remember it.

    Attributes
    ----------
    clips : int
        Recordings that it was made of.
    speech_s : float
        Seconds of speech in them.
    data : str
        What the models need to know, as JSON; opaque to everybody else.
    """

    clips: int
    speech_s: float
    data: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer for one recording.

    Attributes
    ----------
    emotion : str
        The label with the highest score.
    confidence : float
        Its calibrated score, in [0, 1].
    uncertain : bool
        Whether the confidence is below the model's own threshold.
    scores : tuple of Score
        All labels, highest first; they sum to 1.
    why : tuple of str
        Sentences that are true of the clip; they describe its sound, not how the model decides.
    voice_used : bool
        Whether a baseline of the speaker's normal voice took part.
    duration_s, speech_s : float
        Length of the clip, and how much of it is speech, in seconds.
    model : ModelId
    channel : str
        What was listened to: `mix`, `left`, `right`, or `split` where each side has its own answer in `channels`.
    timeline : tuple of Segment
        The recording from beginning to end, where that was asked for.
    channels : tuple of Prediction
        Of both sides, where they were asked for apart; this answer is then their mean, each second of speech alike.
    warnings : tuple of str
        Sentences about what should be known before the answer is used.
    """

    emotion: str
    confidence: float
    uncertain: bool
    scores: tuple[Score, ...]
    why: tuple[str, ...]
    voice_used: bool
    duration_s: float
    speech_s: float
    model: ModelId
    channel: str = "mix"
    timeline: tuple[Segment, ...] = ()
    channels: tuple[Prediction, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The shape that the API returns."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Prediction:
        """The inverse of `as_dict`."""
        return cls(
            **{
                **data,
                "scores": _scores(data["scores"]),
                "why": tuple(data["why"]),
                "model": ModelId(**data["model"]),
                "timeline": tuple(Segment(**{**item, "scores": _scores(item["scores"])}) for item in data["timeline"]),
                "channels": tuple(cls.from_dict(channel) for channel in data["channels"]),
                "warnings": tuple(data["warnings"]),
            }
        )


def _scores(data: Iterable[dict[str, Any]]) -> tuple[Score, ...]:
    return tuple(Score(**score) for score in data)
