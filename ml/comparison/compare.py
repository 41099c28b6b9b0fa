"""Run what the given corpora allow: recipes that learn from the same vectors together, all their folds side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from ml.audio import Clip
from ml.comparison.rows import Row, measured, unmeasured
from ml.comparison.units import TIMED_CLIPS, Bench
from ml.corpora import Corpus, Utterance, join
from ml.corpora.readers import READERS
from ml.datasets import load_dataset
from ml.decoding import decode
from ml.errors import AudioError, CorpusError
from ml.evaluation import Evaluation, Fold, planned_folds, pooled
from ml.extraction import Dataset, Extractor
from ml.library import OPTIONAL, missing_libraries
from ml.limits import Limits
from ml.progress import Progress, unwatched
from ml.recipes import Recipe


@dataclass(frozen=True)
class Comparer:
    """How recipes are compared.

    Attributes
    ----------
    corpora : mapping
        What was read, by the names of `READERS`.
    protocols : sequence of str
        `actors`, `random` or both.
    cache_dir : Path
    jobs : int
        Processes; -1 for one a core.
    watch : callable
        From what is being done to who shows its progress.
    complain : callable
        Told which clips cannot be used, with the reasons.
    """

    corpora: Mapping[str, Corpus]
    protocols: Sequence[str]
    cache_dir: Path
    jobs: int = -1
    watch: Callable[[str], Progress] = lambda _: unwatched
    complain: Callable[[Sequence[str]], object] = lambda _: None

    def compare(self, recipes: Sequence[Recipe]) -> list[Row]:
        """A row for each recipe, in their order; those that cannot be measured say why."""
        rows = {recipe.name: unmeasured(recipe, self._obstacle(recipe)) for recipe in recipes}
        for group in _sharing([recipe for recipe in recipes if not rows[recipe.name].note]):
            rows |= self._compare_group(group)
        return list(rows.values())

    def _obstacle(self, recipe: Recipe) -> str:
        """What is missing to measure a recipe, in words."""
        corpora = [READERS[name].title for name in recipe.corpora if name not in self.corpora]
        if corpora:
            return f"needs {' and '.join(corpora)}"
        libraries = [OPTIONAL[kind] for kind in missing_libraries(recipe.model)]
        return f"needs {' and '.join(libraries)}, not installed here" if libraries else ""

    def _compare_group(self, group: Sequence[Recipe]) -> dict[str, Row]:
        """Rows of recipes that learn from the same vectors."""
        first, names = group[0], ", ".join(recipe.name for recipe in group)
        corpus = join(self.corpora[name] for name in first.corpora)
        extractor = Extractor(first.conditioning, first.feature_set, self.cache_dir)
        try:
            data = load_dataset(
                corpus,
                extractor,
                labels=first.labels,
                copies=first.copies,
                jobs=self.jobs,
                progress=self.watch(f"Extracting features for {names}"),
            )
        except CorpusError as error:
            return {recipe.name: unmeasured(recipe, error.message) for recipe in group}
        self.complain(data.unusable)
        bench = Bench.of(self.cache_dir / "comparison", data, extractor)
        plans = {recipe.name: self._plan(data, recipe) for recipe in group}
        clips = list(islice(_clips(corpus.utterances, data), TIMED_CLIPS))
        tasks = [task for recipe in group for task in _undone(bench, recipe, plans[recipe.name], clips)]
        parallel = Parallel(n_jobs=self.jobs, return_as="generator_unordered")
        for _ in self.watch(f"Fitting and testing {names}")(parallel(tasks), len(tasks)):
            pass
        return {recipe.name: _row(bench, recipe, plans[recipe.name]) for recipe in group}

    def _plan(self, data: Dataset, recipe: Recipe) -> dict[str, list[Fold]]:
        """The folds by protocol; none where the data cannot be split so."""
        plan = {}
        for protocol in self.protocols:
            try:
                plan[protocol] = planned_folds(data, recipe, protocol=protocol)
            except CorpusError:
                continue
        return plan


def _sharing(recipes: Sequence[Recipe]) -> list[list[Recipe]]:
    """Recipes grouped by what they learn from."""
    groups: dict[Any, list[Recipe]] = {}
    for recipe in recipes:
        shared = (recipe.corpora, recipe.labels, recipe.copies, recipe.conditioning, recipe.feature_set)
        groups.setdefault(shared, []).append(recipe)
    return list(groups.values())


def _undone(bench: Bench, recipe: Recipe, plan: Mapping[str, Sequence[Fold]], clips: list[Clip]) -> Iterator[Any]:
    """What is left to do for a recipe."""
    for folds in plan.values():
        yield from (delayed(bench.score)(recipe, fold) for fold in folds if bench.scores(recipe, fold) is None)
    if plan and bench.cost(recipe) is None:
        yield delayed(bench.weigh)(recipe, clips)


def _row(bench: Bench, recipe: Recipe, plan: Mapping[str, Sequence[Fold]]) -> Row:
    if not plan:
        return unmeasured(recipe, "too few clips or speakers to split")
    evaluations = {protocol: _evaluation(bench, recipe, protocol, folds) for protocol, folds in plan.items()}
    return replace(unmeasured(recipe, ""), **measured(evaluations, bench.cost(recipe)))


def _evaluation(bench: Bench, recipe: Recipe, protocol: str, folds: Sequence[Fold]) -> Evaluation:
    scores = [scored for fold in folds if (scored := bench.scores(recipe, fold)) is not None]
    return pooled(bench.data, recipe, folds, scores, protocol=protocol)


def _clips(utterances: Sequence[Utterance], data: Dataset) -> Iterator[Clip]:
    """The clips behind the vectors, decoded."""
    usable = set(data.digests)
    for utterance in utterances:
        try:
            clip = decode(utterance.file.read(), limits=Limits(min_seconds=0))
        except (AudioError, OSError):
            continue
        if clip.digest in usable:
            yield clip
