"""Folders of models as they lie on disk: which version is served, and what may not be read or written.

No model is opened here, and the standard library is enough, so that the web process can look too.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
CURRENT = "current"
MANIFEST = "manifest.json"
PICKLE = "model.pkl"


def version_folder(root: Path, name: str, version: str | None = None) -> Path | None:
    """Where a version lies, by default the one that is served; None where it is not there or may not be read."""
    try:
        folder = root / name / (version or (root / name / CURRENT).read_text("utf-8").strip())
        found = os.access(folder / MANIFEST, os.R_OK)
        closed = os.access(folder / PICKLE, os.F_OK) and not os.access(folder / PICKLE, os.R_OK)
    except (OSError, ValueError):
        return None
    return folder if found and not closed else None


def names(root: Path) -> list[str]:
    """The models of a folder that have a version to serve."""
    try:
        return sorted(path.name for path in root.iterdir() if os.path.exists(path / CURRENT))  # noqa: PTH110 (no error)
    except OSError:
        return []


def unreadable(root: Path) -> list[Path]:
    """What of a folder of models may not be read: the folder itself, or the first such file of each model."""
    try:
        models = [path for path in sorted(root.iterdir()) if NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    except OSError:
        return [root]
    return [closed for model in models if (closed := _closed(model))]


def _closed(model: Path) -> Path | None:
    try:
        folder = model / (model / CURRENT).read_text("utf-8").strip()
        for file in (folder / MANIFEST, folder / PICKLE):
            file.open("rb").close()
    except PermissionError as error:
        return Path(error.filename)
    except (OSError, ValueError):  # no model, or one that is refused for what it is
        return None
    return None


def why_unwritable(folder: Path) -> str:
    """Why a folder cannot be made or written, in the system's words; empty where it can."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
