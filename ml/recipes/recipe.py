"""What a recipe is: everything needed to train a model, by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from ml.audio import Conditioning
from ml.emotions import EMOTIONS
from ml.features.sets import FeatureSet, feature_set
from ml.features.spectrum import Frames
from ml.protocols import PublishedSplit
from ml.specs import Spec


@dataclass(frozen=True, kw_only=True)
class Published:
    """A figure that a recipe's authors published.

    Attributes
    ----------
    accuracy : float
        On their own random split, where speakers are on both sides.
    source : str
    """

    accuracy: float
    source: str


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything needed to train a model.

    Attributes
    ----------
    name, summary : str
    model : Spec
        What is fitted.
    corpora : tuple of str
        Those that its figures are measured on: keys of `ml.corpora.readers.READERS`.
    labels : tuple of str
        Emotions that take part, or genders with emotions (`female happy`), in the order of the model's scores.
    features : str
        A name that `ml.features.sets.feature_set` knows.
    frames : Frames
    conditioning : Conditioning
    right_when_certain : float
        Share of the answers that must be right where the model says that it is certain.
    copies : tuple of str
        Training copies of each clip: names of augmentations (`ml.augmentation`).
    split : PublishedSplit or None
        The authors' own; None means stratified 5-fold under the `random` protocol.
    published : Published or None
    rival : str or None
        The recipe from the field whose corpora, labels and split this one takes over, to be measured against its
        published figure.
    based_on : str or None
        The recipe that a file changed into this one.
    tuned_on : tuple of str
        Speakers whose clips chose the hyperparameters: figures measured on them flatter.
    """

    name: str
    summary: str
    model: Spec
    corpora: tuple[str, ...] = ("ravdess",)
    labels: tuple[str, ...] = EMOTIONS
    features: str = "classic-180"
    frames: Frames = field(default_factory=Frames)
    conditioning: Conditioning = field(default_factory=Conditioning)
    right_when_certain: float = 0.6
    copies: tuple[str, ...] = ()
    split: PublishedSplit | None = None
    published: Published | None = None
    rival: str | None = None
    based_on: str | None = None
    tuned_on: tuple[str, ...] = ()

    @property
    def feature_set(self) -> FeatureSet:
        """The features it is trained on."""
        return feature_set(self.features, frames=self.frames)


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """A recipe from the field that cannot be trained here yet: a row of the comparison with a published figure alone.

    Attributes
    ----------
    name, summary : str
    corpora : tuple of str
    published : Published
    """

    name: str
    summary: str
    corpora: tuple[str, ...]
    published: Published
