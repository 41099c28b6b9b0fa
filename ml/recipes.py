"""Recipes: everything needed to train a model, by name.

Those from the field train as they were published (no scaler, no trim, the files' own rate unless said), so that our
figures stand beside theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.audio import Conditioning, Levelling, Trim
from ml.emotions import EMOTIONS
from ml.estimators import LogColumns, SoftVote
from ml.features.families import FAMILIES
from ml.features.sets import FeatureSet, feature_set
from ml.features.spectrum import Frames
from ml.protocols import PublishedSplit


@dataclass(frozen=True, kw_only=True)
class Mlp:
    """scikit-learn's MLPClassifier with Adam; its defaults where nothing is said.

    Attributes
    ----------
    hidden : tuple of int
        Units of each hidden layer.
    alpha : float
        L2 penalty.
    batch_size : int
    epochs : int
        At most; training stops by itself when the loss no longer falls.
    learning_rate : str
        `adaptive` is what the notebooks wrote; scikit-learn heeds it only with SGD.
    """

    hidden: tuple[int, ...]
    alpha: float
    batch_size: int
    epochs: int
    learning_rate: str = "constant"

    def build(self, *, seed: int) -> Any:
        """An unfitted estimator."""
        return MLPClassifier(
            hidden_layer_sizes=self.hidden,
            alpha=self.alpha,
            batch_size=self.batch_size,
            max_iter=self.epochs,
            learning_rate=self.learning_rate,
            random_state=seed,
        )


@dataclass(frozen=True, kw_only=True)
class ScaledVote:
    """Several MLPs on standardised features, the mel powers as logarithms, averaged.

    Attributes
    ----------
    member : Mlp
    members : int
    log_from : int
        First column of the mel powers.
    """

    member: Mlp
    members: int
    log_from: int

    def build(self, *, seed: int) -> Any:
        """An unfitted estimator."""
        seeds = range(seed * self.members, (seed + 1) * self.members)
        return make_pipeline(LogColumns(self.log_from), StandardScaler(), SoftVote(self.member.build(seed=seed), seeds))


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
    model : Mlp or ScaledVote
    labels : tuple of str
        Emotions that take part, in the order of the model's scores.
    features : str
        A name that `ml.features.sets.feature_set` knows.
    frames : Frames
    conditioning : Conditioning
    calibrated : bool
        Whether its scores are softened to mean what they say.
    split : PublishedSplit or None
        The authors' own; None means stratified 5-fold under the `random` protocol.
    published : Published or None
    """

    name: str
    summary: str
    model: Mlp | ScaledVote
    labels: tuple[str, ...] = EMOTIONS
    features: str = "classic-180"
    frames: Frames = field(default_factory=Frames)
    conditioning: Conditioning = field(default_factory=Conditioning)
    calibrated: bool = False
    split: PublishedSplit | None = None
    published: Published | None = None

    @property
    def feature_set(self) -> FeatureSet:
        """The features it is trained on."""
        return feature_set(self.features, frames=self.frames)


CLASSIC = Recipe(
    name="classic",
    summary="Ours: the field's 180 numbers from trimmed, levelled speech, five small scaled MLPs averaged, calibrated.",
    model=ScaledVote(
        member=Mlp(hidden=(100,), alpha=2.0, batch_size=128, epochs=30),
        members=5,
        log_from=len(FAMILIES["mfcc"].names) + len(FAMILIES["chroma"].names),
    ),
    conditioning=Conditioning(rate_hz=16_000, trim=Trim(), levelling=Levelling()),
    calibrated=True,
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

RECIPES = {recipe.name: recipe for recipe in (CLASSIC, FEELINGFINE, REACTION, AER, AER_DEEP)}


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
