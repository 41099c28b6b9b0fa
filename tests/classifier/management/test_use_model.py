"""`manage.py use_model`: rolling back, and forward again."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ml import store
from tests.ml.killed_saves import save
from tests.permissions import as_nobody, bits_bind, open_folder

__all__ = ["open_folder"]


@pytest.fixture
def models(settings: Settings, tmp_path: Path) -> Path:
    """A model in two versions, of which the second is served."""
    for version in ("first", "second"):
        save(tmp_path, version)
    settings.MODEL_DIR = tmp_path
    return tmp_path


def use(*arguments: str) -> str:
    out = io.StringIO()
    call_command("use_model", *arguments, stdout=out)
    return out.getvalue()


def served(models: Path) -> str:
    return store.find("model", roots=(models,)).manifest.version


def test_it_rolls_back_and_forward_again(models: Path) -> None:
    assert served(models) == "second"
    assert "model first is the version to serve" in use("model", "first")
    assert served(models) == "first"
    use("model", "second")
    assert served(models) == "second"


@pytest.mark.parametrize("version", ["third", "", "..", "../model/first", "current"])
def test_a_version_that_is_not_there_is_refused_with_those_that_are(models: Path, version: str) -> None:
    with pytest.raises(CommandError, match="there is first, second"):
        use("model", version)
    assert served(models) == "second"


@bits_bind
@pytest.mark.parametrize(("folder", "mode"), [("model", 0o555), ("", 0)])
def test_a_folder_that_may_not_be_written_or_read_is_told_in_a_sentence(
    settings: Settings, open_folder: Path, folder: str, mode: int
) -> None:
    save(open_folder, "first")
    settings.MODEL_DIR = open_folder
    (open_folder / "model" / "first").chmod(0o755)
    (open_folder / folder).chmod(mode)
    with as_nobody(), pytest.raises(CommandError, match=rf"in {open_folder} cannot be changed: Permission denied\."):
        use("model", "first")


@pytest.mark.parametrize("name", ["unheard-of", "..", ""])
def test_a_model_that_is_not_there_is_refused(models: Path, name: str) -> None:
    with pytest.raises(CommandError, match="There is no"):
        use(name, "first")
