"""Two models that answer, so that there is a second opinion whatever is shipped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.classifier.live import ROOT


def two_models(folder: Path) -> Path:
    """The shipped `classic`, and the same once more under the name `second`."""
    shipped = ROOT / "ml" / "models" / "classic"
    for name in ("classic", "second"):
        version = (shipped / "current").read_text().strip()
        copy = folder / name / version
        shutil.copytree(shipped / version, copy)
        shutil.copy(shipped / "current", folder / name / "current")
        manifest = json.loads((copy / "manifest.json").read_text())
        (copy / "manifest.json").write_text(json.dumps({**manifest, "name": name}))
    return folder
