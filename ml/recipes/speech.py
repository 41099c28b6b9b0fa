"""Recipes from the field on RAVDESS speech, one network each."""

from __future__ import annotations

from ml.audio import Conditioning
from ml.protocols import PublishedSplit
from ml.recipes.recipe import Published, Recipe
from ml.specs import Mlp

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
