"""Our recipes on the least that may be trained on: few speakers, lone clips, emotions that one speaker alone speaks."""

from __future__ import annotations

import numpy as np
import pytest

from ml.errors import CorpusError
from ml.evaluation import strangers_of
from ml.extraction import Dataset
from ml.recipes import CLASSIC, EXPRESSIVE, Recipe

Spoken = dict[tuple[str, str], int]  # how many clips by speaker and emotion

TWO_SPEAKERS = {(who, how): 5 for who in ("anna", "ben") for how in ("angry", "happy", "neutral")}
CORPORA: dict[str, Spoken] = {
    "two speakers": TWO_SPEAKERS,
    "one speaker": {(who, how): 5 for who, how in TWO_SPEAKERS if who == "anna"},
    "an emotion of one speaker": {**TWO_SPEAKERS, ("anna", "sad"): 5},
    "a speaker of one clip": {**TWO_SPEAKERS, ("cara", "happy"): 1},
    "an emotion a speaker": {("anna", "angry"): 5, ("ben", "happy"): 5, ("cara", "sad"): 5},
    "two emotions": {(who, how): 5 for who, how in TWO_SPEAKERS if how != "neutral"},
    "only speakers of one clip": {(f"{how} {number}", how): 1 for how in ("angry", "happy") for number in range(5)},
}


def dataset(recipe: Recipe, spoken: Spoken) -> Dataset:
    """Clips that differ by emotion, and copies of them as the recipe learns from; among them two that are the same."""
    rng = np.random.default_rng(0)
    speakers, emotions = np.repeat([*spoken], [*spoken.values()], axis=0).T
    labels = np.unique(emotions)
    size = len(recipe.feature_set.names)
    meaning = rng.random((len(labels), size))
    vectors = np.abs(meaning[np.searchsorted(labels, emotions)] + 0.3 * rng.standard_normal((len(emotions), size)))
    vectors[1] = vectors[0]
    copies = {name: (vectors * rng.uniform(0.9, 1.1, vectors.shape)).astype(np.float32) for name in recipe.copies}
    unknown = np.full(len(emotions), "")
    digests = np.arange(len(emotions)).astype(str)
    return Dataset(vectors.astype(np.float32), copies, emotions, speakers, unknown, digests, unknown, ())


@pytest.mark.parametrize("recipe", [CLASSIC, EXPRESSIVE], ids=lambda recipe: recipe.name)
@pytest.mark.parametrize("spoken", CORPORA.values(), ids=CORPORA.keys())
def test_a_model_can_be_trained_and_hears_with_and_without_a_voice(recipe: Recipe, spoken: Spoken) -> None:
    data = dataset(recipe, spoken)
    model = recipe.model.fit(data, seed=0)
    assert set(model.classes_) == set(data.emotions)
    for baseline in (None, model.baseline(data.vectors[:2])):
        scores = model.predict_proba(data.vectors, baseline=baseline)
        assert scores.shape == (len(data), len(model.classes_))
        np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    heard = model.classes_[model.predict_proba(data.vectors).argmax(axis=1)]
    assert np.mean(heard == data.emotions) > 0.9


def test_what_would_learn_voices_in_place_of_emotions_is_refused() -> None:
    data = dataset(CLASSIC, {("anna", "angry"): 6, ("ben", "happy"): 6})
    with pytest.raises(CorpusError, match="at least two emotions"):
        strangers_of(data)
