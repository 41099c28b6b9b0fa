"""The engine gives numba a folder that it can write, whatever the disk is like."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ml.errors import ModelError
from ml.serving import compiled
from tests.ml.engine.stage import PATIENCE_S, StartEngine, clip, heard


def test_a_cache_that_can_be_written_is_used(
    start: StartEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "new"))
    engine = start()
    assert engine.wait_ready(PATIENCE_S)
    assert engine.warning is None
    assert json.loads(heard(engine, clip("environment")))["NUMBA_CACHE_DIR"] == str(tmp_path / "new")


def test_in_the_place_of_one_that_cannot_there_is_another_until_all_is_loaded(
    start: StartEngine, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (models / "compiles").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/nowhere")
    engine = start()
    assert engine.wait_ready(PATIENCE_S)
    assert "cannot be kept in /proc/nowhere" in (engine.warning or "")
    other = json.loads(heard(engine, clip("environment")))["NUMBA_CACHE_DIR"]
    assert other != "/proc/nowhere"
    assert not Path(other).exists()


@pytest.fixture
def read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of an image, which brings compiled code and cannot be written."""
    (tmp_path / "kept.nbi").write_text("compiled")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiled, "_has_room", lambda folder: folder != tmp_path)
    return tmp_path


@pytest.mark.usefixtures("read_only")
def test_what_was_compiled_before_is_found_again_and_nothing_is_remarked() -> None:
    with compiled.code_kept() as kept:
        assert (Path(os.environ["NUMBA_CACHE_DIR"]) / "kept.nbi").read_text() == "compiled"
    assert kept.remark is None


def test_what_had_to_be_compiled_again_is_remarked(read_only: Path) -> None:
    with compiled.code_kept() as kept:
        (Path(os.environ["NUMBA_CACHE_DIR"]) / "new.nbi").touch()
    assert f"cannot be kept in {read_only}" in (kept.remark or "")


def test_without_room_anywhere_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_has_room", lambda _: False)
    with pytest.raises(ModelError, match="mount a tmpfs"), compiled.code_kept():
        pass
