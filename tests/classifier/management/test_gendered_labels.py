"""Recipes that tell the gender with the emotion: trained, measured and asked like any other."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from ml import store
from ml.catalogue import Catalogue
from ml.library import Library
from ml.recipes import RECIPES, Published, Recipe
from ml.two_step import TwoStep
from tests.recordings import write_miniature_corpus

LABELS = ["female happy", "female sad", "male happy", "male sad"]


@pytest.fixture(scope="module")
def gendered(quick_recipe: Recipe) -> Recipe:
    """Two emotions of both genders, in two steps."""
    tree = Library(kind="tree")
    return replace(
        quick_recipe,
        name="gendered",
        labels=tuple(LABELS),
        model=TwoStep(gender=tree, emotion=Library(kind="xgboost", settings={"n_estimators": 10})),
        corpora=("ravdess", "song"),
        published=Published(accuracy=0.5, source="nobody"),
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three women and three men."""
    folder = tmp_path_factory.mktemp("gendered")
    write_miniature_corpus(folder, actors=(1, 2, 3, 4, 5, 6))
    return folder


@pytest.fixture
def model_dir(
    gendered: Recipe, corpus: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Where the model of the recipe is."""
    monkeypatch.setitem(RECIPES, "gendered", gendered)
    settings.MODEL_DIR = tmp_path / "models"
    run("train_model", "--ravdess", str(corpus), "--recipe", "gendered", "--jobs", "1")
    return tmp_path / "models"


def run(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_it_is_measured_on_all_labels_and_answers_emotions(
    capsys: pytest.CaptureFixture[str], model_dir: Path, tmp_path: Path
) -> None:
    assert "gendered was published on ravdess + song; here it is ravdess." in capsys.readouterr().err
    manifest = store.find("gendered", roots=(model_dir,)).manifest
    assert manifest.labels == LABELS
    assert list(manifest.figures["actors"]["recall"]) == LABELS
    assert manifest.libraries["xgboost"]
    assert all({*known["scores"]} == {"happy", "sad"} for known in manifest.known_answers)

    write_miniature_corpus(tmp_path / "strangers", actors=(7, 8))
    asked = ("--model", "gendered", "--jobs", "1")
    figures: dict[str, Any] = json.loads(
        run("evaluate_model", "--ravdess", str(tmp_path / "strangers"), *asked, "--json")
    )
    assert (figures["clips"], figures["confusion"]["labels"]) == (8, LABELS)

    clip = tmp_path / "strangers" / "Actor_07" / "03-01-03-01-01-01-07.wav"
    (answer,) = json.loads(run("classify", str(clip), *asked[:2], "--format", "json"))
    assert {score["label"] for score in answer["scores"]} == {"happy", "sad"}
    assert sum(score["score"] for score in answer["scores"]) == pytest.approx(1)

    (summary,) = (
        summary
        for summary in Catalogue.load(model_dir=model_dir, default="gendered").summaries()
        if summary["name"] == "gendered"
    )
    assert summary["labels"] == ["happy", "sad"]
