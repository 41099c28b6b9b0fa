"""What the Makefile's commands would do: those that would change this checkout are asked only."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


def planned(*asked: str) -> str:
    """What make would run."""
    return subprocess.run(["make", "--dry-run", *asked], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_run_listens_on_this_machine_only() -> None:
    assert '.venv/bin/gunicorn --bind "127.0.0.1:9123"' in planned("run", "PORT=9123")


def test_clean_keeps_the_secret_key() -> None:
    removed = planned("clean").split()
    assert {".venv", "node_modules", "staticfiles", "reports"} < set(removed)
    assert ".secret-key" not in removed


@pytest.mark.parametrize(("docker", "asks"), [("docker", False), ("podman", True), ("/usr/bin/podman", True)])
def test_podman_is_asked_for_a_format_that_knows_healthcheck(docker: str, asks: bool) -> None:
    assert (f"{docker} build --format docker " in planned("image", f"DOCKER={docker}")) == asks
