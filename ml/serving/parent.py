"""The parent that loads the models once and forks the workers: `python -m ml.serving.parent FD`, started by the engine.

The parent never touches a recording and has one thread, so that forking it is safe at any time. It ends when the web
process lets go of the control socket, and its workers end with it.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from typing import Any

from ml.errors import ModelError
from ml.serving import wire
from ml.serving.compiled import code_kept
from ml.serving.jobs import EngineConfig
from ml.serving.memory import give_back
from ml.serving.worker import work

BIRTH_S = 10.0  # a worker that takes longer to confine itself hangs
HANDED_OVER_BYTES = 2**20  # most recordings: whoever hands them over need not wait until they are read
BIRTHS_LOST = 3  # in a row: something is wrong that another attempt does not mend


class ReleasedError(Exception):
    """The web process has let go of this one."""


class Parent:
    """Keeps the configured number of workers alive.

    Parameters
    ----------
    control : socket.socket
        To the web process.
    config : EngineConfig
    """

    def __init__(self, control: socket.socket, config: EngineConfig) -> None:
        self._control = control
        self._config = config
        self._workers: set[int] = set()
        self._confined_by: list[str] = []
        self._alarm, wakeup = socket.socketpair()
        self._alarm.setblocking(False)
        wakeup.setblocking(False)
        self._wakeup = wakeup
        signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the web process decides when this one ends
            signal.signal(ending, signal.SIG_IGN)

    def run(self) -> None:
        """Load, fork, and replace what dies, until the web process is gone."""
        try:
            with code_kept() as self._code:
                self._catalogue = _load(self._config)
            gc.collect()
            give_back()
            gc.freeze()  # a collection in a worker must not write to the pages it shares
            self._fill()
            self._tell("ready", **self._introduction())
            self._watch()
        except ReleasedError:
            pass
        except Exception as error:  # noqa: BLE001 (whatever it is, the operator must learn it)
            self._refuse(error)
        finally:
            self._end_workers()

    def _introduction(self) -> dict[str, Any]:
        return {
            "models": list(self._catalogue.summaries()),
            "unreadable": self._catalogue.unreadable,
            "warnings": [*self._catalogue.warnings, *filter(None, [self._code.remark])],
            "confined_by": self._confined_by,
        }

    def _tell(self, event: str, *, hand_over: socket.socket | None = None, **facts: Any) -> None:
        try:
            wire.send(self._control, {"event": event, **facts})
            if hand_over:
                wire.send_open(self._control, hand_over)
        except OSError as error:
            raise ReleasedError from error

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, ModelError):
            traceback.print_exception(error)
        reason = str(error) if isinstance(error, ModelError) else f"{type(error).__name__}: {error}"
        with suppress(ReleasedError):
            self._tell("refused", reason=reason)

    def _fill(self) -> None:
        failures = 0
        while len(self._workers) < self._config.workers:
            failures = 0 if self._fork() else failures + 1
            if failures == BIRTHS_LOST:
                message = "The workers end before they can take a clip."
                raise RuntimeError(message)

    def _fork(self) -> bool:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, HANDED_OVER_BYTES)
        with ours, theirs:
            parent_pid = os.getpid()
            pid = os.fork()
            if pid == 0:
                work(theirs, self._catalogue, self._config, parent_pid)
            theirs.close()
            try:
                birth, _ = wire.receive(ours, deadline=time.monotonic() + BIRTH_S)
            except (EOFError, OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return False
            self._workers.add(pid)
            self._confined_by = birth["confined_by"]
            self._tell("worker", pid=pid, hand_over=ours)
        return True

    def _watch(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ, self._obey)
            selector.register(self._alarm, selectors.EVENT_READ, self._replace_dead)
            while True:
                for key, _ in selector.select():
                    key.data()

    def _obey(self) -> None:
        try:
            command, _ = wire.receive(self._control)
        except (EOFError, OSError) as error:
            raise ReleasedError from error
        if command["kill"] in self._workers:
            os.kill(command["kill"], signal.SIGKILL)
        self._tell("obeyed", kill=command["kill"])

    def _replace_dead(self) -> None:
        self._alarm.recv(4096)
        for pid, status in self._collect():
            self._tell("lost", pid=pid, **_obituary(status))
        self._fill()

    def _collect(self) -> list[tuple[int, int]]:
        ended = []
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            self._workers.discard(pid)
            ended.append((pid, status))
        return ended

    def _end_workers(self) -> None:
        for pid in self._workers:
            os.kill(pid, signal.SIGKILL)
        for pid in self._workers:
            os.waitpid(pid, 0)


def _load(config: EngineConfig) -> Any:
    module, _, name = config.catalogue.partition(":")
    catalogue = getattr(importlib.import_module(module), name)
    return catalogue.load(
        model_dir=config.model_dir,
        shipped_dir=config.shipped_dir,
        default=config.default_model,
        pinned_sha256=config.model_sha256,
    )


def _obituary(status: int) -> dict[str, Any]:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return {"reason": f"killed by {signal.Signals(-code).name}", "level": logging.WARNING}
    return {"reason": f"left with status {code}", "level": logging.INFO if code == 0 else logging.WARNING}


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as control:
        config, _ = wire.receive(control)
        Parent(control, EngineConfig.from_dict(config)).run()
