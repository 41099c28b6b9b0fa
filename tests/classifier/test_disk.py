"""A full disk, a root that cannot be written, folders that are not there: the site serves, and says what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.classifier.live import ROOT, Site, free_port

NEW_MOUNTS = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec")
FULL = 'mount -t tmpfs -o size=4k none "$SCRATCH"; head -c 4096 /dev/zero > "$SCRATCH/fill" || true; exec "$0"'
READ_ONLY = 'mount --rbind / /; mount -o remount,ro,bind /; mount -t tmpfs -o ro none /tmp; exec "$0"'
NO_SHARED_MEMORY = 'mount -t tmpfs -o ro none /dev/shm; exec "$0"'
NOTHING_TO_WRITE = READ_ONLY.replace("exec", "mount -t tmpfs -o ro none /dev/shm; exec")


def may_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    attempt = subprocess.run([*NEW_MOUNTS, "mount --rbind / / && mount -o remount,ro,bind /"], capture_output=True)
    return attempt.returncode == 0


mounting = pytest.mark.skipif(not may_mount(), reason="file systems cannot be mounted here")
under_tmp = pytest.mark.skipif(ROOT.is_relative_to("/tmp"), reason="the checkout is below /tmp, which this test covers")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def site_within(static_root: Path, tmp_path: Path, scratch: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site whose disk is as the test says."""
    script, changes = request.param
    environment = {"STATIC_ROOT": str(static_root), "SCRATCH": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"}
    changes = {name: value.format(scratch=scratch) for name, value in changes.items()}
    within = (*NEW_MOUNTS, script) if script else ()
    with Site(tmp_path / "site.log", environment=environment | changes, within=within) as site:
        yield site


@pytest.mark.parametrize(
    "site_within",
    [
        pytest.param((FULL, {"NUMBA_CACHE_DIR": "{scratch}", "TMPDIR": "{scratch}"}), id="full disk", marks=mounting),
        pytest.param((READ_ONLY, {"NUMBA_CACHE_DIR": "{scratch}"}), id="read-only root", marks=[mounting, under_tmp]),
        pytest.param(("", {"NUMBA_CACHE_DIR": "/proc/nowhere"}), id="no cache folder"),
    ],
    indirect=True,
)
def test_it_serves_and_says_that_compiled_code_cannot_be_kept(site_within: Site, voice: bytes) -> None:
    site = site_within.wait_ready()
    assert site.classify(voice).status == 200
    assert "Compiled code cannot be kept" in site.get("/readyz").json["warning"]


@mounting
@pytest.mark.parametrize("site_within", [(NO_SHARED_MEMORY, {})], indirect=True)
def test_without_shared_memory_the_log_is_json_all_the_same(site_within: Site, voice: bytes) -> None:
    assert site_within.wait_ready().classify(voice).status == 200
    assert all(json.loads(line)["message"] for line in site_within.log.splitlines())


@mounting
@under_tmp
def test_commands_that_load_the_science_run_where_its_cache_cannot_be_written(scratch: Path) -> None:
    (scratch / "brought.nbi").touch()
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(scratch),
        "SCRATCH": str(scratch),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    script = READ_ONLY.replace('"$0"', '"$0" manage.py train_model --help')
    done = subprocess.run(
        [*NEW_MOUNTS, script, sys.executable], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@mounting
@under_tmp
def test_without_any_folder_to_write_to_it_says_so_and_does_not_start(static_root: Path, tmp_path: Path) -> None:
    log = tmp_path / "site.log"
    environment = {"STATIC_ROOT": str(static_root), "PYTHONDONTWRITEBYTECODE": "1", "PORT": str(free_port())}
    with Site(log, environment=environment, within=(*NEW_MOUNTS, NOTHING_TO_WRITE)) as site:
        assert site.process.wait() != 0
        assert "mount a tmpfs at /tmp or /dev/shm" in site.log
