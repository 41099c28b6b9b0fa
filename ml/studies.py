"""Studies on disk: what was tried for a model, and how well it did on speakers that were left out.

A study belongs to one run at a time. It goes on where a run was ended, and ends the same as one that was not: each
trial is drawn by the number of those that are finished.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FixedTrial, TrialState

from ml.search import Trial

SEEDS_APART = 100_000
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Study:
    """A search for the hyperparameters that score best.

    Attributes
    ----------
    path : Path
        A journal.
    seed : int
    """

    path: Path
    seed: int

    def advance(self, score: Callable[[Trial], Iterator[float]], *, until: int) -> None:
        """Try once more, unless enough was tried.

        Parameters
        ----------
        score : callable
            Yields a score after each part of the work, each better founded than the last; a trial that falls behind
            the others is ended early.
        until : int
            So many trials are enough.
        """
        with self._opened() as study:
            finished = len(study.get_trials(deepcopy=False, states=FINISHED))
            if finished >= until:
                return
            study.sampler = optuna.samplers.TPESampler(seed=self.seed * SEEDS_APART + finished)
            trial = study.ask()
            value = 0.0
            for step, value in enumerate(score(trial)):
                trial.report(value, step)
                if trial.should_prune():
                    study.tell(trial, state=TrialState.PRUNED)
                    return
            study.tell(trial, value)

    def best(self) -> tuple[float, Mapping[str, Any]] | None:
        """The best score and its hyperparameters; None where no trial was carried through."""
        with self._opened() as study:
            if not study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
                return None
            return study.best_value, study.best_params

    @contextmanager
    def _opened(self) -> Iterator[optuna.Study]:
        """The study, for this process alone; what a run that was ended left unfinished is given up."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            _clear_up(self.path)
            optuna.logging.set_verbosity(optuna.logging.WARNING)
            study = optuna.create_study(
                storage=JournalStorage(JournalFileBackend(str(self.path))),
                study_name=self.path.stem,
                pruner=optuna.pruners.MedianPruner(),
                direction="maximize",
                load_if_exists=True,
            )
            for abandoned in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
                study.tell(abandoned.number, state=TrialState.FAIL)
            yield study


def fixed(parameters: Mapping[str, Any]) -> Trial:
    """A trial that suggests what it was given."""
    return FixedTrial(dict(parameters))


def _clear_up(journal: Path) -> None:
    """Take away what a run leaves that was ended while it wrote: its lock, and an entry without its end."""
    journal.with_name(f"{journal.name}.lock").unlink(missing_ok=True)
    content = journal.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        journal.write_bytes(content[:whole])
