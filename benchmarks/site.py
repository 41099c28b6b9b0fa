"""A real gunicorn with the shipped models, and what its processes hold in memory."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pages import ROOT

READY_S = 180.0
ENDING_S = 30.0


@dataclass(frozen=True)
class Site:
    """A running gunicorn.

    Attributes
    ----------
    port, pid : int
    started_s : float
        How long it took to be ready.
    """

    port: int
    pid: int
    started_s: float

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


@contextlib.contextmanager
def serving(**settings: str) -> Iterator[Site]:
    """A gunicorn with the shipped models, ready, in a process group of its own that ends with this."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    usual = {"PORT": str(port), "SECRET_KEY": secrets.token_hex(32), "INSECURE_HTTP": "1", "RATE_LIMIT": "off"}
    command = [str(Path(sys.executable).with_name("gunicorn")), "--bind", f"127.0.0.1:{port}"]
    with tempfile.TemporaryFile() as log:
        environment, started = {**os.environ, **usual, **settings}, time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log, start_new_session=True)
        try:
            wait_ready(port)
            yield Site(port, process.pid, time.monotonic() - started)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(ENDING_S)
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
        time.sleep(0.02)
    message = f"The site was not ready within {READY_S:g} seconds."
    raise SystemExit(message)


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
