"""`train_model --tune`, end to end on the miniature corpus, and the recipe file that comes of it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ml import store
from ml.library import Library
from ml.recipes import RECIPES, Recipe
from tests.conftest import Miniature


@pytest.fixture(autouse=True)
def stump(quick_recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe that is fitted in no time and can be improved on: a tree of one level."""
    model = Library(kind="tree", settings={"max_depth": 1})
    monkeypatch.setitem(RECIPES, "stump", replace(quick_recipe, name="stump", model=model))


@pytest.fixture
def models(settings: Settings, tmp_path: Path) -> Path:
    settings.MODEL_DIR = tmp_path / "models"
    return tmp_path / "models"


def run(command: str, path: Path, *options: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(command, "--ravdess", str(path), "--jobs", "1", *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def tuned(miniature: Miniature, models: Path) -> tuple[str, store.StoredModel]:
    said, _ = run("train_model", miniature.folder, "--recipe", "stump", "--tune", "4")
    return said, store.find("stump-tuned", roots=(models,))


def test_a_model_is_tuned_measured_and_saved(tuned: tuple[str, store.StoredModel]) -> None:
    said, stored = tuned
    assert "Tuned in 4 trials: UAR " in said
    assert "Repeat it with: " in said
    recipe = stored.manifest.recipe
    assert recipe["model"]["settings"]["max_depth"] > 1
    assert recipe["tuned_on"] == ["ravdess-01", "ravdess-03", "ravdess-04", "ravdess-08"]
    assert set(stored.manifest.figures) >= {"actors", "random"}


def test_the_best_is_a_recipe_that_anybody_can_train(
    tuned: tuple[str, store.StoredModel], miniature: Miniature, models: Path
) -> None:
    _, stored = tuned
    path = stored.folder / "recipe.json"
    content = json.loads(path.read_text())
    assert (content["based_on"], content["name"], content["about"]["trials"]) == ("stump", "stump-tuned", 4)
    assert content["about"]["uar"] > content["about"]["uar_before"]
    again = path.with_name("again.json")
    again.write_text(json.dumps({**content, "name": "again"}))
    _, complaints = run("train_model", miniature.folder, "--recipe", str(again))
    repeated = store.find("again", roots=(models,)).manifest
    assert repeated.recipe["model"] == stored.manifest.recipe["model"]
    assert "were chosen on 4 of these 4 speakers: its figures flatter" in complaints


def test_the_same_command_gives_the_same_figures_and_takes_no_trial_anew(
    tuned: tuple[str, store.StoredModel], miniature: Miniature, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untried(*_: Any, **__: Any) -> Any:
        raise AssertionError("a trial was made again")

    monkeypatch.setattr("ml.tuning.inner_uars", untried)
    run("train_model", miniature.folder, "--recipe", "stump", "--tune", "4")
    _, first = tuned
    second = store.find("stump-tuned", roots=(models,))
    assert second.manifest.version != first.manifest.version
    assert second.manifest.figures == first.manifest.figures


def test_a_recipe_file_is_measured_like_any_other(miniature: Miniature, tmp_path: Path) -> None:
    path = tmp_path / "deeper.json"
    path.write_text('{"based_on": "stump", "name": "deeper", "model": {"settings": {"max_depth": 5}}}')
    printed, _ = run("evaluate_model", miniature.folder, "--recipe", str(path), "--json")
    assert json.loads(printed)["recipe"] == "deeper"
    table, _ = run("compare_recipes", miniature.folder, "--recipes", f"stump,{path}", "--protocol", "actors")
    assert "`deeper`" in table


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tune", "0"], "number of trials"),
        (["--recipe", "nowhere.json"], "cannot be read"),
    ],
)
def test_options_that_make_no_sense_are_refused(miniature: Miniature, options: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run("train_model", miniature.folder, *options)


def test_a_hyperparameter_that_cannot_be_is_one_sentence(miniature: Miniature, models: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text('{"based_on": "stump", "name": "odd", "model": {"settings": {"max_depth": -1}}}')
    with pytest.raises(CommandError, match="'max_depth' parameter of DecisionTreeClassifier must be"):
        run("train_model", miniature.folder, "--recipe", str(path))


def test_without_optuna_it_is_one_sentence(miniature: Miniature, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml.tuning.find_spec", lambda _: None)
    with pytest.raises(CommandError, match="Tuning needs Optuna"):
        run("train_model", miniature.folder, "--tune", "2")
