"""The door to the recogniser for whoever must stay light and alive: the web process and the command line.

One parent process verifies, loads and warms the models, and forks the workers that decode and analyse; nothing of that
happens here, so this module imports the standard library alone. A pool library such as pebble does not fit: it forks
its workers from the web process, with its threads and without the models, or spawns them, and then they share nothing.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Any, Self, cast

from ml.errors import UndertoneError
from ml.results import NormalVoice, Prediction
from ml.serving import refusals
from ml.serving.crew import Crew
from ml.serving.jobs import EngineConfig, Job, VoiceJob

__all__ = ["Engine", "EngineConfig", "EngineStats", "Job", "VoiceJob"]

logger = logging.getLogger(__name__)

STEADY_S = 5.0  # a parent that ends sooner is started again with a growing pause
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 15.0


@dataclass(frozen=True, kw_only=True)
class EngineStats:
    """What the engine is doing, for `/metrics`.

    Attributes
    ----------
    workers : int
        How many there should be.
    in_work, queued : int
        Clips being analysed, and clips waiting for a worker.
    worker_restarts, parent_restarts : int
        Since the engine was started; a reload restarts the parent.
    """

    workers: int
    in_work: int
    queued: int
    worker_restarts: int
    parent_restarts: int


def _unobserved(stage: str, seconds: float) -> None:
    """Nobody measures."""


class Engine:
    """Analyses clips in worker processes; every method may be called from any thread.

    Parameters
    ----------
    config : EngineConfig
    observe : callable
        Told the seconds of each stage of each clip: `queue`, `decode`, `condition`, `features`, `predict`.
    """

    def __init__(self, config: EngineConfig, *, observe: Callable[[str, float], None] = _unobserved) -> None:
        self.config = config
        self._observe = observe
        self._changed = threading.Condition()
        self._launching = threading.RLock()
        self._crew: Crew | None = None
        self._crews: set[Crew] = set()
        self._failure: str | None = None
        self._refused_reload: str | None = None
        self._stopping = False
        self._past_losses = self._launches = 0
        self._keeper = threading.Thread(target=self._keep, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to load the models; returns at once."""
        self._keeper.start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until clips are taken, or until it is known why not; whether they are."""
        with self._changed:
            self._changed.wait_for(lambda: self.ready or self._failure or self._stopping, timeout_s)
            return self.ready

    @property
    def ready(self) -> bool:
        """Whether clips are taken."""
        crew = self._crew
        return crew is not None and crew.ready and not self._stopping

    @property
    def failure(self) -> str | None:
        """Why the engine cannot get ready."""
        return None if self.ready else self._failure

    @property
    def warning(self) -> str | None:
        """What an operator should know although clips are taken: models that were refused."""
        crew = self._crew
        notes = [*(crew.warnings if crew else ()), *filter(None, [self._refused_reload])]
        return " ".join(notes) or None

    @property
    def default_model(self) -> str:
        """The model that answers when a job names none."""
        return self.config.default_model

    def models(self) -> tuple[dict[str, Any], ...]:
        """Summaries of the models served."""
        crew = self._crew
        return crew.models if crew else ()

    def stats(self) -> EngineStats:
        """What the engine is doing."""
        with self._changed:
            crews = tuple(self._crews)
            losses = self._past_losses + sum(crew.losses for crew in crews)
        in_work = sum(crew.in_work for crew in crews)
        return EngineStats(
            workers=self.config.workers,
            in_work=in_work,
            queued=max(sum(crew.guests for crew in crews) - in_work, 0),
            worker_restarts=losses,
            parent_restarts=max(self._launches - 1, 0),
        )

    def classify(self, job: Job, *, deadline: float = math.inf) -> Prediction:
        """Analyse one clip.

        Parameters
        ----------
        job : Job
        deadline : float
            `time.monotonic()` up to which somebody waits for the answer; the limits of the configuration hold as well.

        Raises
        ------
        AudioError, RequestError
            The recording, or what was asked, is at fault.
        EngineError
            `not_ready`, `busy` (at once when the queue is full), `timeout` or `worker_died`.
        """
        return cast("Prediction", self._ask(job, deadline))

    def normal_voice(self, job: VoiceJob) -> NormalVoice:
        """What to remember of a speaker's normal voice; raises what `classify` raises."""
        return cast("NormalVoice", self._ask(job))

    def check_room(self, *, expected: int = 0) -> None:
        """Raise `EngineError` (`busy`) where a clip would be refused, before it is even read.

        Parameters
        ----------
        expected : int
            Clips that are on their way and come before it.
        """
        crew = self._crew
        if crew is not None:
            crew.check_room(expected=expected)

    def _ask(self, job: Job | VoiceJob, deadline: float = math.inf) -> Prediction | NormalVoice:
        with self._changed:
            crew = self._crew
            if crew is None or not self.ready:
                raise refusals.not_ready()
            crew.enter()
        try:
            answer = crew.analyse(job, observe=self._observe, deadline=deadline)
        finally:
            crew.leave()
        for stage, seconds in answer.seconds.items():
            self._observe(stage, seconds)
        if answer.fault:
            logger.error("A clip was not analysed: %s.", answer.fault)
        outcome = answer.outcome
        if not isinstance(outcome, UndertoneError):
            return outcome
        try:
            raise outcome
        finally:
            del answer, outcome  # a frame that its own error can reach keeps the recording until it is collected

    def classify_many(self, jobs: Iterable[Job]) -> Iterator[Prediction | UndertoneError]:
        """Analyse clips on all workers: answers and errors in the order of the jobs, which are read as needed."""
        remaining = iter(jobs)
        ahead: deque[Future[Prediction | UndertoneError]] = deque()
        threads = ThreadPoolExecutor(self.config.workers)
        try:
            while True:
                room = 2 * self.config.workers - len(ahead)
                ahead.extend(threads.submit(self._outcome, job) for job in islice(remaining, room))
                if not ahead:
                    return
                yield ahead.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)

    def reload(self) -> bool:
        """Load the models again beside the ones that serve; swap when they hold, else go on and say why in `warning`.

        Returns
        -------
        bool
            Whether the models that serve now are newly loaded.
        """
        refusal = self._renew(served=[model["name"] for model in self.models()] if self.ready else ())
        if refusal and self.ready:
            self._refused_reload = f"The reload was refused, what was loaded before serves on: {refusal}"
            logger.error(self._refused_reload)
        elif refusal:
            self._explain(refusal)
        return not refusal

    def stop(self, grace_s: float = 30.0) -> None:
        """Refuse what waits and what comes, finish what is in work within `grace_s`, and leave no process behind."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            crews = tuple(self._crews)
        for crew in crews:
            crew.turn_away()
        deadline = time.monotonic() + grace_s
        for crew in crews:
            crew.close(grace_s=max(deadline - time.monotonic(), 0.0))
        if self._keeper.is_alive():
            self._keeper.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _outcome(self, job: Job) -> Prediction | UndertoneError:
        self.wait_ready(self.config.start_timeout_s)
        try:
            return self.classify(job)
        except UndertoneError as error:
            return error

    def _keep(self) -> None:
        quick_ends = 0
        while not self._stopping:
            with self._launching:
                if not self.ready:
                    self._explain(self._renew())
            started = time.monotonic()
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or not self.ready)
                quick_ends = quick_ends + 1 if time.monotonic() - started < STEADY_S else 0
                pause_s = min(FIRST_PAUSE_S * 2**quick_ends, LONGEST_PAUSE_S) if quick_ends else 0.0
                self._changed.wait_for(lambda: self._stopping or self.ready, pause_s)

    def _renew(self, *, served: Collection[str] = ()) -> str | None:
        """Start a crew and let it take over; the reason if it cannot, or if it refuses one of the models served."""
        with self._launching:
            with self._changed:
                if self._stopping:
                    return "The engine stops."
                try:
                    crew = Crew(self.config, on_end=self._notice)
                except OSError as error:
                    return f"The engine's parent process cannot be started: {error}"
                self._crews.add(crew)
            ready = crew.wait_ready(self.config.start_timeout_s)
            refusal = _refusal(crew, served, self._crew) if ready else crew.failure
            superfluous = self._take_over(crew) if ready and not refusal else crew
        if superfluous:
            self._retire(superfluous)
        return refusal

    def _take_over(self, crew: Crew) -> Crew | None:
        """Put a crew in charge; the one that it replaces."""
        for warning in crew.warnings:
            logger.warning(warning)
        with self._changed:
            replaced, self._crew = self._crew, crew
            self._failure = self._refused_reload = None
            self._launches += 1
            self._changed.notify_all()
        return replaced

    def _explain(self, failure: str | None) -> None:
        """Keep why the engine is not ready, for whoever asks and for the log."""
        with self._changed:
            news, self._failure = failure != self._failure, failure
            self._changed.notify_all()
        if failure and news and not self._stopping:
            logger.error("The engine cannot get ready: %s", failure)

    def _retire(self, crew: Crew) -> None:
        crew.close(grace_s=2 * self.config.clip_timeout_s)
        with self._changed:
            self._crews.discard(crew)
            self._past_losses += crew.losses

    def _notice(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _refusal(crew: Crew, served: Collection[str], serving: Crew | None) -> str | None:
    """Why models that are served would be lost with this crew; those whose folder was taken away may go.

    A model that could be read before and no longer can would give way to the shipped one of its name.
    """
    kept = {model["name"] for model in crew.models}
    if not kept >= set(served):
        return " ".join(crew.warnings) or None
    known = serving.unreadable if serving else ()
    return " ".join(sentence for sentence in crew.unreadable if served and sentence not in known) or None
