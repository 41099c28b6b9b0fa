"""The real RAVDESS, where RAVDESS_DIR says it is: skipped without it, failed without it where REQUIRE_CORPUS=1."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ml.corpora import Corpus
from ml.corpora.ravdess import read_ravdess


@pytest.fixture(scope="session")
def ravdess() -> Corpus:
    """The speech part of RAVDESS, from a folder or the published zip."""
    path = os.environ.get("RAVDESS_DIR")
    if path:
        return read_ravdess(Path(path))
    reason = "RAVDESS_DIR does not say where the corpus is (manage.py fetch_ravdess downloads it)"
    if os.environ.get("REQUIRE_CORPUS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
