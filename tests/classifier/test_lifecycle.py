"""A site from its start to its end: probes, signals, and what is left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emotion_site import settings
from tests.classifier.conftest import StartSite, wav
from tests.classifier.live import ROOT, Site, wait_for
from tests.permissions import WITHIN, bits_bind, closed_folder

__all__ = ["closed_folder"]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A model folder of a deployment's own, with a copy of the shipped model."""
    folder = tmp_path / "models"
    shutil.copytree(settings.MODEL_DIR, folder)
    return folder


def descendants(pid: int) -> set[int]:
    """The processes that a process started, and those that they started."""
    listing = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = (line.split() for line in listing.splitlines())
    parents = {int(child): int(parent) for child, parent in pairs}
    found: set[int] = set()
    while grown := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= grown
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def served_version(site: Site) -> str:
    return str(site.get("/readyz").json["models"][0]["version"])


def test_a_starting_site_lives_but_is_not_ready(start_site: StartSite, voice: bytes) -> None:
    site = start_site().wait_alive()
    answers = [site.get("/readyz"), site.classify(voice), site.get("/api/v1/models")]
    if served := [answer for answer in answers if answer.status == 200]:
        pytest.skip(f"the models were ready before {len(served)} of 3 questions were asked")
    assert {(answer.status, answer.code) for answer in answers} == {(503, "not_ready")}
    assert all(answer.headers["retry-after"] for answer in answers)


@bits_bind
def test_models_that_may_not_be_read_leave_the_shipped_ones_serving(
    start_site: StartSite, closed_folder: Path, voice: bytes
) -> None:
    site = start_site(within=WITHIN, MODEL_DIR=str(closed_folder)).wait_ready()
    assert site.classify(voice).status == 200
    told = f"{closed_folder} may not be read by the user that runs this."
    assert told in site.get("/readyz").json["warning"]
    assert told in [json.loads(line)["message"] for line in site.log.splitlines()]


def test_the_site_serves_its_pages_while_no_model_can_be_loaded(start_site: StartSite) -> None:
    site = start_site(EMOTION_MODEL="missing").wait_alive()
    wait_for(lambda: "missing" in site.get("/readyz").json["error"]["message"], what="the reason")
    assert site.get("/").status == 200
    assert site.get("/readyz").status == 503


def test_probes_answer_any_host_over_plain_http(start_site: StartSite) -> None:
    site = start_site(INSECURE_HTTP="0").wait_alive()
    assert site.get("/healthz", Host="10.1.2.3:9999").status == 200
    assert site.get("/readyz", Host="10.1.2.3:9999").status in {200, 503}
    assert site.get("/", Host="localhost").status == 301
    assert site.get("/", Host="10.1.2.3").status == 400


def test_who_asks_for_a_reload_again_and_again_gets_one_more(start_site: StartSite) -> None:
    site = start_site(RATE_LIMIT="off").wait_ready()
    for _ in range(10):
        site.process.send_signal(signal.SIGHUP)
        time.sleep(0.05)
    wait_for(lambda: b"undertone_parent_restarts_total 2.0" in site.get("/metrics").body, what="two reloads")
    time.sleep(3)
    assert b"undertone_parent_restarts_total 2.0" in site.get("/metrics").body


def test_sighup_swaps_the_models_without_downtime(start_site: StartSite, models: Path, voice: bytes) -> None:
    site = start_site(MODEL_DIR=str(models), RATE_LIMIT="off").wait_ready()
    before = served_version(site)
    model = models / settings.EMOTION_MODEL
    shutil.copytree(model / before, model / "renewed")
    manifest = model / "renewed" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(before, "renewed"))
    (model / "current").write_text("renewed")
    with ThreadPoolExecutor(1) as background:
        site.process.send_signal(signal.SIGHUP)
        statuses = background.submit(
            lambda: {site.classify(voice).status for _ in range(1000) if served_version(site) != "renewed"}
        )
        wait_for(lambda: served_version(site) == "renewed", what="the new version")
        assert statuses.result() <= {200}
    assert site.classify(voice).json["model"]["version"] == "renewed"


def test_sighup_with_a_damaged_model_keeps_the_old_one_and_warns(
    start_site: StartSite, models: Path, voice: bytes
) -> None:
    site = start_site(MODEL_DIR=str(models)).wait_ready()
    before = served_version(site)
    model = models / settings.EMOTION_MODEL
    shutil.copytree(model / before, model / "damaged")
    (model / "damaged" / "model.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    (model / "current").write_text("damaged")
    site.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "warning" in site.get("/readyz").json, what="the warning")
    answer = site.get("/readyz")
    assert answer.status == 200
    assert "refused" in answer.json["warning"]
    assert "refused" in site.log
    assert site.classify(voice).json["model"]["version"] == before


def test_sigterm_finishes_what_is_in_work_and_leaves_no_process(start_site: StartSite) -> None:
    site = start_site(RATE_LIMIT="off").wait_ready()
    children = descendants(site.process.pid)
    with ThreadPoolExecutor(1) as background:
        long = wav(500, rate_hz=16_000, amplitude=9000)
        answer = background.submit(site.classify, long)
        wait_for(lambda: b"undertone_clips_in_work 1.0" in site.get("/metrics").body, what="the clip to be in work")
        assert site.stop() == 0
        assert answer.result().status in {200, 422}
    wait_for(lambda: not any(map(is_running, children)), what="its processes to end")


def test_the_web_process_loads_no_science() -> None:
    program = (
        "import sys, emotion_site.wsgi\n"
        "assert {'emotion_site.urls', 'classifier.api'} <= sys.modules.keys(), 'the first visitor would wait'\n"
        "heavy = {'numpy', 'scipy', 'librosa', 'sklearn', 'soundfile', 'av', 'soxr', 'numba'} & sys.modules.keys()\n"
        "print(sorted(heavy))\n"
        "from classifier import services; services.stop(grace_s=0)\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "emotion_site.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
