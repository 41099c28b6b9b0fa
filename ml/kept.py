"""Numbers kept on disk between runs, one array a file: never half written, and a damaged one counts as none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def read(path: Path) -> npt.NDArray[Any] | None:
    """What an earlier run wrote there; None where it did not, or where the file is damaged."""
    try:
        with path.open("rb") as file:
            array: npt.NDArray[Any] = np.lib.format.read_array(file)
    except (OSError, ValueError):
        return None
    return array


def write(path: Path, array: npt.NDArray[Any]) -> None:
    """Keep an array, so that a kill at any moment leaves all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}-{os.getpid()}.npy")
    np.save(unfinished, array)
    unfinished.replace(path)
