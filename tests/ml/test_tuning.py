from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.errors import CorpusError
from ml.evaluation import evaluate_recipe
from ml.extraction import Dataset
from ml.library import Library, MissingLibraryError
from ml.recipes import RECIPES, Recipe
from ml.search import Trial
from ml.studies import Study
from ml.tuning import Tuned, inner_uars, tune_ahead, tuned

TRIALS = 6


@dataclass(frozen=True)
class Stump(Library):
    """A tree of few levels, cheap to fit, that starts as a bad one."""

    kind: str = "tree"

    def varied(self, trial: Trial) -> Stump:
        return Stump(settings={"max_depth": trial.suggest_int("max_depth", 1, 6)})


@pytest.fixture
def model(tmp_path: Path) -> Tuned:
    return Tuned(base=Stump(settings={"max_depth": 1}), trials=TRIALS, folder=tmp_path)


def test_the_best_is_what_hears_speakers_best_that_were_left_out(model: Tuned, dataset: Dataset) -> None:
    chosen = model.choose(dataset, seed=0)
    *_, found = inner_uars(chosen.model, dataset, seed=0)
    *_, before = inner_uars(model.base, dataset, seed=0)
    assert (chosen.uar, chosen.uar_before) == (found, before)
    assert found > before
    fitted = model.fit_plain(dataset, seed=0)
    again = chosen.model.fit_plain(dataset, seed=0)
    np.testing.assert_array_equal(fitted.predict_proba(dataset.vectors), again.predict_proba(dataset.vectors))


def test_where_no_trial_is_better_the_model_stays_as_it_was(model: Tuned, dataset: Dataset) -> None:
    @dataclass(frozen=True)
    class Worse(Stump):
        def varied(self, trial: Trial) -> Stump:
            trial.suggest_int("max_depth", 1, 2)
            return Stump(settings={"max_depth": 1})

    good = Worse(settings={"max_depth": 6})
    chosen = replace(model, base=good).choose(dataset, seed=0)
    assert chosen.model is good
    assert chosen.uar == chosen.uar_before


def test_the_same_seed_chooses_the_same(model: Tuned, dataset: Dataset, tmp_path: Path) -> None:
    elsewhere = replace(model, folder=tmp_path / "other")
    assert model.choose(dataset, seed=0) == elsewhere.choose(dataset, seed=0)


def test_a_study_that_was_ended_comes_to_the_same_as_one_that_was_not(
    model: Tuned, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = replace(model, folder=tmp_path / "whole").choose(dataset, seed=0)
    fitted = 0
    fit = Library.fit

    def end(self: Library, data: Dataset, *, seed: int) -> Any:
        nonlocal fitted
        fitted += 1
        if fitted == 15:
            raise KeyboardInterrupt
        return fit(self, data, seed=seed)

    with monkeypatch.context() as patch:
        patch.setattr(Library, "fit_plain", end)
        with pytest.raises(KeyboardInterrupt):
            model.choose(dataset, seed=0)
    (journal,) = model.folder.glob("*.journal")
    with journal.open("ab") as file:
        file.write(b'{"op_code": 6, "torn')  # as a power cut leaves it
    journal.with_name(f"{journal.name}.lock").touch()
    assert model.choose(dataset, seed=0) == whole


def test_more_trials_go_on_from_those_that_were_made(
    model: Tuned, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.choose(dataset, seed=0)
    asked: list[int] = []
    advance = Study.advance

    def count(self: Study, score: Any, *, until: int) -> None:
        def counted(trial: Trial) -> Iterable[float]:
            asked.append(until)
            yield from score(trial)

        advance(self, counted, until=until)  # type: ignore[arg-type]

    monkeypatch.setattr(Study, "advance", count)
    replace(model, trials=TRIALS + 2).choose(dataset, seed=0)
    assert len(asked) == 2


def test_nothing_is_tuned_on_what_is_tested(
    dataset: Dataset, quick_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []

    def spied(model: Any, data: Dataset, *, seed: int) -> Iterable[float]:
        seen.append(set(data.speakers))
        yield 0.5

    monkeypatch.setattr("ml.tuning.inner_uars", spied)
    recipe = tuned(replace(quick_recipe, model=Stump(settings={"max_depth": 1})), trials=1, cache_dir=tmp_path)
    evaluate_recipe(dataset, recipe, protocol="actors", jobs=1)
    speakers = set(dataset.speakers)
    assert {frozenset(speakers - known) for known in seen} == {frozenset([speaker]) for speaker in speakers}


def test_all_studies_are_made_ahead_with_progress(dataset: Dataset, quick_recipe: Recipe, tmp_path: Path) -> None:
    recipe = tuned(replace(quick_recipe, model=Stump(settings={"max_depth": 1})), trials=2, cache_dir=tmp_path)
    totals: list[tuple[int, int]] = []

    def watch(items: Iterable[Any], total: int) -> Iterable[Any]:
        done = 0
        for item in items:
            done += 1
            yield item
        totals.append((done, total))

    tune_ahead(recipe, dataset, jobs=1, progress=watch)
    studies = 4 + 5 + 1  # folds of actors, random splits, and everything
    assert totals == [(2 * studies, 2 * studies)]
    assert len(list((tmp_path / "studies").glob("*.journal"))) == studies


def test_one_speaker_is_too_few(model: Tuned, dataset: Dataset) -> None:
    alone = dataset.rows(np.flatnonzero(dataset.speakers == "ravdess-01"))
    with pytest.raises(CorpusError, match="two speakers"):
        model.choose(alone, seed=0)


def test_without_optuna_it_says_so(quick_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml.tuning.find_spec", lambda _: None)
    with pytest.raises(MissingLibraryError, match=r"Tuning needs Optuna, not installed here: pip install optuna\."):
        tuned(quick_recipe, trials=1, cache_dir=tmp_path)


class Lowest:
    """A trial that suggests the least of everything."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        self.names.append(name)
        return low

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        self.names.append(name)
        return low

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        self.names.append(name)
        return choices[0]


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_has_a_space_to_look_in(name: str) -> None:
    trial = Lowest()
    model = RECIPES[name].model
    varied = model.varied(trial)
    assert type(varied) is type(model)
    assert varied != model
    assert len(trial.names) == len(set(trial.names)) >= 1
