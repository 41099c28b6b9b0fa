"""The command on a Dask cluster: a real scheduler, real worker processes, one of which is killed."""

from __future__ import annotations

import csv
import gc
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from classifier.management import cluster
from classifier.management.batch import EngineLostError
from classifier.management.cluster import Cluster
from ml.training import Trained
from tests.classifier.live import ROOT, wait_for
from tests.classifier.management.runs import Started
from tests.recordings import voice, wav

MANY = 120


@dataclass(frozen=True)
class Dask:
    """A scheduler and its workers, each a process of its own."""

    scheduler: str
    workers: list[subprocess.Popen[bytes]]


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dask", *map(str, arguments), "--host", "127.0.0.1", "--no-dashboard"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    """Two workers with one thread each."""
    file = tmp_path / "scheduler.json"
    here = ("--scheduler-file", file)
    alone = ("--nworkers", "1", "--nthreads", "1", "--no-nanny", "--local-directory", tmp_path)
    processes = [start("scheduler", "--port", "0", *here), *(start("worker", *here, *alone) for _ in range(2))]
    try:
        wait_for(file.exists, what="the scheduler")
        yield Dask(str(file), processes[1:])
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder with many recordings of two voices, and one file that is none."""
    folder = tmp_path / "many"
    folder.mkdir()
    for seed in (0, 1):
        (folder / f"{seed:03}.wav").write_bytes(wav(voice(seed=seed)))
    for number in range(2, MANY):
        shutil.copy(folder / f"{number % 2:03}.wav", folder / f"{number:03}.wav")
    (folder / "050.wav").write_text("This is no sound.")
    return folder


def records(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_killed_worker_costs_no_row_and_doubles_none(
    dask: Dask, trained: Trained, many: Path, tmp_path: Path
) -> None:
    spread, alone = tmp_path / "spread.csv", tmp_path / "alone.csv"
    run = Started(many.as_uri(), trained, "--output", spread, "--dask", dask.scheduler)
    wait_for(lambda: run.rows_in(spread) > 10, what="the first rows")
    dask.workers[0].kill()
    assert run.rows_in(spread) < MANY
    ran = run.ended()
    assert ran.status == 3, ran.err
    assert f"1 of {MANY} files could not be analysed" in ran.err
    paths = [record["path"] for record in records(spread)]
    assert paths == [(many / f"{number:03}.wav").as_uri() for number in range(MANY)]
    Started(many, trained, "--output", alone).ended()
    assert spread.read_text().replace(many.as_uri(), str(many)) == alone.read_text()


Classify = Callable[[str], str]


@pytest.fixture
def refused(tmp_path: Path) -> Classify:
    """Why the command refuses a scheduler."""
    (tmp_path / "a.wav").touch()

    def run(scheduler: str) -> str:
        # A client that found no scheduler closes itself when it is collected. Where that happens in the thread that
        # another one is about to start, both wait for each other.
        gc.collect()
        with pytest.raises(CommandError) as caught:
            call_command("classify", str(tmp_path / "a.wav"), "--dask", scheduler)
        assert caught.value.returncode == 1
        return str(caught.value)

    return run


@pytest.mark.parametrize("scheduler", ["tcp://127.0.0.1:9", "nosuchprotocol://x", "nowhere.json"])
def test_where_no_scheduler_is_a_sentence_says_so(
    refused: Classify, monkeypatch: pytest.MonkeyPatch, scheduler: str
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    assert refused(scheduler) == f"There is no Dask scheduler at {scheduler}."


def test_without_dask_a_sentence_says_how_to_get_it(refused: Classify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert refused("tcp://127.0.0.1:8786") == cluster.MISSING


class Deserted:
    """A client of a cluster whose workers are all gone."""

    def submit(self, *_: Any, **__: Any) -> Deserted:
        return self

    def result(self, timeout: float) -> Any:
        raise TimeoutError

    def nthreads(self) -> dict[str, int]:
        return {}


def test_a_cluster_without_a_worker_is_not_waited_for_forever() -> None:
    with pytest.raises(EngineLostError, match="no worker for 60 seconds"):
        Cluster(Deserted(), run=None)  # type: ignore[arg-type]
