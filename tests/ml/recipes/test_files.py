"""Recipes as files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ml.library import Library, SoftVotes
from ml.recipes import RECIPES
from ml.recipes.files import load_recipe, read_recipe, write_recipe
from ml.specs import BankVote, Mlp


def written(folder: Path, **content: Any) -> Path:
    path = folder / "mine.json"
    path.write_text(json.dumps({"based_on": "aer-4", "name": "mine", **content}))
    return path


def test_a_file_says_what_is_different_from_another_recipe(tmp_path: Path) -> None:
    recipe = read_recipe(written(tmp_path, model={"hidden": [500, 50], "alpha": 1}, labels=["happy", "sad"]))
    known = RECIPES["aer-4"]
    assert isinstance(known.model, Mlp)
    model = replace(known.model, hidden=(500, 50), alpha=1.0)
    assert recipe == replace(known, name="mine", based_on="aer-4", model=model, labels=("happy", "sad"))


def test_what_lies_deeper_is_reached_too(tmp_path: Path) -> None:
    path = written(tmp_path, based_on="classic", model={"member": {"epochs": 3, "patience": 5}, "members": 2})
    model = read_recipe(path).model
    assert isinstance(model, BankVote)
    assert (model.members, model.member.epochs, model.member.patience, model.member.hidden) == (2, 3, 5, (100,))
    conditioned = read_recipe(written(tmp_path, conditioning={"rate_hz": 22_050}))
    assert conditioned.conditioning.rate_hz == 22_050


def test_settings_of_libraries_are_added_to(tmp_path: Path) -> None:
    path = written(tmp_path, based_on="ravdess-16-knn", model={"settings": {"n_neighbors": 9}})
    model = read_recipe(path).model
    assert isinstance(model, Library)
    assert model.settings == {"weights": "distance", "n_neighbors": 9}


@pytest.mark.parametrize("base", ["aer-4", "classic", "expressive", "ravdess-16-v4", "two-step-8", "ours-aer-4"])
def test_what_is_written_is_read_back(tmp_path: Path, base: str) -> None:
    recipe = replace(RECIPES[base], name="mine", based_on=base, copies=("white-noise",), tuned_on=("ravdess-01",))
    write_recipe(tmp_path / "mine.json", recipe, about={"trials": 3})
    assert load_recipe(str(tmp_path / "mine.json")) == recipe


def test_members_of_a_vote_are_written_and_read_back(tmp_path: Path) -> None:
    known = RECIPES["ravdess-16-v4"]
    assert isinstance(known.model, SoftVotes)
    mlp = Library(kind="mlp", settings={**known.model.members[0].settings, "hidden_layer_sizes": (64, 32)})
    model = SoftVotes(members=(mlp, known.model.members[1]))
    recipe = replace(known, name="mine", based_on=known.name, model=model)
    write_recipe(tmp_path / "mine.json", recipe, about={})
    assert read_recipe(tmp_path / "mine.json") == recipe


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"model": {"hiden": [3]}}, r"model: there is no 'hiden' among hidden, alpha"),
        ({"model": {"alpha": "much"}}, r"model: alpha: \"much\" cannot stand in place of 0.01"),
        ({"model": {"epochs": True}}, r"true cannot stand in place of 500"),
        ({"model": {"epochs": 2.5}}, r"2.5 cannot stand in place of 500"),
        ({"model": [1]}, r"\[1\] cannot stand in place of Mlp"),
        ({"name": "aer-4"}, "needs a name of its own"),
        ({"name": "../aer"}, "one word"),
        ({"based_on": "unheard-of"}, "no recipe 'unheard-of'"),
        ({"seed": 3}, "there is no 'seed' among name"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(tmp_path: Path, content: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_recipe(written(tmp_path, **content))


@pytest.mark.parametrize(
    ("text", "words"), [("{", "is no JSON"), ("[]", "must be an object"), ('{"name": "a"}', "based_on")]
)
def test_a_file_that_is_no_recipe_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "mine.json").write_text(text)
    with pytest.raises(ValueError, match=words):
        load_recipe(str(tmp_path / "mine.json"))


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        load_recipe(str(tmp_path / "nowhere.json"))


def test_other_words_are_names() -> None:
    assert load_recipe("aer-4") is RECIPES["aer-4"]
