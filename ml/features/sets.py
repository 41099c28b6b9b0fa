"""Feature sets: named, versioned, ordered lists of families."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ml.audio import Clip
from ml.features.contours import HOP, contours_of
from ml.features.correlations import CORRELATION_NAMES, correlations
from ml.features.families import FAMILIES
from ml.features.functionals import FUNCTIONAL_NAMES, functionals
from ml.features.modulations import MODULATION_NAMES, modulations
from ml.features.narrowband import narrowband
from ml.features.rocket import COARSE, MOTION, QUALITY, rocket, rocket_names
from ml.features.spectrum import Frames, Matrix, batches
from ml.features.texture import TEXTURE_NAMES, texture
from ml.windows import Bounds

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


class WindowedSet(FeatureSet, Protocol):
    """A feature set that hears many windows over a clip at the cost of little more than the clip."""

    def extract_windows(self, clip: Clip, windows: Sequence[Bounds]) -> Vector:
        """The numbers of each of several windows over a conditioned clip, float32 [shape=(windows, len(names))].

        The clip's frames are computed once, however much the windows overlap; one over the whole clip gives what
        `extract` gives.
        """


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
        return self._summarised(self._per_frame(clip))

    def extract_windows(self, clip: Clip, windows: Sequence[Bounds]) -> Vector:
        """The numbers of several windows over a clip; see `WindowedSet`."""
        hop, values = self.frames.hop_length, self._per_frame(clip)
        # Frames are centred: one more than fit between a window's bounds.
        spans = [slice(round(start / hop), round(start / hop) + 1 + (end - start) // hop) for start, end in windows]
        return np.stack([self._summarised([family[span] for family in values]) for span in spans])

    def _per_frame(self, clip: Clip) -> list[Matrix]:
        """Each family's values [shape=(frames, k)]."""
        families = [FAMILIES[name] for name in self.families]
        values = [[family.per_frame(batch) for family in families] for batch in batches(clip, self.frames)]
        return [np.concatenate(parts) for parts in zip(*values, strict=True)]

    def _summarised(self, values: list[Matrix]) -> Vector:
        families = (FAMILIES[name] for name in self.families)
        summaries = [family.summarise(part) for family, part in zip(families, values, strict=True)]
        return np.concatenate(summaries).astype(np.float32)


@dataclass(frozen=True)
class Summary:
    """One way to sum up a clip's contours (`ml.features.contours`).

    Attributes
    ----------
    names : tuple of str
        A name for each number.
    of : callable
        Contours [shape=(frames, 66)] to the numbers [shape=(len(names),)].
    """

    names: tuple[str, ...]
    of: Callable[[Matrix], Matrix]


SUMMARIES = {
    "functionals": Summary(FUNCTIONAL_NAMES, functionals),
    "coarse kernels": Summary(rocket_names(COARSE), lambda contour: rocket(contour, COARSE)),
    "fine kernels": Summary(rocket_names(QUALITY, MOTION), lambda contour: rocket(contour, QUALITY, MOTION)),
    "correlations": Summary(CORRELATION_NAMES, correlations),
    "texture": Summary(TEXTURE_NAMES, texture),
    "modulations": Summary(MODULATION_NAMES, modulations),
}


@dataclass(frozen=True)
class ContourSet:
    """A feature set that is a list of summaries of a clip's contours.

    None of the numbers depends on the recording's level; clips must be at 16 kHz.

    Attributes
    ----------
    name : str
    summaries : tuple of str
        Keys of `SUMMARIES`, in order.
    narrowband : bool
        Whether the same summaries of the clip's narrowband contours (`ml.features.narrowband`) follow.
    version : int
    """

    name: str
    summaries: tuple[str, ...]
    narrowband: bool = False
    version: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each number, in order."""
        return _contour_names(self.summaries, self.narrowband)

    def extract(self, clip: Clip) -> Vector:
        """The numbers of a conditioned clip; see `FeatureSet`."""
        return self._summarised(self._bands(clip))

    def extract_windows(self, clip: Clip, windows: Sequence[Bounds]) -> Vector:
        """The numbers of several windows over a clip; see `WindowedSet`."""
        bands = self._bands(clip)
        spans = [slice(start // HOP, max(end // HOP, 8)) for start, end in windows]
        return np.stack([self._summarised([contour[span] for contour in bands]) for span in spans])

    def _bands(self, clip: Clip) -> list[Matrix]:
        contour = contours_of(clip)
        return [contour, narrowband(contour)] if self.narrowband else [contour]

    def _summarised(self, bands: list[Matrix]) -> Vector:
        return np.concatenate([SUMMARIES[summary].of(contour) for contour in bands for summary in self.summaries])


NARROWBAND = "narrowband."
"""How the names of narrowband features begin."""


@cache  # training asks for them once a vector
def _contour_names(summaries: tuple[str, ...], narrowband: bool) -> tuple[str, ...]:
    names = tuple(name for summary in summaries for name in SUMMARIES[summary].names)
    return (*names, *(f"{NARROWBAND}{name}" for name in names)) if narrowband else names


CONTOUR_SETS = {
    contour_set.name: contour_set
    for contour_set in (
        ContourSet("expressive-14254", ("functionals", "coarse kernels", "fine kernels")),
        ContourSet(
            "expressive-31988",
            ("functionals", "coarse kernels", "correlations", "texture", "modulations"),
            narrowband=True,
        ),
    )
}
NAMED_SETS = {
    "classic-180": ("mfcc", "chroma", "mel"),
    "capstone-184": ("rms", "centroid", "rolloff", "zcr", "chroma", "mfcc", "mel"),
}


def feature_set(name: str, *, frames: Frames | None = None) -> WindowedSet:
    """Find a feature set by name.

    Parameters
    ----------
    name : str
        A name of `CONTOUR_SETS` or `NAMED_SETS`, or families joined by `+`: `mfcc+contrast+rolloff`.
    frames : Frames, optional

    Raises
    ------
    ValueError
        Where a family does not exist; the message lists those that do.
    """
    if name in CONTOUR_SETS:
        return CONTOUR_SETS[name]
    families = NAMED_SETS.get(name) or tuple(name.split("+"))
    unknown = [family for family in families if family not in FAMILIES]
    if unknown:
        known = ", ".join([*CONTOUR_SETS, *NAMED_SETS])
        raise ValueError(f"Unknown feature set {name!r}: use {known}, or families by '+': {', '.join(FAMILIES)}.")
    return FamilySet(name, families, frames or Frames())


def describe_feature_set(features: FeatureSet) -> dict[str, Any]:
    """What a manifest says of a feature set, enough to build it again."""
    described: dict[str, Any] = {"name": features.name, "version": features.version, "names": list(features.names)}
    if isinstance(features, FamilySet):
        described["frames"] = asdict(features.frames)
    return described


def feature_set_from(described: dict[str, Any]) -> WindowedSet:
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
