"""From vectors to a fitted estimator."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from ml.corpora import Corpus
from ml.errors import CorpusError
from ml.estimators import Calibrated
from ml.extraction import Dataset, Extractor, build_dataset
from ml.progress import Progress, unwatched
from ml.recipes import Recipe


def load_dataset(
    corpus: Corpus,
    extractor: Extractor,
    *,
    labels: Sequence[str],
    jobs: int = -1,
    progress: Progress = unwatched,
) -> Dataset:
    """The vectors of a corpus's clips.

    Parameters
    ----------
    corpus : Corpus
    extractor : Extractor
    labels : sequence of str
        Clips with other emotions are left out.
    jobs : int
        Processes; -1 for one a core.
    progress : callable

    Raises
    ------
    CorpusError
        Where fewer than two emotions are left.
    """
    wanted = [utterance for utterance in corpus.utterances if utterance.emotion in labels]
    if not wanted:
        raise CorpusError(f"No clip of {corpus.name} carries one of the emotions {', '.join(labels)}.")
    data = build_dataset(wanted, extractor, jobs=jobs, progress=progress)
    heard = sorted(set(data.emotions))
    if len(heard) < 2:
        raise CorpusError(f"Clips of at least two emotions are needed; all {len(data)} usable clips are {heard[0]}.")
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
