"""Many recordings, one after another through the engine: found, read when their turn comes, and answered in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from classifier.management.rows import Row, spelled
from ml.engine import Engine, Job, VoiceJob
from ml.errors import EngineError, UndertoneError
from ml.results import Prediction

ENDINGS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".mp4", ".aac", ".webm")
MEGABYTE = 1024 * 1024
AHEAD = 32  # finished rows for each worker that may wait for a longer recording before them
LOST = {"worker_died", "not_ready", "busy"}  # not the recording's fault, as far as anyone can tell: tried once more


class EngineLostError(Exception):
    """The engine cannot go on; the message says why."""


def audio_files(places: Iterable[Path], *, recursive: bool) -> Iterator[str]:
    """The files that were named, and those in the folders that were named which are called like audio."""
    for place in places:
        if place.is_dir():
            yield from _in_folder(place, recursive=recursive)
        else:
            yield str(place)


def _in_folder(folder: Path, *, recursive: bool) -> Iterator[str]:
    for parent, below, names in os.walk(folder):
        below[:] = sorted(below) if recursive else []
        for name in sorted(names):
            if name.lower().endswith(ENDINGS) and not name.startswith("._"):  # `._` holds what macOS knows of a file
                yield str(Path(parent, name))


def analyse(engine: Engine, paths: Sequence[str], *, voice: str | None = None) -> Generator[Row, None, None]:
    """Analyse files on all workers; rows come in the order of the paths.

    At most one recording for each worker is in memory.

    Parameters
    ----------
    engine : Engine
    paths : sequence of str
    voice : str, optional
        What `normal_voice` gave, for recordings that are all of that speaker.

    Raises
    ------
    EngineLostError
    """
    remaining = iter(paths)
    ahead: deque[Future[Row]] = deque()
    threads = ThreadPoolExecutor(engine.config.workers)
    try:
        while True:
            room = AHEAD * engine.config.workers - len(ahead)
            ahead.extend(threads.submit(_row, engine, path, voice) for path in islice(remaining, room))
            if not ahead:
                return
            yield ahead.popleft().result()
    finally:
        threads.shutdown(cancel_futures=True)


def normal_voice(engine: Engine, paths: Sequence[str]) -> str:
    """What the models remember of a speaker's normal voice, from files with ordinary speech.

    Raises
    ------
    UndertoneError
        A file cannot be used, or all together hold too little speech.
    """
    recordings = tuple(_read(path, limit_mb=engine.config.memory_budget_mb) for path in paths)
    return engine.normal_voice(VoiceJob(recordings=recordings)).data


def _row(engine: Engine, path: str, voice: str | None) -> Row:
    try:
        job = Job(audio=_read(path, limit_mb=engine.config.memory_budget_mb), voice=voice)
        return Row(spelled(path), _hear(engine, job))
    except UndertoneError as error:
        return Row(spelled(path), error)


def _read(path: str, *, limit_mb: int) -> bytes:
    """A file, unless it is larger than what a worker may use."""
    try:
        with Path(path).open("rb") as file:
            fits = os.fstat(file.fileno()).st_size <= limit_mb * MEGABYTE
            audio = file.read() if fits else b""
    except OSError as error:
        raise UndertoneError("unreadable", f"This file cannot be read ({error.strerror}).") from error
    if not fits:
        message = f"This file is larger than {limit_mb} MB. Please cut it into shorter parts or compress it."
        raise UndertoneError("too_large", message)
    if not audio:
        raise UndertoneError("empty_upload", "This file is empty.")
    return audio


def _hear(engine: Engine, job: Job) -> Prediction:
    try:
        return _ask(engine, job)
    except EngineError as error:
        if error.code not in LOST:
            raise
    return _ask(engine, job)


def _ask(engine: Engine, job: Job) -> Prediction:
    if not engine.wait_ready(engine.config.start_timeout_s):
        raise EngineLostError(engine.failure or "The models could not be loaded in time.")
    return engine.classify(job)
