"""Many recordings, one after another through the engine: read when their turn comes, and answered in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Protocol

from classifier.management.places import opened, read
from classifier.management.rows import Row, spelled
from ml.engine import Engine, EngineConfig, Job, VoiceJob
from ml.errors import AudioError, EngineError, UndertoneError
from ml.results import Prediction

LOST = {"worker_died", "not_ready", "busy"}  # not the recording's fault, as far as anyone can tell: tried once more


class EngineLostError(Exception):
    """The engine cannot go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every recording.

    Attributes
    ----------
    voice : str or None
        What `normal_voice` gave, for recordings that are all of that speaker.
    own_voice : bool
        Whether each recording itself shows the normal voice of its speaker.
    timeline : bool
        Whether it is asked what is heard over time.
    channels : str
        `mix`, `left`, `right` or `split`.
    """

    voice: str | None = None
    own_voice: bool = False
    timeline: bool = False
    channels: str = "mix"

    def job(self, *, audio: bytes = b"", file: BinaryIO | None = None) -> Job:
        """The question about one recording."""
        return Job(
            audio=audio,
            file=file,
            voice=self.voice,
            own_voice=self.own_voice,
            timeline=self.timeline,
            channels=self.channels,
        )

    @property
    def ahead(self) -> int:
        """Finished rows for each worker that may wait for a longer recording before them: timelines take memory."""
        return 4 if self.timeline else 32


class Analyst(Protocol):
    """Whoever analyses recordings: this machine, or a cluster."""

    @property
    def model(self) -> str:
        """Name and version of the model that answers."""

    def normal_voice(self, places: Sequence[str]) -> str:
        """What the models remember of a speaker's normal voice; raises `UndertoneError`."""

    def rows(self, places: Sequence[str], question: Question) -> Generator[Row, None, None]:
        """Analyse recordings; rows come in the order of the places. Raises `EngineLostError`."""


class ThisMachine:
    """Analyses recordings with an engine of this process.

    Parameters
    ----------
    engine : Engine
        That is ready.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def model(self) -> str:
        """Name and version of the model that answers."""
        return default_model(self._engine)

    def normal_voice(self, places: Sequence[str]) -> str:
        """What the models remember of a speaker's normal voice.

        Raises
        ------
        UndertoneError
            A file cannot be used, or all together hold too little speech.
        """
        return normal_voice(self._engine, places)

    def rows(self, places: Sequence[str], question: Question) -> Generator[Row, None, None]:
        """Analyse recordings on all workers; at most one for each is in memory.

        Raises
        ------
        EngineLostError
        """
        remaining = iter(places)
        ahead: deque[Future[Row]] = deque()
        workers = self._engine.config.workers
        threads = ThreadPoolExecutor(workers)
        try:
            while True:
                room = question.ahead * workers - len(ahead)
                ahead.extend(threads.submit(row, self._engine, place, question) for place in islice(remaining, room))
                if not ahead:
                    return
                yield ahead.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)


@contextmanager
def this_machine(config: EngineConfig) -> Iterator[ThisMachine]:
    """An analyst with all cores of this machine.

    Raises
    ------
    EngineLostError
    """
    with Engine(config) as engine:
        wait_ready(engine)
        yield ThisMachine(engine)


def wait_ready(engine: Engine) -> None:
    """Wait until the models are loaded.

    Raises
    ------
    EngineLostError
    """
    if not engine.wait_ready(engine.config.start_timeout_s):
        raise EngineLostError(engine.failure or "The models could not be loaded in time.")


def default_model(engine: Engine) -> str:
    """Name and version of the model that answers."""
    return next(f"{model['name']} {model['version']}" for model in engine.models() if model["default"])


def normal_voice(engine: Engine, places: Sequence[str]) -> str:
    """What the models remember of a speaker's normal voice; raises `UndertoneError`, which names the file at fault."""
    recordings = tuple(_read_named(place, limit_mb=engine.config.memory_budget_mb) for place in places)
    try:
        return engine.normal_voice(VoiceJob(recordings=recordings)).data
    except AudioError as error:
        number = 1 if len(places) == 1 else error.recording
        if number is None:  # it is about all of them together
            raise
        raise AudioError(error.code, f"{spelled(places[number - 1])}: {error.message}") from error


def _read_named(place: str, *, limit_mb: int) -> bytes:
    try:
        return read(place, limit_mb=limit_mb)
    except UndertoneError as error:
        raise UndertoneError(error.code, f"{spelled(place)}: {error.message}") from error


def row(engine: Engine, place: str, question: Question) -> Row:
    """Analyse one recording; what is wrong with it is in its row.

    Raises
    ------
    EngineLostError
    """
    try:
        return Row(spelled(place), _heard(engine, place, question))
    except UndertoneError as error:
        return Row(spelled(place), error)


def _heard(engine: Engine, place: str, question: Question) -> Prediction:
    if not question.timeline:
        return _hear(engine, question.job(audio=read(place, limit_mb=engine.config.memory_budget_mb)))
    with opened(place) as file:
        return _hear(engine, question.job(file=file))


def _hear(engine: Engine, job: Job) -> Prediction:
    try:
        return _ask(engine, job)
    except EngineError as error:
        if error.code not in LOST:
            raise
    return _ask(engine, job)


def _ask(engine: Engine, job: Job) -> Prediction:
    wait_ready(engine)
    return engine.classify(job)
