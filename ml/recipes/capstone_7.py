"""Recipes from the field on RAVDESS, TESS and SAVEE together: seven emotions, without calm, for a call centre.

The hyperparameters were tuned with Optuna and not published; these are the libraries' defaults, with steps enough to
settle. The part that is tested was not published either; it is a fifth.
"""

from __future__ import annotations

from ml.audio import Conditioning
from ml.emotions import EMOTIONS
from ml.library import Library, SoftVotes
from ml.protocols import PublishedSplit
from ml.recipes.recipe import Published, Recipe
from ml.specs import Spec

SOURCE = "Capstone: Speech Emotion Recognition, a proof of concept for a call centre"

FOREST = Library(kind="forest")
LOGISTIC = Library(kind="logistic", settings={"max_iter": 1000})
MLP = Library(kind="mlp", settings={"hidden_layer_sizes": (300,), "alpha": 0.01, "batch_size": 256, "max_iter": 500})


def _recipe(name: str, summary: str, model: Spec, *, published: Published | None = None) -> Recipe:
    return Recipe(
        name=f"capstone-7-{name}",
        summary=summary,
        model=model,
        corpora=("ravdess", "tess", "savee"),
        labels=tuple(emotion for emotion in EMOTIONS if emotion != "calm"),
        features="capstone-184",
        conditioning=Conditioning(rate_hz=22_050),
        copies=("trimmed", "white-noise", "raised-pitch"),
        split=PublishedSplit(test_size=0.2, seed=0),
        published=published,
    )


CAPSTONE_7 = (
    _recipe("forest", "A random forest.", FOREST),
    _recipe("logistic", "Logistic regression.", LOGISTIC),
    _recipe("mlp", "One hidden layer of 300.", MLP, published=Published(accuracy=0.88, source=SOURCE)),
    _recipe(
        "vote",
        "Votes of the forest and the network.",
        SoftVotes(members=(FOREST, MLP)),
        published=Published(accuracy=0.89, source=SOURCE),
    ),
)
