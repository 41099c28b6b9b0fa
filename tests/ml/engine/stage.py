"""What the engine's tests share: recordings that are scripts, and a look at the processes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from ml.engine import Engine, Job

BYSTANDERS: set[int] = set()
PATIENCE_S = 30.0


class StartEngine(Protocol):
    """Starts an engine with a changed configuration."""

    def __call__(self, *, observe: Callable[[str, float], None] | None = ..., **changes: Any) -> Engine: ...


def clip(act: str, *, padding: bytes = b"", model: str | None = None, **script: Any) -> Job:
    """A recording that tells the catalogue what to do."""
    return Job(audio=json.dumps({"act": act, **script}).encode() + b"\0" + padding, model=model)


def heard(engine: Engine, job: Job) -> str:
    """What the catalogue said."""
    return engine.classify(job).why[0]


def wait_until(condition: Callable[[], object]) -> None:
    """Return as soon as a condition holds; fail if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def children(pid: int) -> list[int]:
    """The processes that a process has started and not collected."""
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except FileNotFoundError:
        return []
    return [int(child) for child in " ".join(lists).split()]


def parents() -> list[int]:
    """The parent processes of the engines that the test started: other tests' may be running in this process."""
    return [pid for pid in _all_parents() if pid not in BYSTANDERS]


def note_bystanders() -> None:
    """Remember which engines were there before the test."""
    BYSTANDERS.clear()
    BYSTANDERS.update(_all_parents())


def _all_parents() -> list[int]:
    return [pid for pid in children(os.getpid()) if is_running(pid) and b"ml.serving.parent" in _command_line(pid)]


def is_running(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


class Gate:
    """Holds clips in work until it is opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.clip = clip("wait_for", path=str(path))

    def open(self) -> None:
        self._path.touch()
