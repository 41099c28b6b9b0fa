"""`manage.py evaluate_model`: recipes refitted in every fold, and models as they are."""

from __future__ import annotations

import io
import json
import os
import pickle
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
from ml.emotions import EMOTIONS
from ml.recipes import RECIPES, Recipe
from tests.classifier.live import ROOT
from tests.conftest import Miniature
from tests.recordings import write_miniature_corpus

KEYS = {"protocol", "clips", "accuracy", "uar", "ece", "recall", "confusion"}


@pytest.fixture(autouse=True)
def quick(quick_recipe: Recipe, monkeypatch: pytest.MonkeyPatch, settings: Settings, model_dir: Path) -> None:
    """The quick recipe and the model that was trained with it."""
    monkeypatch.setitem(RECIPES, "quick", quick_recipe)
    settings.MODEL_DIR = model_dir


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two actors whom the model has not heard, and one whom it has."""
    folder = tmp_path_factory.mktemp("strangers") / "speech"
    write_miniature_corpus(folder, actors=(5, 6, 1))
    return folder


def evaluate(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("evaluate_model", "--ravdess", str(path), "--jobs", "1", *options, stdout=out)
    return out.getvalue()


def figures(path: Path, *options: str) -> dict[str, Any]:
    printed = evaluate(path, "--json", *options)
    assert printed.count("\n") == 1
    loaded: dict[str, Any] = json.loads(printed, parse_constant=pytest.fail)
    return loaded


@pytest.mark.parametrize("protocol", ["actors", "random"])
def test_a_recipe_is_refitted_in_every_fold(miniature: Miniature, protocol: str) -> None:
    found = figures(miniature.folder, "--recipe", "quick", "--protocol", protocol)
    assert set(found) >= {"recipe", *KEYS}
    assert (found["recipe"], found["protocol"]) == ("quick", protocol)
    for name in ("accuracy", "uar", "ece"):
        assert found[name]["low"] <= found[name]["value"] <= found[name]["high"]
    assert found["confusion"]["labels"] == list(EMOTIONS)
    assert set(found["recall"]) == set(EMOTIONS)


def test_the_figures_are_those_of_the_manifest(miniature: Miniature, model_dir: Path) -> None:
    """Repeated from the zip, with the same seeds, the same folds and the same numbers."""
    found = figures(miniature.zip, "--recipe", "quick")
    assert found.items() >= store.find("quick", roots=(model_dir,)).manifest.figures["actors"].items()
    assert np.sum(found["confusion"]["rows"]) == found["clips"] == miniature.clips


def test_other_groupings_of_actors_give_other_figures(miniature: Miniature) -> None:
    found = figures(miniature.folder, "--recipe", "quick", "--folds", "1,4;8,3")
    assert found["clips"] == miniature.clips
    assert found["confusion"] != figures(miniature.folder, "--recipe", "quick")["confusion"]
    assert figures(miniature.folder, "--recipe", "quick", "--folds", "1;4")["clips"] == miniature.clips // 2


def test_a_model_is_scored_on_strangers_only(strangers: Path) -> None:
    found = figures(strangers, "--model", "quick")
    assert set(found) >= {"model", "version", *KEYS}
    assert (found["model"], found["clips"]) == ("quick", 32)


def test_under_the_random_protocol_a_speaker_may_be_known_but_not_the_clip(
    strangers: Path, miniature: Miniature, tmp_path: Path
) -> None:
    mixed = shutil.copytree(strangers, tmp_path / "mixed")
    known = miniature.folder / "Actor_01" / "03-01-05-01-01-01-01.wav"
    louder = mixed / "Actor_01" / "03-01-05-01-02-01-01.wav"
    content = bytearray(louder.read_bytes())
    content[-2] ^= 1  # the last bit of the last sample makes another clip of a known speaker
    louder.write_bytes(content)
    assert (mixed / "Actor_01" / known.name).read_bytes() == known.read_bytes()
    assert figures(mixed, "--model", "quick", "--protocol", "random")["clips"] == 33
    assert figures(mixed, "--model", "quick", "--protocol", "actors")["clips"] == 32


@pytest.mark.parametrize("protocol", ["actors", "random"])
def test_a_model_is_not_judged_by_what_it_has_heard(miniature: Miniature, protocol: str) -> None:
    with pytest.raises(CommandError, match="no honest figure"):
        evaluate(miniature.folder, "--model", "quick", "--protocol", protocol)


def test_an_unpinned_model_is_not_even_unpickled(
    strangers: Path, settings: Settings, model_dir: Path, tmp_path: Path
) -> None:
    settings.MODEL_SHA256 = "0" * 64
    with pytest.raises(CommandError, match="MODEL_SHA256"):
        evaluate(strangers, "--model", "quick")
    settings.MODEL_SHA256 = store.find("quick", roots=(model_dir,)).manifest.sha256
    assert figures(strangers, "--model", "quick")["clips"] == 32


def test_a_damaged_model_is_one_sentence(strangers: Path, model_dir: Path) -> None:
    store.find("quick", roots=(model_dir,)).pickle_path.write_bytes(pickle.dumps(0))
    with pytest.raises(CommandError, match="not the one its manifest describes"):
        evaluate(strangers, "--model", "quick")


def test_without_json_it_is_a_table(miniature: Miniature) -> None:
    table = evaluate(miniature.folder, "--recipe", "quick")
    for words in (
        "actors (speakers never heard in training), 64 clips",
        "accuracy",
        "uar",
        "95 % interval",
        "heard as",
    ):
        assert words in table


def test_plots_are_written_and_stay_off_stdout(miniature: Miniature, tmp_path: Path) -> None:
    figures(miniature.folder, "--recipe", "quick", "--plots", str(tmp_path / "plots"))
    assert (tmp_path / "plots" / "confusion-actors.png").read_bytes().startswith(b"\x89PNG")


@pytest.fixture(scope="session")
def own(strangers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The strangers' angry and sad clips as anybody keeps recordings, and a note."""
    folder = tmp_path_factory.mktemp("own")
    for clip in sorted(strangers.rglob("*.wav")):
        emotion = {"05": "angry", "04": "sad"}.get(clip.name.split("-")[2])
        if emotion:
            (folder / emotion / clip.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(clip, folder / emotion / clip.parent.name / clip.name)
    (folder / "notes.txt").write_text("hello")
    return folder


def test_several_corpora_are_joined(miniature: Miniature, own: Path) -> None:
    found = figures(miniature.folder, "--recipe", "quick", "--own", str(own))
    assert found["clips"] == miniature.clips + 12  # actor 1 is in both, and one person


def test_files_that_are_no_clips_are_listed_with_their_corpus(
    miniature: Miniature, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate(miniature.folder, "--recipe", "quick", "--own", str(own))
    assert "1 files are no clips of the recordings of one's own" in capsys.readouterr().err


def test_any_corpus_will_do_but_one_must_be_named(own: Path) -> None:
    out = io.StringIO()
    call_command("evaluate_model", "--own", str(own), "--recipe", "quick", "--jobs", "1", "--json", stdout=out)
    assert json.loads(out.getvalue())["clips"] == 12
    with pytest.raises(CommandError, match="at least one corpus: --ravdess PATH, --song PATH"):
        call_command("evaluate_model")


def test_under_actors_a_model_has_heard_who_shares_a_recording_with_somebody_it_knows(
    strangers: Path, own: Path
) -> None:
    found = figures(strangers, "--model", "quick", "--own", str(own))
    assert found["clips"] == 32 + 8  # nothing of actor 1, whatever that folder is called


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--recipe", "unheard-of"], "there is classic"),
        (["--folds", "1,2"], "two groups"),
        (["--folds", "a;b"], "actor numbers"),
        (["--model", "unheard-of"], "no model unheard-of"),
        (["--model", "quick", "--recipe", "quick"], "not allowed with"),
        (["--model", "quick", "--folds", "1;4"], "--folds"),
        (["--recipe", "quick", "--protocol", "random", "--folds", "1;4"], "--folds"),
        (["--model", "quick", "--voice"], "--voice"),
        (["--recipe", "quick", "--protocol", "random", "--voice"], "--voice"),
        (["--recipe", "quick", "--plots", "manage.py/plots"], "manage.py/plots cannot be written: Not a directory"),
        (["--protocol", "speakers"], "invalid choice"),
    ],
)
def test_options_that_make_no_sense_are_refused(miniature: Miniature, options: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        evaluate(miniature.folder, *options)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a shell runs it."""
    return subprocess.run(
        [sys.executable, "manage.py", "evaluate_model", *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "emotion_site.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_stdout_holds_one_object_and_nothing_else(strangers: Path, model_dir: Path) -> None:
    ran = run("--ravdess", str(strangers), "--model", "quick", "--json", "--jobs", "1", MODEL_DIR=str(model_dir))
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["model"] == "quick"
    assert "Extracting features" in ran.stderr


def test_the_exit_status_says_that_it_failed_without_a_traceback(miniature: Miniature, model_dir: Path) -> None:
    ran = run("--ravdess", str(miniature.folder), "--model", "quick", "--json", "--jobs", "1", MODEL_DIR=str(model_dir))
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "no honest figure" in ran.stderr
    assert "Traceback" not in ran.stderr
