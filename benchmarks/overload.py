"""What becomes of a site that gets more than it can do: 1, 2, 10 and 50 times its capacity, against a real gunicorn.

`python -m benchmarks.overload [--write]` prints a table, and with --write puts it into docs/performance.md. It takes
about two minutes, listens on the loopback alone, and ends what it started. Both sides share one machine: its
processors answer less than they would if the senders ran elsewhere.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from threadpoolctl import threadpool_limits

from benchmarks.crowd import Seen, probe, send
from benchmarks.pages import PAGE, ROOT, publish, quantile
from benchmarks.site import READY_S, serving
from benchmarks.traffic import clips, upload
from ml.catalogue import Catalogue
from ml.engine import Engine, EngineConfig, Job
from ml.machine import cores
from ml.results import Prediction
from ml.store import SHIPPED_DIR

FACTORS = (1, 2, 10, 50)
ENOUGH = 1_000


def main() -> None:
    """Run, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each level of load")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    publish("Under overload", report(asked.seconds), write=asked.write)


def report(seconds: float) -> Iterator[str]:
    """The lines of the section."""
    requests = [upload(clip) for clip in clips()]
    with serving() as site, ProcessPoolExecutor(2) as processes:
        send(site.port, requests, rate=0.0, seconds=3.0, clients=4)  # caches warm
        capacity = send(site.port, requests, rate=0.0, seconds=seconds, clients=2 * cores()).goodput
        yield (
            f"Measured on {cores()} cores ({platform.machine()}), the senders among them, with synthesised clips of "
            f"{len(requests[0]) / 1024:.0f} kB. Capacity, with clients that wait their turn: {capacity:.0f} clips a "
            "second. Each row offers a multiple of it, evenly, whether or not earlier requests were answered."
        )
        yield from [
            "",
            "| Load | Sent /s | Heard /s | of 1× | Heard: p50, p95, p99 | Refused: p50, p95 | `/healthz` p95 |",
        ]
        yield "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        base, strange, peak_mb = 0.0, Counter[str](), 0.0
        for factor in FACTORS:
            probing = processes.submit(probe, site.port, seconds)
            loading = processes.submit(send, site.port, requests, rate=factor * capacity, seconds=seconds)
            seen = loading.result()
            peak_mb = max(peak_mb, site.total_mb())
            base = base or seen.goodput
            strange += seen.failures + Counter(
                {str(s): len(t) for s, t in seen.answers.items() if s not in {200, 429, 503}}
            )
            yield row(factor, seen, base, probing.result())
        before_mb = site.resident_mb()
        refused, heard = many(site.port, requests)
        grown_mb = site.resident_mb() - before_mb
        yield ""
        yield f"- Answers other than 200, 429 and 503: {dict(strange) or 'none'}."
        yield f"- Memory of all processes after the worst of it: {peak_mb:.0f} MB."
        yield f"- Growth of the web process by {refused:,} more refusals and {heard:,} more clips: {grown_mb:.1f} MB."
    yield f"- What a clip takes longer in a confined process than in a call: {isolation_ms():.1f} ms (median)."


def row(factor: int, seen: Seen, base: float, probes: Sequence[float]) -> str:
    """One level of load as a row of the table."""
    heard = ", ".join(f"{quantile(seen.of(200), q) * 1000:,.0f}" for q in (0.5, 0.95, 0.99))
    refusals = seen.of(429, 503)
    refused = ", ".join(f"{quantile(refusals, q) * 1000:,.0f}" for q in (0.5, 0.95)) + " ms" if refusals else "none"
    cells = [f"{factor}×", f"{seen.sent / seen.seconds:,.0f}", f"{seen.goodput:.1f}", f"{seen.goodput / base:.0%}"]
    return f"| {' | '.join([*cells, heard + ' ms', refused, f'{quantile(probes, 0.95) * 1000:.0f} ms'])} |"


def many(port: int, requests: Sequence[bytes]) -> tuple[int, int]:
    """Have a thousand requests refused and a thousand clips heard; how many it were."""
    refused = heard = 0
    while refused < ENOUGH:
        refused += len(send(port, [upload(b"no recording")], rate=0.0, seconds=1.0, clients=4).of(415))
    while heard < ENOUGH:
        heard += len(send(port, requests, rate=0.0, seconds=2.0, clients=2 * cores()).of(200))
    return refused, heard


def isolation_ms(rounds: int = 60) -> float:
    """How much longer a clip takes through the engine than in this process, in milliseconds."""
    audio = clips()[0]
    config = EngineConfig(model_dir=SHIPPED_DIR, shipped_dir=SHIPPED_DIR, workers=1)
    here = Catalogue.load(model_dir=SHIPPED_DIR, shipped_dir=SHIPPED_DIR, default=config.default_model)
    took: dict[str, list[float]] = {"here": [], "there": []}
    with Engine(config) as engine, threadpool_limits(1):  # as in the workers
        engine.wait_ready(READY_S)
        ways: dict[str, Callable[[], Prediction]] = {
            "here": lambda: here.classify(audio),
            "there": lambda: engine.classify(Job(audio=audio)),
        }
        for name, ask in [*ways.items()] * rounds:
            started = time.perf_counter()
            ask()
            took[name].append(time.perf_counter() - started)
    return 1000 * (statistics.median(took["there"]) - statistics.median(took["here"]))


if __name__ == "__main__":
    main()
