"""What runs on the workers of a Dask cluster: one engine for each worker process, with a process for each thread.

The engine brings its limits and its confinement along, so a hostile file costs its own row here too. It is started by
the first recording and stopped when the run ends; when nobody is left to end the run, it stops after a while.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

from classifier.management import batch
from classifier.management.batch import Question
from ml.engine import Engine, EngineConfig
from ml.errors import UndertoneError

IDLE_S = 300.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command, and how its engines are configured.

    Attributes
    ----------
    id : str
    config : EngineConfig
    """

    id: str
    config: EngineConfig

    @classmethod
    def of(cls, config: EngineConfig) -> Self:
        """A new run; its paths must mean the same everywhere."""
        return cls(uuid.uuid4().hex, EngineConfig.from_dict(config.as_dict()))


class Lent:
    """An engine that this worker process holds for a run."""

    def __init__(self, run: Run) -> None:
        self.engine = Engine(run.config)
        self.engine.start()
        self.users = 0
        self.timer: threading.Timer | None = None


_lent: dict[str, Lent] = {}
_lock = threading.Lock()


def row(place: str, *, run: Run, question: Question) -> dict[str, Any]:
    """Analyse one recording; its row as a dict."""
    with _engine(run) as engine:
        return batch.row(engine, place, question).as_dict()


def model(*, run: Run) -> str:
    """Name and version of the model that answers."""
    with _engine(run) as engine:
        return batch.default_model(engine)


def normal_voice(places: Sequence[str], *, run: Run) -> dict[str, str]:
    """What the models remember of a speaker's normal voice (`data`), or the `code` and `message` of what is wrong."""
    with _engine(run) as engine:
        try:
            return {"data": batch.normal_voice(engine, places)}
        except UndertoneError as error:
            return {"code": error.code, "message": error.message}


def dismiss(run_id: str) -> None:
    """Stop the engine of a run that is over."""
    with _lock:
        lent = _lent.pop(run_id, None)
    if lent:
        lent.engine.stop(grace_s=0.0)


def _dismiss_idle(run_id: str) -> None:
    with _lock:
        lent = _lent.get(run_id)
        idle = lent is not None and not lent.users
    if idle:
        dismiss(run_id)


@contextmanager
def _engine(run: Run) -> Iterator[Engine]:
    from distributed import get_worker

    with _lock:
        if run.id not in _lent:
            threads = get_worker().state.nthreads
            _lent[run.id] = Lent(replace(run, config=replace(run.config, workers=threads)))
        lent = _lent[run.id]
        lent.users += 1
        if lent.timer:
            lent.timer.cancel()
    try:
        batch.wait_ready(lent.engine)
        yield lent.engine
    finally:
        with _lock:
            lent.users -= 1
            if not lent.users:
                lent.timer = threading.Timer(IDLE_S, _dismiss_idle, [run.id])
                lent.timer.daemon = True
                lent.timer.start()
