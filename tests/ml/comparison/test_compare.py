from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.comparison.compare import Comparer
from ml.comparison.rows import Row
from ml.corpora import Corpus
from ml.corpora.ravdess import read_ravdess
from ml.evaluation import evaluate_recipe
from ml.extraction import Dataset
from ml.library import Library
from ml.metrics import accuracy, uar, with_interval
from ml.progress import Progress, unwatched
from ml.recipes import Recipe
from tests.conftest import Miniature

FOLDS, SEEDS, COST = 4, 5, 1


@dataclass
class Watch:
    """Counts the units that were worked on; ends the run after some, as a kill would."""

    end_after: int = 1_000
    done: int = 0
    named: list[str] = field(default_factory=list)

    def __call__(self, what: str) -> Progress:
        if not what.startswith("Fitting"):
            return unwatched
        self.named.append(what)
        return self._count

    def _count(self, items: Iterable[Any], total: int) -> Iterable[Any]:
        for item in items:
            self.done += 1
            if self.done > self.end_after:
                raise KeyboardInterrupt
            yield item


@pytest.fixture(scope="session")
def corpora(miniature: Miniature) -> dict[str, Corpus]:
    return {"ravdess": read_ravdess(miniature.folder)}


@pytest.fixture
def folder(dataset: Dataset, cache_dir: Path, tmp_path: Path) -> Path:
    """A cache in which nothing was measured yet, but all vectors are there."""
    for known in cache_dir.iterdir():
        if known.name != "comparison":
            (tmp_path / known.name).symlink_to(known)
    return tmp_path


@pytest.fixture
def small(quick_recipe: Recipe) -> Recipe:
    """A tree: it is fitted in no time."""
    return replace(quick_recipe, name="small", model=Library(kind="tree", settings={"max_depth": 4}))


def compare(
    corpora: dict[str, Corpus], folder: Path, *recipes: Recipe, watch: Watch | None = None, protocol: str = "both"
) -> list[Row]:
    protocols = ("actors", "random") if protocol == "both" else (protocol,)
    return Comparer(corpora, protocols, folder, jobs=1, watch=watch or Watch()).compare(recipes)


def test_a_row_holds_the_figures_of_both_protocols(
    corpora: dict[str, Corpus], folder: Path, small: Recipe, dataset: Dataset
) -> None:
    (row,) = compare(corpora, folder, small)
    strangers = evaluate_recipe(dataset, small, protocol="actors", jobs=1)
    by_seed = [accuracy(out) for out in evaluate_recipe(dataset, small, protocol="random", jobs=1).outcomes]
    assert row.actors_uar == with_interval(uar, strangers.outcomes)
    assert row.actors_accuracy == with_interval(accuracy, strangers.outcomes)
    assert row.random_accuracy is not None
    assert row.random_accuracy.mean == pytest.approx(np.mean(by_seed))
    assert row.random_accuracy.sd == pytest.approx(np.std(by_seed, ddof=1))
    assert (row.recipe, row.classes, row.published, row.clips, row.note) == ("small", 8, 0.61, 64, "")


def test_a_row_holds_what_the_recipe_costs(corpora: dict[str, Corpus], folder: Path, small: Recipe) -> None:
    (row,) = compare(corpora, folder, small, protocol="actors")
    assert row.cost is not None
    assert 0 < row.cost.fit_s < 5
    assert 0 < row.cost.predict_ms < row.cost.features_ms < 1000
    assert 1_000 < row.cost.size_bytes < 100_000


def test_only_the_protocol_that_was_asked_for_is_run(corpora: dict[str, Corpus], folder: Path, small: Recipe) -> None:
    watch = Watch()
    (row,) = compare(corpora, folder, small, watch=watch, protocol="random")
    assert watch.done == SEEDS + COST
    assert row.actors_uar is None
    assert row.random_uar is not None


def test_a_second_run_takes_everything_from_the_cache(corpora: dict[str, Corpus], folder: Path, small: Recipe) -> None:
    first, second = Watch(), Watch()
    rows = compare(corpora, folder, small, watch=first)
    assert compare(corpora, folder, small, watch=second) == rows
    assert (first.done, second.done) == (FOLDS + SEEDS + COST, 0)


def test_a_run_that_was_ended_goes_on_where_it_stood(corpora: dict[str, Corpus], folder: Path, small: Recipe) -> None:
    with pytest.raises(KeyboardInterrupt):
        compare(corpora, folder, small, watch=Watch(end_after=3))
    rest = Watch()
    compare(corpora, folder, small, watch=rest)
    assert rest.done <= FOLDS + SEEDS + COST - 3


def test_a_damaged_unit_is_done_again(corpora: dict[str, Corpus], folder: Path, small: Recipe) -> None:
    rows = compare(corpora, folder, small)
    next((folder / "comparison" / "fold").glob("*/*.npy")).write_bytes(b"torn")
    again = Watch()
    assert compare(corpora, folder, small, watch=again) == rows
    assert again.done == 1


def test_what_changed_is_measured_again_and_what_did_not_is_not(
    corpora: dict[str, Corpus], folder: Path, small: Recipe
) -> None:
    compare(corpora, folder, small)
    deeper = replace(small, name="deeper", model=Library(kind="tree", settings={"max_depth": 5}))
    renamed = replace(small, name="renamed", summary="The same under another name.")
    watch = Watch()
    rows = compare(corpora, folder, renamed, deeper, watch=watch)
    assert [row.recipe for row in rows] == ["renamed", "deeper"]
    assert watch.done == FOLDS + SEEDS + COST


def test_other_clips_are_other_units(corpora: dict[str, Corpus], folder: Path, small: Recipe) -> None:
    compare(corpora, folder, small, protocol="actors")
    fewer = {"ravdess": replace(corpora["ravdess"], utterances=corpora["ravdess"].utterances[:-1])}
    watch = Watch()
    compare(fewer, folder, small, watch=watch, protocol="actors")
    assert watch.done == FOLDS + COST


def test_recipes_that_learn_from_the_same_vectors_are_run_together(
    corpora: dict[str, Corpus], folder: Path, small: Recipe
) -> None:
    watch = Watch()
    other = replace(small, name="other", model=Library(kind="knn"))
    compare(corpora, folder, small, other, watch=watch, protocol="actors")
    assert watch.named == ["Fitting and testing small, other"]


def test_a_row_says_which_corpora_are_missing(corpora: dict[str, Corpus], folder: Path, small: Recipe) -> None:
    sung = replace(small, name="sung", corpora=("ravdess", "song", "tess"))
    row, other = compare(corpora, folder, sung, small, protocol="actors")
    assert (row.note, row.published, row.actors_uar) == ("needs RAVDESS song and TESS", 0.61, None)
    assert other.note == ""


def test_a_row_says_which_library_is_missing(
    corpora: dict[str, Corpus], folder: Path, small: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml.library.find_spec", lambda name: None if name == "xgboost" else importlib.util.find_spec)
    (row,) = compare(corpora, folder, replace(small, model=Library(kind="xgboost")))
    assert row.note == "needs XGBoost, not installed here"


def test_a_row_says_why_nothing_could_be_measured(corpora: dict[str, Corpus], folder: Path, small: Recipe) -> None:
    alone = [item for item in corpora["ravdess"].utterances if item.speaker == "ravdess-01"][::2]
    (row,) = compare({"ravdess": replace(corpora["ravdess"], utterances=tuple(alone))}, folder, small)
    assert row.note == "too few clips or speakers to split"
