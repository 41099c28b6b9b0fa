"""What may not be read is passed over, told, and takes nothing down."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml import folders, store
from ml.errors import ModelError
from tests.ml.killed_saves import save
from tests.permissions import as_nobody, bits_bind, open_folder

__all__ = ["open_folder"]


@pytest.fixture
def roots(open_folder: Path) -> tuple[Path, Path]:
    """A folder of one's own and that of the shipped models, with one model of the same name in each."""
    own, shipped = open_folder / "own", open_folder / "shipped"
    for root, version in ((own, "a"), (shipped, "b")):
        save(root, version)
        for path in (root, *root.rglob("*")):
            path.chmod(0o755)
    return own, shipped


@bits_bind
@pytest.mark.parametrize(
    ("closed", "told"),
    [
        ("", ""),
        ("model", "model/current"),
        ("model/current", "model/current"),
        ("model/a", "model/a/manifest.json"),
        ("model/a/manifest.json", "model/a/manifest.json"),
        ("model/a/model.pkl", "model/a/model.pkl"),
    ],
)
def test_the_shipped_model_takes_the_place_of_one_that_may_not_be_read(
    roots: tuple[Path, Path], closed: str, told: str
) -> None:
    own, shipped = roots
    (own / closed).chmod(0)
    with as_nobody():
        assert store.find("model", roots=roots).folder == shipped / "model" / "b"
        assert store.names(roots) == ["model"]
        assert folders.unreadable(own) == [own / told]
        with pytest.raises(ModelError, match=f"There is no model model in {own}.* {own / told} may not be read"):
            store.find("model", roots=(own,))


def test_a_file_in_place_of_the_folder_is_passed_over_and_told(roots: tuple[Path, Path], tmp_path: Path) -> None:
    no_folder = tmp_path / "models"
    no_folder.write_text("")
    assert store.find("model", roots=(no_folder, roots[1])).manifest.version == "b"
    assert folders.unreadable(no_folder) == [no_folder]


@bits_bind
def test_what_can_be_no_model_is_not_looked_into(roots: tuple[Path, Path]) -> None:
    own, _ = roots
    (own / "lost+found").mkdir(mode=0o700)
    with as_nobody():
        assert folders.unreadable(own) == []


def test_a_folder_that_is_not_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert folders.unreadable(tmp_path / "missing") == []
    assert folders.names(tmp_path / "missing") == []


@pytest.mark.parametrize("pointer", ["", "c", "../..", "\0"])
def test_a_pointer_to_nothing_leads_nowhere(roots: tuple[Path, Path], pointer: str) -> None:
    own, _ = roots
    (own / "model" / "current").write_text(pointer)
    assert folders.version_folder(own, "model") is None
    assert folders.unreadable(own) == []
