"""What becomes of a site that gets more than it can do: 1, 2, 10 and 50 times its capacity, against a real gunicorn.

`python -m benchmarks.overload [--write]` prints a table, and with --write puts it into docs/performance.md. It takes
about two minutes, listens on the loopback alone, and ends what it started. Both sides share one machine: its
processors answer less than they would if the senders ran elsewhere.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import platform
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import soundfile
from threadpoolctl import threadpool_limits

from benchmarks.crowd import PATIENCE_S, Seen, probe, send
from ml.catalogue import Catalogue
from ml.engine import Engine, EngineConfig, Job
from ml.results import Prediction
from ml.store import SHIPPED_DIR
from ml.synthesis import STYLES, speak

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
HEADING = "## Under overload"

FACTORS = (1, 2, 10, 50)
READY_S = 180.0
ENOUGH = 1_000


@dataclass(frozen=True)
class Site:
    """A running gunicorn."""

    port: int
    pid: int

    @property
    def web_pid(self) -> int:
        """The process that answers."""
        return children(self.pid)[0]

    def resident_mb(self) -> float:
        """What the web process holds in memory."""
        return memory_mb(self.web_pid, "Rss")

    def total_mb(self) -> float:
        """What all processes of the site hold together; shared pages count once."""
        return sum(memory_mb(pid, "Pss") for pid in family(self.pid))


def main() -> None:
    """Run, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each level of load")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    section = "\n".join([HEADING, "", *report(asked.seconds), ""])
    print(section)
    if asked.write:
        PAGE.write_text(with_section(PAGE.read_text() if PAGE.exists() else "# Performance\n", section))


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


def clips() -> list[bytes]:
    """WAV files like recordings from a browser: four seconds of each style, 16 kHz."""
    files = []
    for seed, style in enumerate(STYLES.values()):
        clip = speak(style, seed=seed, speech_s=3.0, pause_s=0.5)
        file = io.BytesIO()
        soundfile.write(file, clip.samples, clip.rate_hz, format="WAV", subtype="PCM_16")
        files.append(file.getvalue())
    return files


def upload(audio: bytes) -> bytes:
    """A whole request, ready to send."""
    part = b'--b\r\nContent-Disposition: form-data; name="audio"; filename="clip.wav"\r\n\r\n'
    body = part + audio + b"\r\n--b--\r\n"
    lines = [
        "POST /api/v1/classify HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


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


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    """A gunicorn with the shipped models, ready, in a process group of its own that ends with this."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    changes = {"PORT": str(port), "SECRET_KEY": secrets.token_hex(32), "INSECURE_HTTP": "1", "RATE_LIMIT": "off"}
    command = [str(Path(sys.executable).with_name("gunicorn")), "--bind", f"127.0.0.1:{port}"]
    with tempfile.TemporaryFile() as log:
        environment = {**os.environ, **changes}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log, start_new_session=True)
        try:
            wait_ready(port)
            yield Site(port, process.pid)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_S)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_ready(port: int) -> None:
    """Return when the models are loaded."""
    deadline = time.monotonic() + READY_S
    ask = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            client.sendall(ask)
            if client.recv(64).startswith(b"HTTP/1.1 200"):
                return
        time.sleep(0.2)
    message = f"The site was not ready within {READY_S:g} seconds."
    raise SystemExit(message)


def cores() -> int:
    """How many processors there are."""
    return len(os.sched_getaffinity(0))


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    lists = (path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [int(child) for child in " ".join(lists).split()]


def family(pid: int) -> list[int]:
    """A process and all below it."""
    return [pid, *(member for child in children(pid) for member in family(child))]


def memory_mb(pid: int, kind: str) -> float:
    """`Rss` or `Pss` of a process, in megabytes."""
    found = re.search(rf"^{kind}:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def quantile(values: Sequence[float], share: float) -> float:
    """The value under which this share of them lies; NaN without any."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] if values else float("nan")


def with_section(page: str, section: str) -> str:
    """The page with the section in the place of its former self, or at its end."""
    found = re.search(rf"^{re.escape(HEADING)}$.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return (
        page[: found.start()] + section + "\n" * (found.end() < len(page)) + page[found.end() :]
        if found
        else f"{page.rstrip()}\n\n{section}"
    )


if __name__ == "__main__":
    main()
