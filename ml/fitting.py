"""From vectors to a fitted estimator."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from ml.corpora import Corpus
from ml.errors import CorpusError
from ml.estimators import Calibrated
from ml.extraction import Dataset, Extractor, build_dataset
from ml.features.sets import FeatureSet, feature_set
from ml.progress import Progress, unwatched
from ml.recipes import Recipe


def feature_set_of(recipe: Recipe) -> FeatureSet:
    """The feature set that a recipe names."""
    return feature_set(recipe.features, frames=recipe.frames)


def load_dataset(
    corpus: Corpus, recipe: Recipe, *, cache_dir: Path, jobs: int = -1, progress: Progress = unwatched
) -> Dataset:
    """The vectors of those clips that a recipe wants.

    Raises
    ------
    CorpusError
        Where fewer than two emotions are left.
    """
    wanted = [utterance for utterance in corpus.utterances if utterance.emotion in recipe.labels]
    extractor = Extractor(recipe.conditioning, feature_set_of(recipe), cache_dir)
    if not wanted:
        raise CorpusError(f"No clip of {corpus.name} carries an emotion of {recipe.name} ({', '.join(recipe.labels)}).")
    data = build_dataset(wanted, extractor, jobs=jobs, progress=progress)
    heard = sorted(set(data.emotions))
    if len(heard) < 2:
        raise CorpusError(f"A model needs clips of at least two emotions; all {len(data)} usable clips are {heard[0]}.")
    return data


def fit(recipe: Recipe, data: Dataset, *, seed: int = 0) -> Any:
    """Fit a recipe's estimator.

    Parameters
    ----------
    recipe : Recipe
    data : Dataset
    seed : int

    Returns
    -------
    estimator
        With `predict_proba` and `classes_`.
    """
    estimator = recipe.model.build(seed=seed)
    with warnings.catch_warnings():
        # Recipes that stop after a fixed number of epochs do so on purpose.
        warnings.simplefilter("ignore", ConvergenceWarning)
        if recipe.calibrated:
            return Calibrated(estimator).fit(data.vectors, data.emotions, data.speakers)
        return estimator.fit(data.vectors, data.emotions)
