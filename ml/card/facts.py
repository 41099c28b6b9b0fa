"""A model's manifest, read in the order in which a person asks; nothing is said that it does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PROTOCOLS = {
    "actors": "Strangers: nobody who is tested was heard in training",
    "actors+voice": "Strangers who gave their normal voice first",
    "random": "Familiar voices: a speaker may be on both sides",
}
"""The protocols that a manifest can hold, in words."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A value in [0, 1] with the interval in which it lies with 95 % confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """What was heard for each emotion.

    Attributes
    ----------
    labels : tuple of str
    rows : tuple of (str, tuple of float)
        For each emotion that was acted, the share of its clips that was heard as each of the labels.
    """

    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """Clips of about the same confidence: its mean, and the share that was right."""

    clips: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a model did under one protocol.

    Attributes
    ----------
    protocol : str
    clips : int
    accuracy, uar, ece : Measure
        Share that was right; unweighted average recall; calibration error.
    recall : tuple of (str, float)
        Share of each emotion's clips that was heard as it; the best first.
    by_gender : tuple of (str, float)
        UAR of the clips of women and of men, where the corpora tell.
    confusion : Confusion
    reliability : tuple of Bin
    """

    protocol: str
    clips: int
    accuracy: Measure
    uar: Measure
    ece: Measure
    recall: tuple[tuple[str, float], ...]
    by_gender: tuple[tuple[str, float], ...]
    confusion: Confusion
    reliability: tuple[Bin, ...]

    @property
    def tested_on(self) -> str:
        """The protocol in words."""
        return PROTOCOLS[self.protocol]

    @property
    def worst(self) -> tuple[str, float]:
        """The emotion that is missed most often."""
        return self.recall[-1]


@dataclass(frozen=True, slots=True)
class Certainty:
    """What happens where a model calls itself certain: on how many clips it does, and how often it is then right."""

    threshold: float
    coverage: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Condition:
    """How well a model does on clips that arrive otherwise than they were recorded, and what that costs."""

    name: str
    accuracy: float
    uar: float
    uar_lost: float


@dataclass(frozen=True, slots=True)
class Published:
    """The figure that a recipe's authors published, on their own split."""

    accuracy: float
    source: str


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What there is to know of one model; None or empty where nobody measured it.

    Attributes
    ----------
    name, version, created, summary, licence : str
    is_default : bool
        Whether the site asks it first.
    labels : tuple of str
        What it tells apart.
    features : str
        Name of the feature set.
    feature_count : int
    recipe : dict
        Everything that is needed to train it again.
    libraries : tuple of (str, str)
        Names and versions of what it was trained with.
    corpora : tuple of (str, int)
        Names and numbers of clips.
    figures : tuple of Figures
        One a protocol.
    published : Published or None
    certainty, certainty_with_voice : Certainty or None
    robustness : tuple of Condition
    importance : tuple of (str, float)
        Families of features, and the UAR that is lost on held-out speakers when one is shuffled; the dearest first.
    loss_curves : tuple of tuples of float
        Training loss after each epoch, one curve a network.
    """

    name: str
    version: str
    created: str
    summary: str
    licence: str
    is_default: bool
    labels: tuple[str, ...]
    features: str
    feature_count: int
    recipe: Mapping[str, Any]
    libraries: tuple[tuple[str, str], ...]
    corpora: tuple[tuple[str, int], ...]
    figures: tuple[Figures, ...]
    published: Published | None
    certainty: Certainty | None
    certainty_with_voice: Certainty | None
    robustness: tuple[Condition, ...]
    importance: tuple[tuple[str, float], ...]
    loss_curves: tuple[tuple[float, ...], ...]

    @property
    def chance(self) -> float:
        """How often pure guessing among its emotions would be right."""
        return 1 / len(self.labels)

    @property
    def strangers(self) -> Figures | None:
        """On voices never heard in training: the figures that count for a user."""
        return self._under("actors")

    @property
    def with_voice(self) -> Figures | None:
        """On strangers whose normal voice is known."""
        return self._under("actors+voice")

    @property
    def familiar(self) -> Figures | None:
        """Where a speaker may be on both sides: what is usually published."""
        return self._under("random")

    @property
    def is_acted(self) -> bool:
        """Whether all it learned from was acted; of one's own recordings nobody knows."""
        return "own" not in {name for name, _ in self.corpora}

    @property
    def on_ravdess_alone(self) -> bool:
        """Whether its figures can be laid beside those of others on RAVDESS."""
        return {name for name, _ in self.corpora} == {"ravdess"}

    def _under(self, protocol: str) -> Figures | None:
        return next((figures for figures in self.figures if figures.protocol == protocol), None)


def read_all(summaries: Iterable[Mapping[str, Any]]) -> list[ModelFacts]:
    """Read the summaries of the models that are served."""
    return [read(summary) for summary in summaries]


def read(manifest: Mapping[str, Any]) -> ModelFacts:
    """Read a manifest, or a summary of one (`Manifest.summary`)."""
    recipe, calibration = manifest["recipe"], manifest["calibration"]
    return ModelFacts(
        name=manifest["name"],
        version=manifest["version"],
        created=manifest["created"],
        summary=recipe["summary"],
        licence=manifest["licence"],
        is_default=manifest.get("default", False),
        labels=tuple(manifest["classes"]),
        features=manifest["features"],
        feature_count=manifest["feature_count"],
        recipe=recipe,
        libraries=tuple(manifest["libraries"].items()),
        corpora=tuple((corpus["name"], corpus["clips"]) for corpus in manifest["corpora"]),
        figures=tuple(_figures(manifest["figures"][name]) for name in PROTOCOLS if name in manifest["figures"]),
        published=_published(recipe.get("published")),
        certainty=_certainty(calibration, ""),
        certainty_with_voice=_certainty(calibration, "_with_voice"),
        robustness=tuple(_condition(name, found) for name, found in manifest["robustness"].items()),
        importance=_by_value(manifest["importance"]),
        loss_curves=tuple(tuple(curve) for curve in manifest["loss_curves"]),
    )


def _figures(found: Mapping[str, Any]) -> Figures:
    return Figures(
        protocol=found["protocol"],
        clips=found["clips"],
        accuracy=Measure(**found["accuracy"]),
        uar=Measure(**found["uar"]),
        ece=Measure(**found["ece"]),
        recall=_by_value(found["recall"]),
        by_gender=tuple(found.get("uar_by_gender", {}).items()),
        confusion=_confusion(found["confusion"]),
        reliability=tuple(Bin(**each) for each in found["reliability"]),
    )


def _confusion(found: Mapping[str, Any]) -> Confusion:
    labels = tuple(found["labels"])
    shares = (tuple(count / max(sum(row), 1) for count in row) for row in found["rows"])
    return Confusion(labels, tuple(zip(labels, shares, strict=True)))


def _published(found: Mapping[str, Any] | None) -> Published | None:
    return Published(found["accuracy"], found["source"]) if found else None


def _certainty(calibration: Mapping[str, Any], suffix: str) -> Certainty | None:
    threshold = calibration.get(f"uncertain_below{suffix}")
    for point in calibration.get(f"coverage{suffix}", ()):
        if threshold is not None and abs(point["confidence"] - threshold) < 1e-9:
            return Certainty(threshold, point["coverage"], point["accuracy"])
    return None


def _condition(name: str, found: Mapping[str, float]) -> Condition:
    return Condition(name, found["accuracy"], found["uar"], found["uar_lost"])


def _by_value(shares: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(shares.items(), key=lambda entry: entry[1], reverse=True))
