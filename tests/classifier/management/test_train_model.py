"""`manage.py train_model`, end to end on the miniature corpus."""

from __future__ import annotations

import builtins
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ml import store
from ml.recipes import RECIPES, Recipe
from ml.recogniser import Recogniser
from ml.synthesis import STYLES, speak
from ml.training import Trained
from tests.classifier.live import ROOT, wait_for
from tests.conftest import Miniature
from tests.recordings import write_miniature_corpus

FIELDS = {
    *("name", "version", "created", "sha256", "features", "conditioning", "labels", "libraries", "recipe", "corpora"),
    *("figures", "calibration", "known_answers", "licence"),
}
INTERVAL = {"value", "low", "high"}


@pytest.fixture(autouse=True)
def quick(quick_recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the quick recipe one of those that the commands know."""
    monkeypatch.setitem(RECIPES, "quick", quick_recipe)


@pytest.fixture
def models(settings: Settings, tmp_path: Path) -> Path:
    settings.MODEL_DIR = tmp_path / "models"
    return tmp_path / "models"


def train(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("train_model", "--ravdess", str(path), "--recipe", "quick", "--jobs", "1", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def manifest(miniature: Miniature, models: Path) -> dict[str, Any]:
    """What is written beside a model."""
    train(miniature.folder)
    content = (store.find("quick", roots=(models,)).folder / "manifest.json").read_text()
    loaded: dict[str, Any] = json.loads(content, parse_constant=pytest.fail)  # NaN is no JSON
    return loaded


def test_the_manifest_says_what_the_model_is(manifest: dict[str, Any], miniature: Miniature, models: Path) -> None:
    assert set(manifest) >= FIELDS
    assert manifest["name"] == "quick"
    assert manifest["version"] == (models / "quick" / "current").read_text().strip()
    assert manifest["labels"] == sorted(STYLES)
    assert manifest["features"]["name"] == "classic-180"
    assert len(manifest["features"]["names"]) == 180
    assert manifest["conditioning"]["rate_hz"] == 16_000
    assert set(manifest["libraries"]) >= {"scikit-learn", "numpy", "librosa"}
    assert manifest["corpora"] == [{"name": "ravdess", "clips": miniature.clips}]
    assert manifest["recipe"]["model"]["epochs"] == 40
    assert "seed" in manifest["recipe"]
    assert 0 <= manifest["calibration"]["uncertain_below"] <= 1
    assert "CC BY-NC-SA 4.0" in manifest["licence"]


def test_the_manifest_carries_honest_figures_of_both_protocols(manifest: dict[str, Any], miniature: Miniature) -> None:
    assert set(manifest["figures"]) >= {"actors", "random"}
    for protocol in ("actors", "random"):
        figures = manifest["figures"][protocol]
        for name in ("accuracy", "uar", "ece"):
            assert set(figures[name]) == INTERVAL
            assert 0 <= figures[name]["low"] <= figures[name]["high"] <= 1
        assert figures["confusion"]["labels"] == list(STYLES)
        assert set(figures["recall"]) == set(STYLES)
    assert manifest["figures"]["actors"]["clips"] == miniature.clips
    assert np.sum(manifest["figures"]["actors"]["confusion"]["rows"]) == miniature.clips
    assert manifest["figures"]["actors"]["uar"]["value"] > 1.3 / len(STYLES)  # better than chance
    assert set(manifest["figures"]["actors"]["uar_by_gender"]) == {"female", "male"}
    assert set(manifest["importance"]) == {"timbre", "frequency bands", "notes"}


def test_what_it_has_heard_is_remembered_by_the_hash_of_its_samples(
    manifest: dict[str, Any], models: Path, miniature: Miniature
) -> None:
    heard = store.find("quick", roots=(models,)).trained_on()
    assert len(heard.clips) == miniature.clips
    assert heard.speakers == {"ravdess-01", "ravdess-03", "ravdess-04", "ravdess-08"}


def test_the_pickle_is_small_and_holds_nothing_of_the_optimiser(manifest: dict[str, Any], models: Path) -> None:
    content = store.find("quick", roots=(models,)).pickle_path.read_bytes()
    assert len(content) < 3_000_000
    assert b"Optimizer" not in content


def scores(models: Path) -> list[list[float]]:
    recogniser = Recogniser.load(store.find("quick", roots=(models,)))
    answers = [recogniser.classify_clip(speak(style, seed=5)) for style in STYLES.values()]
    return [[score.score for score in answer.scores] for answer in answers]


def test_the_same_seed_gives_the_same_figures_and_scores_from_the_folder_and_from_the_zip(
    miniature: Miniature, models: Path, settings: Settings, tmp_path: Path
) -> None:
    train(miniature.folder)
    settings.MODEL_DIR = tmp_path / "others"
    train(miniature.zip)
    one, other = (store.find("quick", roots=(root,)) for root in (models, tmp_path / "others"))
    assert one.manifest.figures == other.manifest.figures
    assert one.trained_on() == other.trained_on()
    np.testing.assert_allclose(scores(models), scores(tmp_path / "others"), atol=1e-6)


def test_it_says_what_it_did_and_how_to_repeat_it(miniature: Miniature, models: Path) -> None:
    said = train(miniature.folder, "--name", "mine")
    assert "mine" in said.splitlines()[-1]
    assert "64 clips" in said
    assert "Repeat it with: " in said
    assert "actors" in said
    assert store.names((models,)) == ["mine"]


def test_problems_with_files_are_listed(miniature: Miniature, models: Path, tmp_path: Path) -> None:
    spoilt = shutil.copytree(miniature.folder, tmp_path / "spoilt")
    (spoilt / "Actor_01" / "03-01-05-01-01-01-01.wav").write_bytes(b"broken")
    (spoilt / "readme.txt").write_text("hello")
    err = io.StringIO()
    options = ["--recipe", "quick", "--jobs", "1"]
    call_command("train_model", "--ravdess", str(spoilt), *options, stdout=io.StringIO(), stderr=err)
    assert "readme.txt" in err.getvalue()
    assert "Actor_01/03-01-05-01-01-01-01.wav: This file" in err.getvalue()


def test_two_actors_are_enough_or_are_refused_with_a_sentence(models: Path, tmp_path: Path) -> None:
    write_miniature_corpus(tmp_path / "two", actors=(1, 4))
    with pytest.raises(CommandError, match="clips of each emotion"):
        train(tmp_path / "two")
    assert not models.exists()


@pytest.mark.parametrize("name", ["../outside", "a/b", "", ".", "a b"])
def test_a_name_that_is_none_is_refused_before_any_work(miniature: Miniature, models: Path, name: str) -> None:
    with pytest.raises(CommandError, match="one word"):
        train(miniature.folder, "--name", name)
    assert not models.exists()


def test_a_folder_of_models_that_cannot_be_written_is_refused_before_any_work(
    miniature: Miniature, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.MODEL_DIR = tmp_path / "file" / "models"
    with pytest.raises(CommandError, match="models cannot be written: Not a directory"):
        train(miniature.folder)


def test_a_corpus_that_is_not_there_is_one_sentence(models: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="neither a folder nor"):
        train(tmp_path / "nowhere")


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_a_number_of_jobs_that_is_none_is_refused(miniature: Miniature, jobs: str) -> None:
    with pytest.raises(CommandError, match="number of processes"):
        call_command("train_model", "--ravdess", str(miniature.folder), "--jobs", jobs)


def test_plots_are_written(miniature: Miniature, models: Path, tmp_path: Path) -> None:
    said = train(miniature.folder, "--plots", str(tmp_path / "plots"))
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == [
        "confusion-actors.png",
        "confusion-random.png",
        "loss.png",
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (tmp_path / "plots").iterdir())
    assert str(tmp_path / "plots") in said


def test_without_matplotlib_one_line_says_that_plots_are_skipped(
    miniature: Miniature, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_import = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] == "matplotlib":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    train(miniature.folder)  # imports all else
    monkeypatch.setattr(builtins, "__import__", without)
    said = train(miniature.folder, "--plots", str(tmp_path / "plots"))
    assert [line for line in said.splitlines() if "skipped" in line] == [
        "Plots are skipped: matplotlib is not installed (pip install matplotlib)."
    ]
    assert not (tmp_path / "plots").exists()
    assert store.names((models,)) == ["quick"]


def start_training(miniature: Miniature, models: Path, log: Path) -> subprocess.Popen[bytes]:
    """The command in a process of its own, with a recipe that it is shipped with."""
    environment = {**os.environ, "MODEL_DIR": str(models), "DJANGO_SETTINGS_MODULE": "emotion_site.settings"}
    command = [sys.executable, "manage.py", "train_model", "--ravdess", str(miniature.folder), "--jobs", "1"]
    with log.open("wb") as file:
        return subprocess.Popen(
            [*command, "--recipe", "aer-4", "--name", "quick"],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
        )


MOMENTS = {
    "while it extracts": "Extracting features: ",
    "while it tests": "Fitting and testing: ",
    "in its last moments": "5 of 5",  # what follows takes milliseconds; test_store.py kills it at every step of saving
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_training_that_is_killed_leaves_a_whole_model_serving(
    miniature: Miniature, trained: Trained, model_dir: Path, tmp_path: Path, moment: str
) -> None:
    log = tmp_path / "log"
    training = start_training(miniature, model_dir, log)
    wait_for(lambda: training.poll() is not None or MOMENTS[moment] in log.read_text(), what=moment)
    assert MOMENTS[moment] in log.read_text()
    training.kill()
    training.wait()
    stored = store.find("quick", roots=(model_dir,))
    assert moment == "in its last moments" or stored.manifest.version == trained.stored.manifest.version
    assert Recogniser.load(stored).manifest.version == (model_dir / "quick" / "current").read_text().strip()
