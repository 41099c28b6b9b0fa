"""Saves a second version over and over, each time killed one file operation later; for `test_store.py`.

A process of its own, since it forks: `python -m tests.ml.killed_saves FOLDER` makes FOLDER/0, FOLDER/1 … and ends when
a save came through.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path
from typing import Any

from ml import store
from tests.ml.manifests import described

FILE_EVENTS = {"open", "os.mkdir", "os.rename", "os.rmdir", "os.remove", "shutil.rmtree"}


def save(root: Path, version: str, *, name: str = "model") -> None:
    """A version whose estimator is its own name."""
    store.save(
        root, estimator=version, manifest=described(name=name, version=version), training={"clips": [], "speakers": []}
    )


def die_at(step: int, root: Path) -> None:
    """SIGKILL this process just before its file operation of this number below the root."""
    left = itertools.count(step, -1)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in FILE_EVENTS and str(root) in str(arguments[0]) and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def save_until_step(step: int, folder: Path) -> bool:
    """Whether the save outlived its steps."""
    root = folder / str(step)
    save(root, "old")
    child = os.fork()
    if child == 0:
        die_at(step, root)
        save(root, "young")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


if __name__ == "__main__":
    next(step for step in itertools.count() if save_until_step(step, Path(sys.argv[1])))
