"""What this process may use of the machine, which in a container is often less than the machine has."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
"""Where Linux says what a container may use: `cpu.max` and `memory.max` (cgroup v2), or the files of v1 below it."""


def cores() -> int:
    """How many processors this process may keep busy: those that it may run on, or fewer where its share is smaller."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = (_numbers("cpu.max"), _numbers("cpu/cpu.cfs_quota_us") + _numbers("cpu/cpu.cfs_period_us"))
    shares = [math.ceil(quota[0] / quota[1]) for quota in quotas if len(quota) > 1]
    return max(1, min([allowed, *shares]))


def memory_bytes() -> int:
    """How much memory the processes of this container, or of this machine, may take together."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = (_numbers("memory.max"), _numbers("memory/memory.limit_in_bytes"))
    return min([machine, *(limit[0] for limit in limits if limit)])


def _numbers(name: str) -> list[int]:
    """The numbers in a file of the container's group; none where it is not there or sets no limit (`max`, -1)."""
    try:
        words = (CGROUPS / name).read_text().split()
    except OSError:
        return []
    return [int(word) for word in words] if all(word.isdecimal() for word in words) else []
