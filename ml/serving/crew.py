"""One warm parent and its workers, as the web process sees them: started, handed out one clip at a time, ended."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any

from ml.serving import refusals, wire
from ml.serving.bench import Bench, Worker
from ml.serving.jobs import Answer, EngineConfig, Job, VoiceJob

logger = logging.getLogger("ml.engine")

HANDSHAKE_S = 5.0  # a parent that takes longer over a command hangs
ENDING_S = 5.0  # a parent that takes longer to kill and collect its workers hangs
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
NO_POOLS = {"JOBLIB_MULTIPROCESSING": "0"}  # none is used, and without /dev/shm joblib would say so in plain words
ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}  # each further arena reserves 64 MB of the address space that is limited
INHERITED = ("PATH", "HOME", "LANG", "LC_", "TZ", "TMPDIR", "XDG_", "PYTHON", "NUMBA_", "LD_", "DYLD_", "LIBROSA_")


class Crew:
    """One parent process with its workers.

    Parameters
    ----------
    config : EngineConfig
    on_end : callable
        Called once, from another thread, when the parent has ended.
    """

    def __init__(self, config: EngineConfig, *, on_end: Callable[[], None]) -> None:
        self.failure: str | None = None
        self.models: tuple[dict[str, Any], ...] = ()
        self.unreadable: tuple[str, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self.ready = False
        self.alive = True
        self.guests = 0
        self.in_work = 0
        self.losses = 0
        self._config = config
        self._on_end = on_end
        self._bench = Bench()
        self._settled = threading.Event()
        self._counting = threading.Condition()
        self._commanding = threading.Lock()
        self._unanswered: dict[int, float] = {}
        self._process, self._control = _start_parent()
        self._reader = threading.Thread(target=self._follow, name=f"crew-{self._process.pid}", daemon=True)
        self._reader.start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until the models are loaded, refused or overdue; whether they are loaded."""
        if not self._settled.wait(timeout_s):
            self.failure = f"The models were not loaded within {timeout_s:g} seconds."
        return self.ready

    def check_room(self, *, expected: int = 0) -> None:
        """Refuse a clip when the house is full, or will be once those who are expected have come."""
        limit = self._config.workers + self._config.waiting_room
        if self.guests + expected >= limit:
            raise refusals.busy(limit)

    def enter(self) -> None:
        """Count a clip in, or refuse it when the house is full."""
        with self._counting:
            self.check_room()
            self.guests += 1

    def leave(self) -> None:
        """Count a clip out."""
        with self._counting:
            self.guests -= 1
            self._counting.notify_all()

    def analyse(self, job: Job | VoiceJob, *, observe: Callable[[str, float], None], deadline: float) -> Answer:
        """Wait for a worker and have it analyse one clip, all before the deadline."""
        started = time.monotonic()
        worker = self._take(min(started + self._config.clip_timeout_s, deadline))
        observe("queue", time.monotonic() - started)
        with self._counting:
            self.in_work += 1
        try:
            return self._ask(worker, job, deadline)
        finally:
            with self._counting:
                self.in_work -= 1

    def turn_away(self) -> None:
        """Refuse the clips that wait for a worker."""
        self._bench.turn_away()

    def close(self, *, grace_s: float) -> None:
        """Let the clips that are in the house finish, then end the parent and its workers."""
        with self._counting:
            self._counting.wait_for(lambda: self.guests == 0 or not self.alive, grace_s)
        self._bench.close()
        if not self.ready:  # it has nothing to finish, and does not listen while it loads
            self._process.kill()
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._reader.join()

    def _take(self, deadline: float) -> Worker:
        while True:
            try:
                worker = self._bench.take(timeout_s=deadline - time.monotonic())
            except TimeoutError:
                raise refusals.busy(self._config.workers + self._config.waiting_room) from None
            if worker.is_fit:
                return worker
            self._dismiss(worker)

    def _ask(self, worker: Worker, job: Job | VoiceJob, deadline: float) -> Answer:
        timeout_s = min(self._config.timeout_s(job.options), max(deadline - time.monotonic(), 0.0))
        try:
            answer = worker.ask(job, timeout_s=timeout_s, limit_bytes=self._config.reply_limit_bytes)
        except TimeoutError:
            self._dismiss(worker)
            raise refusals.timeout(timeout_s) from None
        except (OSError, EOFError, wire.GarbledError) as error:
            self._dismiss(worker)
            raise refusals.worker_died() from error
        except BaseException:
            self._dismiss(worker)
            raise
        if answer.leaving:
            worker.close()
        else:
            self._bench.put(worker)
        return answer

    def _dismiss(self, worker: Worker) -> None:
        worker.close()
        with self._commanding, suppress(OSError):
            self._unanswered[worker.pid] = time.monotonic()
            wire.send(self._control, {"kill": worker.pid}, deadline=time.monotonic() + HANDSHAKE_S)

    def _follow(self) -> None:
        try:
            wire.send(self._control, self._config.as_dict(), deadline=time.monotonic() + HANDSHAKE_S)
            while True:
                if wait([self._control], HANDSHAKE_S):
                    header, _ = wire.receive(self._control, deadline=time.monotonic() + HANDSHAKE_S)
                    self._on_event(header)
                elif self._is_hung():
                    logger.error("The engine's parent process hangs; it is replaced.")
                    self._process.kill()
        except (OSError, EOFError, wire.GarbledError, KeyError):
            self._end()

    def _is_hung(self) -> bool:
        now = time.monotonic()
        return any(now - since > HANDSHAKE_S for since in tuple(self._unanswered.values()))

    def _on_event(self, header: dict[str, Any]) -> None:
        match header["event"]:
            case "worker":
                self._bench.put(Worker(header["pid"], wire.receive_socket(self._control)))
            case "lost":
                self.losses += 1
                self._bench.drop(header["pid"])
                logger.log(header["level"], "A worker ended: %s.", header["reason"])
            case "obeyed":
                self._unanswered.pop(header["kill"], None)
            case "ready":
                self.models, self.unreadable = tuple(header["models"]), tuple(header["unreadable"])
                self.warnings = (*self.unreadable, *header["warnings"])
                logger.info("The engine is ready; its workers are held by %s.", ", ".join(header["confined_by"]))
                self.ready = True
                self._settled.set()
            case "refused":
                self.failure = header["reason"]

    def _end(self) -> None:
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with self._commanding:
            self._control.close()
        self._bench.close()
        self.ready = self.alive = False
        self.failure = self.failure or f"The engine's parent process ended with status {self._process.returncode}."
        self._settled.set()
        with self._counting:
            self._counting.notify_all()
        self._on_end()


def _start_parent() -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                [sys.executable, "-P", "-m", "ml.serving.parent", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_environment(),
                start_new_session=True,  # Ctrl-C reaches the web process alone, which ends this one in order
            )
        except OSError:
            ours.close()
            raise
    return process, ours


def _environment() -> dict[str, str]:
    # An allowlist: the secret key of the web process is no business of a process that opens hostile files.
    inherited = {name: value for name, value in os.environ.items() if name.startswith(INHERITED)}
    python_path = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109
    return inherited | ONE_THREAD | NO_POOLS | ONE_ARENA | {"PYTHONPATH": python_path}
