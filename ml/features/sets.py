"""Feature sets: named, versioned, ordered lists of families."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ml.audio import Clip
from ml.features.contours import contours_of
from ml.features.families import FAMILIES
from ml.features.functionals import FUNCTIONAL_NAMES, functionals
from ml.features.rocket import ROCKET_NAMES, rocket
from ml.features.spectrum import Frames, batches

Vector = npt.NDArray[np.float32]


class FeatureSet(Protocol):
    """What a model needs to know of its features."""

    @property
    def name(self) -> str:
        """Its name, `classic-180`."""

    @property
    def version(self) -> int:
        """Raised whenever the same clip gives other numbers."""

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each number, in order."""

    def extract(self, clip: Clip) -> Vector:
        """The numbers of a conditioned clip, float32 [shape=(len(names),)]."""


@dataclass(frozen=True)
class FamilySet:
    """A feature set that is a list of families, each averaged over the clip's frames.

    Attributes
    ----------
    name : str
    families : tuple of str
        Keys of `ml.features.families.FAMILIES`, in order.
    frames : Frames
    version : int
    """

    name: str
    families: tuple[str, ...]
    frames: Frames = field(default_factory=Frames)
    version: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each number, in order."""
        return tuple(name for family in self.families for name in FAMILIES[family].names)

    def extract(self, clip: Clip) -> Vector:
        """The numbers of a conditioned clip.

        Parameters
        ----------
        clip : Clip

        Returns
        -------
        np.ndarray [shape=(len(names),)]
            float32, finite.
        """
        families = [FAMILIES[name] for name in self.families]
        values = [[family.per_frame(batch) for family in families] for batch in batches(clip, self.frames)]
        return np.concatenate(
            [
                family.summarise(np.concatenate(parts))
                for family, parts in zip(families, zip(*values, strict=True), strict=True)
            ]
        ).astype(np.float32)


@dataclass(frozen=True)
class ExpressiveSet:
    """Functionals of frame contours, then pooled responses of random kernels to them.

    None of the numbers depends on the recording's level; clips must be at 16 kHz.
    """

    name: str = "expressive-14254"
    version: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each number, in order."""
        return FUNCTIONAL_NAMES + ROCKET_NAMES

    def extract(self, clip: Clip) -> Vector:
        """The numbers of a conditioned clip; see `FeatureSet`."""
        contour = contours_of(clip)
        return np.concatenate([functionals(contour), rocket(contour)])


NAMED_SETS = {
    "classic-180": ("mfcc", "chroma", "mel"),
    "capstone-184": ("rms", "centroid", "rolloff", "zcr", "chroma", "mfcc", "mel"),
}


def feature_set(name: str, *, frames: Frames | None = None) -> FeatureSet:
    """Find a feature set by name.

    Parameters
    ----------
    name : str
        `expressive-14254`, a name of `NAMED_SETS`, or families joined by `+`: `mfcc+contrast+rolloff`.
    frames : Frames, optional

    Raises
    ------
    ValueError
        Where a family does not exist; the message lists those that do.
    """
    if name == ExpressiveSet.name:
        return ExpressiveSet()
    families = NAMED_SETS.get(name) or tuple(name.split("+"))
    unknown = [family for family in families if family not in FAMILIES]
    if unknown:
        known = ", ".join([ExpressiveSet.name, *NAMED_SETS])
        raise ValueError(f"Unknown feature set {name!r}: use {known}, or families by '+': {', '.join(FAMILIES)}.")
    return FamilySet(name, families, frames or Frames())


def describe_feature_set(features: FeatureSet) -> dict[str, Any]:
    """What a manifest says of a feature set, enough to build it again."""
    described: dict[str, Any] = {"name": features.name, "version": features.version, "names": list(features.names)}
    if isinstance(features, FamilySet):
        described["frames"] = asdict(features.frames)
    return described


def feature_set_from(described: dict[str, Any]) -> FeatureSet:
    """The feature set that a manifest describes; the inverse of `describe_feature_set`.

    Raises
    ------
    ValueError
        Where this version of the software computes other numbers under that name.
    """
    features = feature_set(described["name"], frames=Frames(**described["frames"]) if "frames" in described else None)
    if features.version != described["version"] or list(features.names) != described["names"]:
        raise ValueError(f"The features {features.name} are computed differently by this version of Undertone.")
    return features
