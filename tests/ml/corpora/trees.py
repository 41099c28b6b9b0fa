"""Corpora as they are published, by name and size alone: what their readers see of them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path


def tree(root: Path, names: Iterable[str]) -> Path:
    """A folder with empty files of these names."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def archive(path: Path, names: Iterable[str]) -> Path:
    """A zip with empty files of these names."""
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, b"")
    return path
