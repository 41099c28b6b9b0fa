from __future__ import annotations

import os
from pathlib import Path

import pytest

from ml import machine

WHOLE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.fixture(autouse=True)
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A container's control group, without limits."""
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    (tmp_path / "cpu").mkdir()
    (tmp_path / "memory").mkdir()
    return tmp_path


def test_without_limits_the_whole_machine_is_ours(container: Path) -> None:
    assert (machine.cores(), machine.memory_bytes()) == (8, WHOLE)
    (container / "cpu.max").write_text("max 100000\n")
    (container / "memory.max").write_text("max\n")
    assert (machine.cores(), machine.memory_bytes()) == (8, WHOLE)


@pytest.mark.parametrize(("share", "cores"), [("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1)])
def test_a_share_of_the_processors_counts_begun_ones(container: Path, share: str, cores: int) -> None:
    (container / "cpu.max").write_text(share)
    assert machine.cores() == cores


def test_a_limit_of_memory_is_seen(container: Path) -> None:
    (container / "memory.max").write_text(f"{512 * 2**20}\n")
    assert machine.memory_bytes() == 512 * 2**20


def test_older_kernels_say_it_elsewhere(container: Path) -> None:
    (container / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    (container / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    (container / "memory" / "memory.limit_in_bytes").write_text(f"{2**63 - 4096}\n")
    assert (machine.cores(), machine.memory_bytes()) == (8, WHOLE)
    (container / "cpu" / "cpu.cfs_quota_us").write_text("300000\n")
    (container / "memory" / "memory.limit_in_bytes").write_text(f"{2**28}\n")
    assert (machine.cores(), machine.memory_bytes()) == (3, 2**28)
