"""`manage.py compare_recipes`, end to end on the miniature corpus."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ml.audio import Conditioning
from ml.library import Library
from ml.recipes import AWAITED, RECIPES, Recipe
from tests.conftest import Miniature


@pytest.fixture(autouse=True)
def recipes(quick_recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only two recipes: a quick one, and one on corpora that are not there."""
    small = replace(quick_recipe, name="small", model=Library(kind="tree"))
    for name in list(RECIPES):
        monkeypatch.delitem(RECIPES, name)
    monkeypatch.setitem(RECIPES, "small", small)
    monkeypatch.setitem(RECIPES, "sung", replace(small, name="sung", corpora=("ravdess", "song")))


def compare(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("compare_recipes", "--ravdess", str(path), "--jobs", "1", *options, stdout=out)
    return out.getvalue()


def test_all_recipes_stand_in_one_table_with_those_that_cannot_be_run_yet(miniature: Miniature) -> None:
    lines = compare(miniature.zip).splitlines()[2:]
    assert [line.split("`")[1] for line in lines if line] == ["small", "sung", *AWAITED]
    assert "±" in lines[0]
    assert "needs RAVDESS song" in lines[1]
    assert all("comes later" in line for line in lines[2 : 2 + len(AWAITED)])


def test_it_writes_tables_and_figures(miniature: Miniature, tmp_path: Path) -> None:
    compare(miniature.folder, "--recipes", "small,sung", "--protocol", "actors", "--output", str(tmp_path / "out"))
    rows = json.loads((tmp_path / "out" / "bench.json").read_text(), parse_constant=pytest.fail)["rows"]
    assert [row["recipe"] for row in rows] == ["small", "sung"]
    assert rows[0]["random_accuracy"] is None
    assert (tmp_path / "out" / "bench-accuracy.svg").is_file()


def test_its_progress_stays_off_stdout(
    miniature: Miniature, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UNDERTONE_CACHE", str(tmp_path))
    assert "Fitting" not in compare(miniature.folder, "--recipes", "small", "--protocol", "actors")
    assert "Fitting and testing small: 5 of 5" in capfd.readouterr().err


def test_clips_that_cannot_be_used_are_listed_once(
    miniature: Miniature, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = shutil.copytree(miniature.folder, tmp_path / "spoilt")
    (spoilt / "Actor_01" / "03-01-05-01-01-01-01.wav").write_bytes(b"broken")
    twin = replace(RECIPES["small"], name="twin", conditioning=Conditioning(rate_hz=8_000))
    monkeypatch.setitem(RECIPES, "sung", twin)
    err = io.StringIO()
    options = ["--protocol", "actors", "--jobs", "1"]
    call_command("compare_recipes", "--ravdess", str(spoilt), *options, stdout=io.StringIO(), stderr=err)
    assert err.getvalue().count("Actor_01/03-01-05-01-01-01-01.wav: This file") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--recipes", "small,unheard-of"], "no recipe 'unheard-of'"),
        (["--recipes", "small,small"], "same name"),
        (["--protocol", "speakers"], "invalid choice"),
        (["--jobs", "0"], "number of processes"),
        (["--output", "manage.py/bench"], "manage.py/bench cannot be written: Not a directory"),
    ],
)
def test_options_that_make_no_sense_are_refused(miniature: Miniature, options: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        compare(miniature.folder, *options)


def test_without_a_corpus_there_is_nothing_to_compare() -> None:
    with pytest.raises(CommandError, match="at least one corpus"):
        call_command("compare_recipes")
