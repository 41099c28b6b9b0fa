"""Recipes that need other corpora than RAVDESS speech, run as whoever has those corpora runs them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ml import library
from ml.emotions import GENDERED_EMOTIONS
from ml.recipes import RECIPES
from tests.miniatures import write_miniature_savee, write_miniature_song, write_miniature_tess
from tests.recordings import write_miniature_corpus


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each corpus in small, by the name of its option."""
    root = tmp_path_factory.mktemp("corpora")
    actors = (1, 2, 3, 4, 5, 6)
    write_miniature_corpus(root / "ravdess", actors=actors)
    return {
        "ravdess": root / "ravdess",
        "song": write_miniature_song(root / "song", actors=actors),
        "tess": write_miniature_tess(root / "tess"),
        "savee": write_miniature_savee(root / "savee"),
    }


def figures(corpora: dict[str, Path], recipe: str, protocol: str) -> dict[str, Any]:
    out, err = io.StringIO(), io.StringIO()
    given = [part for name in RECIPES[recipe].corpora for part in (f"--{name}", str(corpora[name]))]
    call_command(
        *("evaluate_model", *given, "--recipe", recipe, "--protocol", protocol, "--jobs", "1", "--json"),
        stdout=out,
        stderr=err,
    )
    assert "published" not in err.getvalue()
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.mark.parametrize("recipe", ["ravdess-16-forest", "ours-ravdess-16"])
def test_speech_and_song_in_sixteen_labels(corpora: dict[str, Path], recipe: str) -> None:
    found = figures(corpora, recipe, "actors")
    assert found["confusion"]["labels"] == list(GENDERED_EMOTIONS)
    assert found["clips"] == 6 * (16 + 6)
    assert found["accuracy"]["value"] > 3 / 16


@pytest.mark.parametrize("recipe", ["capstone-7-forest", "ours-capstone-7"])
def test_three_corpora_in_seven_emotions(corpora: dict[str, Path], recipe: str) -> None:
    found = figures(corpora, recipe, "random")
    assert "calm" not in found["confusion"]["labels"]
    assert sum(map(sum, found["confusion"]["rows"])) == 28  # a fifth of 6 × 14 + 28 + 28
    assert found["accuracy"]["value"] > 3 / 7


def test_a_library_that_is_missing_is_one_sentence_before_any_work(
    corpora: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    with pytest.raises(CommandError, match="This recipe needs LightGBM, not installed here: pip install lightgbm"):
        figures(corpora, "ravdess-16-v1", "actors")
