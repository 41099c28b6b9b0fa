"""Tuning: hyperparameters chosen on speakers that were left out, inside whatever part a model is fitted on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from ml import kept
from ml.estimators import aligned
from ml.evaluation import PROTOCOLS, outcome_of, planned_folds
from ml.extraction import Dataset
from ml.fingerprints import digest_of, fingerprint
from ml.library import MissingLibraryError
from ml.metrics import Outcome, uar
from ml.progress import Progress, unwatched
from ml.protocols import PublishedSplit, grouped_splits, persons_of
from ml.recipes import Recipe
from ml.recipes.files import write_recipe
from ml.search import Trial
from ml.specs import Spec

SPACE_VERSION = 1  # raised when hyperparameters come to be looked for elsewhere
INNER_FOLDS = 4
REMARK = "Figures on the speakers of tuned_on flatter, these too; the manifest of the tuned model has honest ones."
FIFTH = PublishedSplit(test_size=0.2, seed=0)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a study came to.

    Attributes
    ----------
    model : Spec
        The best; where no trial was better, the one that was there before.
    uar, uar_before : float
        On the inner folds: of this model, and of the one before.
    """

    model: Spec
    uar: float
    uar_before: float


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """A model whose hyperparameters are chosen anew from what it is fitted on: never on what it is tested with.

    Attributes
    ----------
    base : Spec
    trials : int
    folder : Path
        Of the studies.
    """

    base: Spec
    trials: int
    folder: Path

    def fit(self, data: Dataset, *, seed: int) -> Any:
        """The best, whole."""
        return self.choose(data, seed=seed).model.fit(data, seed=seed)

    def fit_plain(self, data: Dataset, *, seed: int) -> Any:
        """The best, plain."""
        return self.choose(data, seed=seed).model.fit_plain(data, seed=seed)

    def varied(self, trial: Trial) -> Spec:
        """The space of what is tuned."""
        return self.base.varied(trial)

    def choose(self, data: Dataset, *, seed: int) -> Chosen:
        """The best hyperparameters for these clips, after all trials, those that were made before included.

        Raises
        ------
        CorpusError
            Where there are too few speakers to leave some out.
        """
        from ml.studies import Study, fixed

        place = self._place(data, seed)
        before = self._before(place, data, seed)
        study = Study(place.with_suffix(".journal"), seed)
        for _ in range(self.trials):
            study.advance(lambda trial: inner_uars(self.base.varied(trial), data, seed=seed), until=self.trials)
        best = study.best()
        if best is None or best[0] <= before:
            return Chosen(model=self.base, uar=before, uar_before=before)
        return Chosen(model=self.base.varied(fixed(best[1])), uar=best[0], uar_before=before)

    def _before(self, place: Path, data: Dataset, seed: int) -> float:
        """How well the model does as it is."""
        known = kept.read(place.with_suffix(".npy"))
        if known is None:
            known = np.array(list(inner_uars(self.base, data, seed=seed)))
            kept.write(place.with_suffix(".npy"), known)
        return float(known[-1])

    def _place(self, data: Dataset, seed: int) -> Path:
        return self.folder / fingerprint(self.base, digest_of(data), seed, SPACE_VERSION, INNER_FOLDS)


def inner_uars(model: Spec, data: Dataset, *, seed: int) -> Iterator[float]:
    """UAR on speakers that were left out: after the first fold, after two, and so on to the last.

    Raises
    ------
    CorpusError
    """
    labels = np.unique(data.emotions).tolist()
    parts: list[Outcome] = []
    for split in grouped_splits(persons_of(data.speakers, data.digests), most=INNER_FOLDS):
        fitted = model.fit_plain(data.rows(split.train), seed=seed)
        scores = aligned(fitted.predict_proba(data.vectors[split.test]), fitted.classes_, labels)
        parts.append(outcome_of(data.rows(split.test), labels, scores))
        yield uar(_together(parts))


def tuned(recipe: Recipe, *, trials: int, cache_dir: Path) -> Recipe:
    """A recipe that is tuned wherever it is fitted.

    Where it has no split of its own, `random` tests a fifth of the clips, five times: a study for each.

    Raises
    ------
    MissingLibraryError
    """
    if find_spec("optuna") is None:
        raise MissingLibraryError(["optuna"], what="Tuning")
    model = Tuned(base=recipe.model, trials=trials, folder=cache_dir / "studies")
    split, based_on = recipe.split or FIFTH, recipe.based_on or recipe.name
    return replace(recipe, name=f"{recipe.name}-tuned", model=model, split=split, based_on=based_on)


def tune_ahead(recipe: Recipe, data: Dataset, *, jobs: int = -1, progress: Progress = unwatched) -> None:
    """Make all trials that measuring and fitting a tuned recipe will ask for, the studies side by side.

    Raises
    ------
    CorpusError
    """
    folds = [fold for protocol in PROTOCOLS for fold in planned_folds(data, recipe, protocol=protocol)]
    parts = [*((fold.split.train, fold.seed) for fold in folds), (np.arange(len(data)), 0)]
    trials = recipe.model.trials if isinstance(recipe.model, Tuned) else 0
    for _ in progress(_rounds(recipe.model, data, parts, trials, jobs), trials * len(parts)):
        pass


def settled(recipe: Recipe, data: Dataset, *, seed: int) -> Recipe:
    """The recipe with the hyperparameters that these clips choose, where it is tuned; otherwise as it is."""
    if not isinstance(recipe.model, Tuned):
        return recipe
    speakers = tuple(np.unique(data.speakers).tolist())
    return replace(recipe, model=recipe.model.choose(data, seed=seed).model, tuned_on=speakers)


def write_chosen(path: Path, recipe: Recipe, data: Dataset, *, untuned: Recipe, seed: int) -> str:
    """Write what these clips chose as a recipe that anybody can train.

    Parameters
    ----------
    path : Path
    recipe, untuned : Recipe
        As `tuned` made it, and as it was before.
    data : Dataset
    seed : int

    Returns
    -------
    str
        A sentence for the user.
    """
    model: Any = recipe.model
    chosen = model.choose(data, seed=seed)
    about = {"trials": model.trials, "uar": chosen.uar, "uar_before": chosen.uar_before, "remark": REMARK}
    best = replace(settled(recipe, data, seed=seed), split=untuned.split)
    write_recipe(path, best, about=about)
    return (
        f"Tuned in {model.trials} trials: UAR {chosen.uar:.1%} on speakers left out, {chosen.uar_before:.1%} before. "
        f"The best is a recipe: {path}"
    )


def _rounds(model: Any, data: Dataset, parts: Sequence[Any], trials: int, jobs: int) -> Iterator[None]:
    """Trial by trial, since one study cannot make two at once."""
    with Parallel(n_jobs=jobs, return_as="generator_unordered") as parallel:
        for number in range(1, trials + 1):
            further = replace(model, trials=number)
            yield from parallel(delayed(_choose_on)(further, data, rows, seed) for rows, seed in parts)


def _choose_on(model: Tuned, data: Dataset, rows: np.ndarray, seed: int) -> None:
    with threadpool_limits(1):
        model.choose(data.rows(rows), seed=seed)


def _together(parts: Sequence[Outcome]) -> Outcome:
    truth, scores, speakers = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("truth", "scores", "speakers")
    )
    return Outcome(parts[0].labels, truth, scores, speakers)
