"""One warm parent and its workers, as the web process sees them: started, handed out one clip at a time, ended."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any

from ml import wire
from ml.errors import EngineError
from ml.jobs import Answer, EngineConfig, Job

logger = logging.getLogger(__name__)

HANDSHAKE_S = 5.0  # a parent that takes longer over a command hangs
ENDING_S = 5.0  # a parent that takes longer to kill and collect its workers hangs
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}  # each further arena reserves 64 MB of the address space that is limited
INHERITED = ("PATH", "HOME", "LANG", "LC_", "TZ", "TMPDIR", "XDG_", "PYTHON", "NUMBA_", "LD_", "DYLD_", "LIBROSA_")


class Worker:
    """The web process's end of one worker."""

    def __init__(self, pid: int, sock: socket.socket) -> None:
        self.pid = pid
        self._sock = sock

    @property
    def is_fit(self) -> bool:
        """Whether it lives and waits for a clip."""
        return wire.is_quiet(self._sock)

    def ask(self, job: Job, *, timeout_s: float) -> Answer:
        """Have one clip analysed; whatever this raises, the worker is of no further use."""
        deadline = time.monotonic() + timeout_s
        wire.send(self._sock, {"options": job.options}, job.audio, deadline=deadline)
        header, _ = wire.receive(self._sock, limit=wire.REPLY_LIMIT_BYTES, deadline=deadline)
        try:
            return Answer.from_dict(header)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = "a frame that is not an answer"
            raise wire.GarbledError(message) from error

    def close(self) -> None:
        """Let go of it."""
        self._sock.close()


class Bench:
    """Free workers, handed out in the order in which they were asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: deque[Worker] = deque()
        self._waiting: deque[Future[Worker]] = deque()
        self._closed = False

    def take(self, *, timeout_s: float) -> Worker:
        """The next free worker, or `TimeoutError`; `EngineError` when there will be none."""
        ticket: Future[Worker] = Future()
        with self._lock:
            if self._closed:
                raise not_ready()
            if self._free:
                return self._free.popleft()
            self._waiting.append(ticket)
        try:
            return ticket.result(timeout_s)
        except TimeoutError:
            if ticket.cancel():
                raise
            return ticket.result()

    def put(self, worker: Worker) -> None:
        """Make a worker available."""
        with self._lock:
            while self._waiting:
                ticket = self._waiting.popleft()
                if ticket.set_running_or_notify_cancel():
                    ticket.set_result(worker)
                    return
            if not self._closed:
                self._free.append(worker)
                return
        worker.close()

    def drop(self, pid: int) -> None:
        """Forget a worker that died while it was free."""
        with self._lock:
            lost = [worker for worker in self._free if worker.pid == pid]
            for worker in lost:
                self._free.remove(worker)
                worker.close()

    def turn_away(self) -> None:
        """Refuse those who wait."""
        with self._lock:
            waiting, self._waiting = self._waiting, deque()
        for ticket in waiting:
            if ticket.set_running_or_notify_cancel():
                ticket.set_exception(not_ready())

    def close(self) -> None:
        """Let go of every free worker and refuse everybody from now on."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, deque()
        for worker in free:
            worker.close()
        self.turn_away()


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
        self._doomed: dict[int, float] = {}
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = _start_parent(theirs)
        wire.send(self._control, config.as_dict())
        self._reader = threading.Thread(target=self._follow, name=f"crew-{self._process.pid}", daemon=True)
        self._reader.start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until the models are loaded, refused or overdue; whether they are loaded."""
        if not self._settled.wait(timeout_s):
            self.failure = f"The models were not loaded within {timeout_s:g} seconds."
        return self.ready

    def enter(self) -> None:
        """Count a clip in, or refuse it when the house is full."""
        limit = self._config.workers + self._config.waiting_room
        with self._counting:
            if self.guests >= limit:
                raise _busy(limit)
            self.guests += 1

    def leave(self) -> None:
        """Count a clip out."""
        with self._counting:
            self.guests -= 1
            self._counting.notify_all()

    def analyse(self, job: Job, *, observe: Callable[[str, float], None]) -> Answer:
        """Wait for a worker and have it analyse one clip."""
        started = time.monotonic()
        worker = self._take()
        observe("queue", time.monotonic() - started)
        with self._counting:
            self.in_work += 1
        try:
            return self._ask(worker, job)
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
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._reader.join()

    def _take(self) -> Worker:
        deadline = time.monotonic() + self._config.clip_timeout_s
        while True:
            try:
                worker = self._bench.take(timeout_s=deadline - time.monotonic())
            except TimeoutError:
                raise _busy(self._config.workers + self._config.waiting_room) from None
            if worker.is_fit:
                return worker
            self._dismiss(worker)

    def _ask(self, worker: Worker, job: Job) -> Answer:
        try:
            answer = worker.ask(job, timeout_s=self._config.clip_timeout_s)
        except TimeoutError:
            self._dismiss(worker)
            raise _timeout(self._config.clip_timeout_s) from None
        except (OSError, EOFError, wire.GarbledError) as error:
            self._dismiss(worker)
            raise _worker_died() from error
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
            self._doomed[worker.pid] = time.monotonic()
            wire.send(self._control, {"kill": worker.pid}, deadline=time.monotonic() + HANDSHAKE_S)

    def _follow(self) -> None:
        try:
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
        return any(now - since > HANDSHAKE_S for since in tuple(self._doomed.values()))

    def _on_event(self, header: dict[str, Any]) -> None:
        match header["event"]:
            case "worker":
                self._bench.put(Worker(header["pid"], wire.receive_socket(self._control)))
            case "lost":
                self.losses += 1
                self._doomed.pop(header["pid"], None)
                self._bench.drop(header["pid"])
                logger.log(header["level"], "A worker ended: %s.", header["reason"])
            case "ready":
                self.models, self.warnings = tuple(header["models"]), tuple(header["warnings"])
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


def not_ready() -> EngineError:
    """The error of an engine that starts, recovers or stops."""
    return EngineError("not_ready", "The service is not ready yet. Please try again in a few seconds.")


def _busy(limit: int) -> EngineError:
    message = f"Too many recordings are being analysed right now (at most {limit} at once). Please try again soon."
    return EngineError("busy", message)


def _timeout(limit_s: float) -> EngineError:
    message = f"The analysis took longer than {limit_s:g} seconds and was stopped. Please try a shorter recording."
    return EngineError("timeout", message)


def _worker_died() -> EngineError:
    message = "The analysis of this recording broke off. Please try again; if it happens twice, save it as WAV first."
    return EngineError("worker_died", message)


def _start_parent(control: socket.socket) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches the web process alone, which ends the parent in order.
    command = [sys.executable, "-P", "-m", "ml.workers", str(control.fileno())]
    return subprocess.Popen(  # noqa: S603 (our own interpreter and module)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[control.fileno()],
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    # An allowlist: the secret key of the web process is no business of a process that opens hostile files.
    inherited = {name: value for name, value in os.environ.items() if name.startswith(INHERITED)}
    python_path = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109
    return inherited | ONE_THREAD | ONE_ARENA | {"PYTHONPATH": python_path}
