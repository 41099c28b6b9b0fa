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
    start: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/nowhere")
    engine = start()
    assert engine.wait_ready(PATIENCE_S)
    assert "cannot be kept in /proc/nowhere" in (engine.warning or "")
    other = json.loads(heard(engine, clip("environment")))["NUMBA_CACHE_DIR"]
    assert other != "/proc/nowhere"
    assert not Path(other).exists()


def test_what_was_compiled_before_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept.nbi").write_text("compiled")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiled, "_has_room", lambda folder: folder != tmp_path)
    with compiled.code_kept():
        assert (Path(os.environ["NUMBA_CACHE_DIR"]) / "kept.nbi").read_text() == "compiled"


def test_without_room_anywhere_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_has_room", lambda _: False)
    with pytest.raises(ModelError, match="mount a tmpfs"), compiled.code_kept():
        pass
