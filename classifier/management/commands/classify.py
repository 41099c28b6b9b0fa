"""`manage.py classify`: what is heard in files and folders, as a table, JSON or CSV, resumable where it is long."""

from __future__ import annotations

import logging
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier import services
from classifier.forms import MOST_RECORDINGS
from classifier.management.batch import Analyst, EngineLostError, Question, this_machine
from classifier.management.cluster import cluster
from classifier.management.places import UnusablePlaceError, audio_files
from classifier.management.progress import meter
from classifier.management.resumable import ROW_FORMATS, ResumableFile, UnusableOutputError
from classifier.management.rows import FORMATS, Row, spelled
from classifier.management.tally import Finished, Tally
from ml.errors import UndertoneError

SOME_FAILED = 3
INTERRUPTED = 130  # as shells report it
GO_ON = "Run the same command again to go on."


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, and of whom.

    Attributes
    ----------
    model : str or None
        None: the default one.
    voice : tuple of str
        Recordings of the speaker's normal voice.
    scheduler : str or None
        Of the Dask cluster that analyses; None: this machine.
    """

    model: str | None
    voice: tuple[str, ...]
    scheduler: str | None


class Command(BaseCommand):
    """Analyses recordings on all cores; a bad one is a row with its error, and the run goes on."""

    help = (
        "Hear the emotion in recordings. Exit status: 0 when all were analysed, 3 when some could not be, "
        "1 when the run was not possible."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="files, and folders of audio files")
        parser.add_argument("--model", metavar="NAME", help="the model to ask (default: the one the site serves first)")
        parser.add_argument(
            "--voice", nargs="+", default=[], metavar="FILE", help="one to five recordings of the speaker, as they talk"
        )
        parser.add_argument("--recursive", action="store_true", help="also the folders below those that are named")
        parser.add_argument(
            "--format", choices=FORMATS, help="default: by the ending of FILE, else table; json is always one array"
        )
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="write csv or jsonl here; the same command goes on after a kill"
        )

        parser.add_argument(
            "--dask", metavar="SCHEDULER", help="let this Dask cluster analyse: its scheduler's address or file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Analyse and report."""
        chosen = _format(options["format"], options["output"])
        paths = _paths(options["paths"], recursive=options["recursive"])
        asked = _asked(options["model"], options["voice"], options["dask"])
        with _plain_failures(options["output"]), _quiet_engine():
            if options["output"]:
                with ResumableFile(options["output"], ROW_FORMATS[chosen]) as file:
                    self._add_rows(paths, file, asked)
                tally = file.tally
            else:
                tally = self._print_rows(paths, chosen, asked)
        if tally.failed:
            message = f"{tally.failed:,} of {tally.count:,} files could not be analysed; their rows say why."
            raise CommandError(message, returncode=SOME_FAILED)

    def _add_rows(self, paths: Sequence[str], file: ResumableFile, asked: Asked) -> None:
        before, seconds = file.tally.count, 0.0
        remaining = [path for path in paths if spelled(path) not in file.paths]
        if remaining:
            with _analyst(asked) as analyst:
                _check_same_model(analyst, file)
                question = _question(analyst, asked)
                started = time.monotonic()
                bar = meter("Analysing", before + len(remaining), done=before, unit=" files")
                with bar as tell, closing(analyst.rows(remaining, question)) as rows:
                    for row in rows:
                        file.append(row)
                        tell(file.tally.count)
                seconds = time.monotonic() - started
        self.stderr.write(file.tally.summary(before=before, seconds=seconds), str)

    def _print_rows(self, paths: Sequence[str], chosen: str, asked: Asked) -> Tally:
        tally = Tally()
        with _analyst(asked) as analyst:
            question = _question(analyst, asked)
            started = time.monotonic()
            with self._bar_beside_rows(len(paths)) as tell, closing(analyst.rows(paths, question)) as rows:
                for text in FORMATS[chosen](_counted(rows, tally, tell)):
                    self.stdout.write(text, ending="")
                    self.stdout.flush()
            seconds = time.monotonic() - started
        self.stderr.write(tally.summary(before=0, seconds=seconds), str)
        return tally

    def _bar_beside_rows(self, total: int) -> AbstractContextManager[Callable[[int], None]]:
        if self.stdout.isatty():  # the rows themselves show how it goes, and a bar would break them up
            return nullcontext(lambda _: None)
        return meter("Analysing", total, unit=" files")


def _format(named: str | None, output: Path | None) -> str:
    if output is None:
        return named or "table"
    chosen = named or output.suffix.removeprefix(".").lower()
    if chosen not in ROW_FORMATS:
        raise CommandError("--output takes --format csv or jsonl; for the others, redirect what is printed (> FILE).")
    return chosen


def _paths(places: Sequence[str], *, recursive: bool) -> list[str]:
    """The recordings to analyse, each once."""
    try:
        paths = list(dict.fromkeys(audio_files(places, recursive=recursive)))
    except UnusablePlaceError as error:
        raise CommandError(spelled(str(error))) from error
    if not paths:
        hint = "" if recursive else " --recursive looks into the folders below."
        raise CommandError(f"There is no audio file in {', '.join(map(spelled, places))}.{hint}")
    return paths


def _analyst(asked: Asked) -> AbstractContextManager[Analyst]:
    """Whoever analyses, with engines as the site runs them and another model in front where one was named."""
    config = services.engine_config(default_model=asked.model)
    return cluster(asked.scheduler, config) if asked.scheduler else this_machine(config)


def _asked(model: str | None, voice: Sequence[str], scheduler: str | None) -> Asked:
    if len(voice) > MOST_RECORDINGS:
        raise CommandError(
            f"A normal voice is made of one to {MOST_RECORDINGS} recordings, and {len(voice)} are named after --voice."
        )
    return Asked(model, tuple(voice), scheduler)


def _question(analyst: Analyst, asked: Asked) -> Question:
    """What is asked of every recording, with what the models remember of the speaker's normal voice."""
    try:
        return Question(voice=analyst.normal_voice(asked.voice) if asked.voice else None)
    except UndertoneError as error:
        raise CommandError(f"The recordings of a normal voice cannot be used. {error.message}") from error


def _check_same_model(analyst: Analyst, file: ResumableFile) -> None:
    if file.tally.models - {analyst.model}:
        others = ", ".join(sorted(file.tally.models))
        message = f"{file.path} holds rows of {others}, and {analyst.model} would answer now. Please name another file."
        raise UnusableOutputError(message)


def _counted(rows: Iterator[Row], tally: Tally, tell: Callable[[int], None]) -> Iterator[Row]:
    for row in rows:
        yield row
        tally.add(Finished.from_object(row.as_dict()))
        tell(tally.count)


@contextmanager
def _quiet_engine() -> Iterator[None]:
    """Keep what the engine logs for operators out of what a person reads: the rows and the end say it all."""
    logger = logging.getLogger("ml.engine")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _plain_failures(output: Path | None) -> Iterator[None]:
    """Say in a sentence why a run ended early."""
    go_on = f" {GO_ON}" if output else ""
    try:
        yield
    except UnusableOutputError as error:
        raise CommandError(str(error)) from error
    except EngineLostError as error:
        raise CommandError(f"{error}{go_on}") from error
    except KeyboardInterrupt as error:
        raise CommandError(f"Stopped.{go_on}", returncode=INTERRUPTED) from error
    except BrokenPipeError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more at its end
        raise CommandError("Nobody reads the rows any more, so the run was stopped.") from error
    except OSError as error:
        raise CommandError(f"{output or 'The output'} cannot be written: {error.strerror}.{go_on}") from error
