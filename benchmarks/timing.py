"""Fair timing: ways take turns on the same clips in one process with one thread, and the machine is named."""

from __future__ import annotations

import platform
import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from ml.machine import cores

T = TypeVar("T")

LIBRARIES = ("numpy", "scipy", "librosa", "scikit-learn")


def machine() -> str:
    """Processor, cores, Python and the libraries that do the work."""
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    name = found[1].strip() if found else platform.machine()
    libraries = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    return f"{cores()} cores of an {name}, Python {platform.python_version()}, {libraries}"


def side_by_side(ways: Mapping[str, Callable[[T], object]], items: Sequence[T], *, rounds: int) -> dict[str, float]:
    """Milliseconds an item that each way takes: each item's quickest round, so that other programs count for little."""
    best = {name: [float("inf")] * len(items) for name in ways}
    for _ in range(rounds):
        for number, item in enumerate(items):
            for name, way in ways.items():
                best[name][number] = min(best[name][number], seconds_of(way, item))
    return {name: 1000 * statistics.mean(seconds) for name, seconds in best.items()}


def seconds_of(way: Callable[[T], object], item: T) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    way(item)
    return time.perf_counter() - started
