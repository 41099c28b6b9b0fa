"""Free workers and those who wait for one."""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from concurrent.futures import Future

from ml.serving import refusals, wire
from ml.serving.jobs import Answer, Job, VoiceJob


class Worker:
    """The web process's end of one worker."""

    def __init__(self, pid: int, sock: socket.socket) -> None:
        self.pid = pid
        self._sock = sock

    @property
    def is_fit(self) -> bool:
        """Whether it lives and waits for a clip."""
        return wire.is_quiet(self._sock)

    def ask(self, job: Job | VoiceJob, *, timeout_s: float, limit_bytes: int) -> Answer:
        """Have one clip analysed; whatever this raises, the worker is of no further use."""
        deadline = time.monotonic() + timeout_s
        request = {"task": job.task, "options": job.options, "by_file": job.file is not None}
        wire.send(self._sock, request, *job.parts, deadline=deadline)
        if job.file is not None:
            wire.send_open(self._sock, job.file)
        header, _ = wire.receive(self._sock, limit=limit_bytes, deadline=deadline)
        try:
            return Answer.from_dict(header, job=job)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            message = "a frame that is not an answer"
            raise wire.GarbledError(message) from error

    def close(self) -> None:
        """Let go of it."""
        self._sock.close()


class Bench:
    """Free workers, given to those who ask in the order in which they asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: list[Worker] = []
        self._waiting: deque[Future[Worker]] = deque()
        self._closed = False

    def take(self, *, timeout_s: float) -> Worker:
        """The next free worker, or `TimeoutError`; `EngineError` when there will be none."""
        ticket: Future[Worker] = Future()
        with self._lock:
            if self._closed:
                raise refusals.not_ready()
            if self._free:
                return self._free.pop()  # the last one used has its caches warm
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
                ticket.set_exception(refusals.not_ready())

    def close(self) -> None:
        """Let go of every free worker and refuse everybody from now on."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for worker in free:
            worker.close()
        self.turn_away()
