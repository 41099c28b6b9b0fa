from __future__ import annotations

import os
import subprocess
import sys

import pytest

from emotion_site import healthcheck
from tests.classifier.conftest import site, static_root
from tests.classifier.live import Site, free_port
from tests.docs.pages import ROOT, read

__all__ = ["site", "static_root"]


def run_healthcheck(port: int | str) -> subprocess.CompletedProcess[str]:
    """As the image's HEALTHCHECK does."""
    assert '["python", "-m", "emotion_site.healthcheck"]' in read("Dockerfile")
    environment = {"PATH": os.environ["PATH"], "PORT": str(port)}
    command = [sys.executable, "-m", "emotion_site.healthcheck"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_site_that_is_ready_is_healthy(site: Site) -> None:
    done = run_healthcheck(site.port)
    assert (done.returncode, '"ready"' in done.stdout) == (0, True), done.stderr


def test_where_nothing_answers_it_is_not_and_that_is_said() -> None:
    port = free_port()
    done = run_healthcheck(port)
    assert done.returncode == 1
    assert f"does not answer on port {port}" in done.stdout


def test_a_site_that_lives_and_is_not_ready_is_not_healthy(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    assert healthcheck.ready(site.port)[0]
    monkeypatch.setattr(healthcheck, "PROBE", "/no-such-page")
    assert not healthcheck.ready(site.port)[0]


def test_it_loads_the_standard_library_alone() -> None:
    program = "import sys, emotion_site.healthcheck; print({'django', 'numpy', 'ml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
