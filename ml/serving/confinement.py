"""Holds a worker: how much it may use, and what the kernel refuses it, since it opens files from the internet."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ml.serving import sandbox

OPEN_FILES = 64
STATM = "/proc/self/statm"
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def confine(*, memory_budget_mb: int, parent_pid: int) -> list[str]:
    """Limit this process for the rest of its life.

    Parameters
    ----------
    memory_budget_mb : int
        Address space that it may add to what it has now.
    parent_pid : int
        The process with which it dies.

    Returns
    -------
    list of str
        What holds; the kernel or the system may lack the rest.
    """
    measures: dict[str, Callable[[], bool]] = {
        "parent's death": lambda: _die_with(parent_pid),
        "address space": lambda: _limit_address_space(memory_budget_mb),
        "file size": lambda: _limit(resource.RLIMIT_FSIZE, 0),
        "open files": lambda: _limit(resource.RLIMIT_NOFILE, OPEN_FILES),
        "core dumps": lambda: _limit(resource.RLIMIT_CORE, 0),
        "privileges": sandbox.gain_nothing,
        "files": sandbox.forbid_files,
        "system calls": sandbox.forbid_calls,
    }
    return [name for name, measure in measures.items() if measure()]


def rearm_cpu(allowance_s: float) -> None:
    """Allow this process so much more processor time; past it the kernel ends it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime + allowance_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


class Size:
    """How much address space this process has taken since this was made; zero where the system does not say."""

    def __init__(self) -> None:
        # Opened once: a confined process opens no files.
        self._statm = os.open(STATM, os.O_RDONLY) if Path(STATM).exists() else None
        self._base = self._now()

    @property
    def growth_bytes(self) -> int:
        """Growth in bytes."""
        return self._now() - self._base

    def _now(self) -> int:
        if self._statm is None:
            return 0
        return int(os.pread(self._statm, 32, 0).split()[0]) * resource.getpagesize()


def _limit(kind: int, limit: int) -> bool:
    resource.setrlimit(kind, (limit, limit))
    return True


def _limit_address_space(budget_mb: int) -> bool:
    if not sys.platform.startswith("linux"):  # elsewhere it is not enforced, or the size is unknown
        return False
    pages = int(Path(STATM).read_text().split()[0])
    return _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + budget_mb * 2**20)


def _die_with(parent_pid: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before it was asked
        os._exit(1)
    return True
