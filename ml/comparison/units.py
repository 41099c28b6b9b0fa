"""Units of work: one refit and its test, or what one recipe costs; each is done once and kept on disk.

A unit is named by the hash of everything that its result depends on, so that a run that was killed goes on where it
stood, and what has not changed is never done twice.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from ml import kept
from ml.audio import Clip
from ml.estimators import slim
from ml.evaluation import Fold, score_fold
from ml.extraction import Dataset, Extractor
from ml.fingerprints import digest_of, fingerprint
from ml.recipes import Recipe

TIMED_CLIPS = 20


@dataclass(frozen=True)
class Cost:
    """What a recipe costs on one core.

    Attributes
    ----------
    fit_s : float
        Processor time to fit the whole model on all clips, features aside, in seconds.
    features_ms, predict_ms : float
        Processor time from a decoded clip to its features, and from these to the scores, in milliseconds.
    size_bytes : int
        The pickle.
    """

    fit_s: float
    features_ms: float
    predict_ms: float
    size_bytes: int


@dataclass(frozen=True)
class Bench:
    """Where units are worked on and kept.

    Attributes
    ----------
    folder : Path
    data : Dataset
    extractor : Extractor
    data_key : str
        Hash of all that is in the data.
    """

    folder: Path
    data: Dataset
    extractor: Extractor
    data_key: str

    @classmethod
    def of(cls, folder: Path, data: Dataset, extractor: Extractor) -> Bench:
        """A bench with these data on it."""
        return cls(folder, data, extractor, digest_of(data))

    def fold_path(self, recipe: Recipe, fold: Fold) -> Path:
        """Where the scores of a fold are kept."""
        rows = [hashlib.sha256(side.tobytes()).hexdigest() for side in (fold.split.train, fold.split.test)]
        return self._path("fold", recipe, recipe.labels, fold.seed, *rows)

    def cost_path(self, recipe: Recipe) -> Path:
        """Where the cost of a recipe is kept."""
        return self._path("cost", recipe, self.extractor.key)

    def score(self, recipe: Recipe, fold: Fold) -> None:
        """Work on a fold, and keep its scores."""
        kept.write(self.fold_path(recipe, fold), score_fold(self.data, recipe, fold))

    def weigh(self, recipe: Recipe, clips: list[Clip]) -> None:
        """Find out what a recipe costs, and keep it."""
        with threadpool_limits(1):
            cost = measure_cost(self.data, recipe, self.extractor, clips)
        kept.write(self.cost_path(recipe), np.array([cost.fit_s, cost.features_ms, cost.predict_ms, cost.size_bytes]))

    def scores(self, recipe: Recipe, fold: Fold) -> npt.NDArray[Any] | None:
        """The scores of a fold that was worked on."""
        return kept.read(self.fold_path(recipe, fold))

    def cost(self, recipe: Recipe) -> Cost | None:
        """The cost of a recipe that was weighed."""
        known = kept.read(self.cost_path(recipe))
        if known is None:
            return None
        fit_s, features_ms, predict_ms, size_bytes = known.tolist()
        return Cost(fit_s, features_ms, predict_ms, int(size_bytes))

    def _path(self, kind: str, recipe: Recipe, *depends_on: Any) -> Path:
        key = fingerprint(recipe.model, self.data_key, *depends_on)
        return self.folder / kind / key[:2] / f"{key}.npy"


def measure_cost(data: Dataset, recipe: Recipe, extractor: Extractor, clips: list[Clip]) -> Cost:
    """Fit a recipe whole, as it would be served, and classify some clips one by one."""
    started = time.process_time()
    estimator = recipe.model.fit(data, seed=0)
    fit_s = time.process_time() - started
    size_bytes = len(pickle.dumps(slim(estimator), protocol=5))
    vectors = [extractor.compute(clip) for clip in clips]  # the first one compiles
    estimator.predict_proba(vectors[0][None])
    started = time.process_time()
    for clip in clips:
        extractor.compute(clip)
    extracted = time.process_time()
    for vector in vectors:
        estimator.predict_proba(vector[None])
    predicted = time.process_time()
    ms_each = 1000 / len(clips)
    return Cost(fit_s, (extracted - started) * ms_each, (predicted - extracted) * ms_each, size_bytes)
