"""Recipes: everything needed to train a model, by name.

Those from the field train as they were published (no scaler, no trim, the files' own rate unless said), so that our
figures stand beside theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ml.audio import Conditioning, Levelling
from ml.emotions import EMOTIONS
from ml.features.families import FAMILIES
from ml.features.functionals import FUNCTIONAL_NAMES
from ml.features.sets import FeatureSet, feature_set
from ml.features.spectrum import Frames
from ml.protocols import PublishedSplit
from ml.specs import BankVote, ExpressiveVote, Mlp, Spec
from ml.trimming import BandTrim, LevelTrim


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
    labels : tuple of str
        Emotions that take part, in the order of the model's scores.
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
    """

    name: str
    summary: str
    model: Spec
    labels: tuple[str, ...] = EMOTIONS
    features: str = "classic-180"
    frames: Frames = field(default_factory=Frames)
    conditioning: Conditioning = field(default_factory=Conditioning)
    right_when_certain: float = 0.6
    copies: tuple[str, ...] = ()
    split: PublishedSplit | None = None
    published: Published | None = None

    @property
    def feature_set(self) -> FeatureSet:
        """The features it is trained on."""
        return feature_set(self.features, frames=self.frames)


CLASSIC = Recipe(
    name="classic",
    summary="Ours: the field's 180 numbers from trimmed, evenly loud speech; votes of small networks, calibrated.",
    model=BankVote(
        member=Mlp(hidden=(100,), alpha=0.3, batch_size=128, epochs=15, patience=None),
        members=4,
        personal_epochs=12,
        log_from=len(FAMILIES["mfcc"].names) + len(FAMILIES["chroma"].names),
    ),
    conditioning=Conditioning(rate_hz=16_000, trim=LevelTrim(), levelling=Levelling()),
    copies=(
        *("speed-0.83", "speed-0.9", "speed-1.1", "speed-1.2", "white-noise", "pink-noise"),
        *("telephone", "telephone-rate", "telephone+speed-0.9", "telephone+speed-1.1"),
    ),
)

EXPRESSIVE = Recipe(
    name="expressive",
    summary="Ours: statistics of contours and random convolutions over them; discriminants and networks, calibrated.",
    model=ExpressiveVote(
        components=600,
        heavy=len(FUNCTIONAL_NAMES),
        heavy_weight=1.6,
        shrinkage=0.3,
        network=Mlp(hidden=(96,), alpha=1.0, batch_size=64, epochs=8, patience=None),
        networks=2,
        network_weight=0.5,
    ),
    features="expressive-14254",
    conditioning=Conditioning(rate_hz=16_000, trim=BandTrim()),
    right_when_certain=0.77,
    copies=("degraded-1", "degraded-2", "degraded-3", "room-or-line"),
)

FEELINGFINE = Recipe(
    name="feelingfine-8",
    summary="FeelingFine: eight emotions, one hidden layer of 300, at 16 kHz.",
    model=Mlp(hidden=(300,), alpha=0.005, batch_size=256, epochs=550),
    conditioning=Conditioning(rate_hz=16_000),
    split=PublishedSplit(test_size=0.15, seed=9),
    published=Published(accuracy=0.61, source="sp1d5r/FeelingFine"),
)

REACTION = Recipe(
    name="reaction-4",
    summary="A notebook on reactions to pictures: four emotions, batches of 32.",
    model=Mlp(hidden=(300,), alpha=0.01, batch_size=32, epochs=500, learning_rate="adaptive"),
    labels=("happy", "sad", "angry", "disgust"),
    split=PublishedSplit(test_size=0.25, seed=7),
    published=Published(accuracy=0.6823, source="a notebook on emotional reactions to pictures"),
)

AER = Recipe(
    name="aer-4",
    summary="AER, a hosted demo: four emotions, one hidden layer of 300.",
    model=Mlp(hidden=(300,), alpha=0.01, batch_size=256, epochs=500, learning_rate="adaptive"),
    labels=("calm", "happy", "fearful", "disgust"),
    split=PublishedSplit(test_size=0.25, seed=9),
    published=Published(accuracy=0.7031, source="Audio Emotion Recognition Using Neural Network [AER]"),
)

AER_DEEP = Recipe(
    name="aer-4-deep",
    summary="AER's second model: the same four emotions, four hidden layers.",
    model=Mlp(hidden=(200, 200, 100, 50), alpha=0.001, batch_size=128, epochs=500, learning_rate="adaptive"),
    labels=AER.labels,
    split=AER.split,
    published=Published(accuracy=0.7396, source="Audio Emotion Recognition Using Neural Network [AER]"),
)

RECIPES = {recipe.name: recipe for recipe in (CLASSIC, EXPRESSIVE, FEELINGFINE, REACTION, AER, AER_DEEP)}


def find_recipe(name: str) -> Recipe:
    """Find a recipe by name.

    Raises
    ------
    ValueError
        With the names that exist.
    """
    if name not in RECIPES:
        raise ValueError(f"There is no recipe {name!r}; there is {', '.join(RECIPES)}.")
    return RECIPES[name]
