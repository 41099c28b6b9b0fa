"""How much memory the whole site takes, how soon it is ready, and whether its first answer is as quick as later ones.

`python -m benchmarks.footprint [--write]` prints the figures, and with --write puts them into docs/performance.md. It
takes about three minutes, listens on the loopback alone, and ends what it started. The site runs as in the image: two
workers, both shipped models, and code compiled for the plainest processor of this kind, in a cache of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import platform
import re
import statistics
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crowd import one, send
from benchmarks.pages import PAGE, ROOT, publish
from benchmarks.site import Site, children, memory_mb, serving
from benchmarks.traffic import clips, upload
from ml.machine import cores

MODELS = ("expressive", "classic")
WORKERS = 2
STARTS = 6
LATER = range(90, 110)
SCIENCE = re.compile(r"/(numpy|scipy|sklearn|librosa|llvmlite|numba|av|soundfile|soxr)[/.]")
SAMPLE_EVERY_S = 0.2


@dataclass(frozen=True)
class Start:
    """One start of the site, and the first answers of one model."""

    model: str
    ready_s: float
    first_s: float
    later_s: float


@dataclass(frozen=True)
class Memory:
    """What each process held, idle and when all together held most, and how much they did meanwhile."""

    idle_mb: dict[str, float]
    science: list[str]
    peak_mb: dict[str, float]
    goodput: float


def main() -> None:
    """Run, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the full load")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    publish("Memory and start", report(asked.seconds), write=asked.write)


def report(seconds: float) -> Iterator[str]:
    """The lines of the section."""
    with tempfile.TemporaryDirectory() as cache:
        settings = {"NUMBA_CACHE_DIR": cache, "NUMBA_CPU_NAME": "generic", "WORKERS": str(WORKERS)}
        with serving(**settings) as site:
            cold_s = site.started_s
        starts = [measure_start(settings, MODELS[number % len(MODELS)]) for number in range(STARTS)]
        memory = measure_memory(settings, seconds)
    ready_s = statistics.median(start.ready_s for start in starts)
    yield (
        f"Measured on {cores()} cores ({platform.machine()}, Python {platform.python_version()}), with {WORKERS} "
        f"workers and the models {' and '.join(MODELS)}. Memory is PSS: pages that processes share count once."
    )
    yield from ["", "| | Measured | Target |", "|---|---:|---:|"]
    yield f"| All processes, idle | {sum(memory.idle_mb.values()):.0f} MB | < 350 MB |"
    yield f"| All processes, highest under full load | {sum(memory.peak_mb.values()):.0f} MB | < 450 MB |"
    yield f"| From the start to `/readyz`, compiled code kept | {ready_s:.1f} s | < 4 s |"
    for model in MODELS:
        of_model = [start for start in starts if start.model == model]
        ratio = statistics.median(start.first_s / start.later_s for start in of_model)
        later_ms = 1000 * statistics.median(start.later_s for start in of_model)
        yield f"| First answer of `{model}`, against the hundredth ({later_ms:.0f} ms) | {ratio:.2f}× | ≤ 1.3× |"
    yield f"| Science that the web process has loaded | {', '.join(memory.science) or 'none'} | none |"
    yield ""
    for when, held_mb in (("Idle", memory.idle_mb), ("Under full load", memory.peak_mb)):
        yield f"- {when}, in MB: {', '.join(f'{name} {held:.0f}' for name, held in held_mb.items())}."
    yield f"- Full load: {4 * WORKERS} clients ask both models for {seconds:.0f} s: {memory.goodput:.0f} clips/s."
    yield f"- The very first start, which compiles, takes {cold_s:.0f} s. The image brings its code compiled."


def measure_start(settings: dict[str, str], model: str) -> Start:
    """Start the site, and ask one model a hundred times and a few."""
    request = upload(clips()[0], model=model)
    with serving(**settings) as site:
        took = [one(site.port, request) for _ in range(LATER.stop)]
    return Start(model, site.started_s, took[0], statistics.median(took[LATER.start :]))


def measure_memory(settings: dict[str, str], seconds: float) -> Memory:
    """What is held by a site that is ready, and then under full load."""
    with serving(**settings) as site:
        idle_mb, science = by_process(site), sorted(loaded(site.web_pid))
        return Memory(idle_mb, science, *full_load(site, seconds))


def by_process(site: Site) -> dict[str, float]:
    """What each process holds, from the master down."""
    web = site.web_pid
    (parent,) = children(web)
    pids = {"gunicorn's master": site.pid, "web": web, "parent of the workers": parent}
    pids |= {f"worker {number}": worker for number, worker in enumerate(children(parent), 1)}
    return {name: memory_mb(pid, "Pss") for name, pid in pids.items()}


def loaded(pid: int) -> set[str]:
    """Which scientific libraries a process has mapped."""
    return set(SCIENCE.findall(Path(f"/proc/{pid}/maps").read_text()))


def full_load(site: Site, seconds: float) -> tuple[dict[str, float], float]:
    """What was held when it was most, while all workers are busy, and how many clips a second were heard."""
    requests = [upload(clip, model=model) for clip in clips() for model in MODELS]
    seen_mb, done = [by_process(site)], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_EVERY_S):
            with contextlib.suppress(OSError):  # a worker may be replaced meanwhile
                seen_mb.append(by_process(site))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        goodput = send(site.port, requests, rate=0.0, seconds=seconds, clients=4 * WORKERS).goodput
    finally:
        done.set()
        watcher.join()
    return max(seen_mb, key=lambda memory: sum(memory.values())), goodput


if __name__ == "__main__":
    main()
