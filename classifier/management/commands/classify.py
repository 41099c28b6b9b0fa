"""`manage.py classify`: what is heard in files and folders, as rows or as subtitles, resumable where it is long."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.forms import MOST_RECORDINGS
from classifier.management.asked import Asked
from classifier.management.batch import Analyst
from classifier.management.endings import SOME_FAILED, plain_failures, quiet_engine
from classifier.management.finished import Finished
from classifier.management.formats import ROW_FORMATS, TIMELINE_FORMATS, RowFormat
from classifier.management.html_report import write_report
from classifier.management.places import UnusablePlaceError, audio_files
from classifier.management.printing import PRINTED
from classifier.management.progress import meter
from classifier.management.resumable import ResumableFile, UnusableOutputError
from classifier.management.rows import Row, spelled
from classifier.management.tally import Tally
from classifier.management.timeline_folder import FILE_FORMATS, TimelineFolder
from ml.results import CHANNELS

Store = ResumableFile | TimelineFolder


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
            "--voice",
            nargs="+",
            default=[],
            metavar="FILE",
            help="one to five recordings of the speaker, as they talk; or the word recording: take each file's own",
        )
        parser.add_argument(
            "--timeline", action="store_true", help="what is heard over time, in recordings of any length"
        )
        parser.add_argument(
            "--channels", choices=CHANNELS, default="mix", help="a side of a stereo call, or each for itself"
        )
        parser.add_argument("--recursive", action="store_true", help="also the folders below those that are named")
        parser.add_argument(
            "--format",
            choices=[*PRINTED, *FILE_FORMATS],
            help="default: by the ending of PLACE, else table; json is always one array",
        )
        parser.add_argument(
            "--output",
            type=Path,
            metavar="PLACE",
            help="a file for csv or jsonl, a folder for vtt or textgrid; the same command goes on after a kill",
        )
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="also make a web page of the csv or jsonl that is the output"
        )
        parser.add_argument(
            "--dask", metavar="SCHEDULER", help="let this Dask cluster analyse: its scheduler's address or file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Analyse and report."""
        output = options["output"]
        chosen = _format(options["format"], output)
        if options["report"] and chosen not in (ROW_FORMATS if output else ()):
            raise CommandError("--report is made of rows in a file: name one with --output rows.csv or rows.jsonl.")
        asked = _asked(options, timeline=options["timeline"] or chosen in FILE_FORMATS)
        paths = _paths(options["paths"], recursive=options["recursive"])
        with plain_failures(output), quiet_engine():
            if output:
                with self._store(chosen, output, paths, timeline=asked.timeline) as store:
                    self._add_rows(paths, store, output, asked)
                tally = store.tally
                if options["report"]:
                    write_report(output, _row_format(chosen, timeline=asked.timeline), options["report"])
            else:
                tally = self._print_rows(paths, chosen, asked)
        if tally.failed:
            where = "see above" if chosen in FILE_FORMATS else "their rows say why"
            message = f"{tally.failed:,} of {tally.count:,} files could not be analysed; {where}."
            raise CommandError(message, returncode=SOME_FAILED)

    def _store(self, chosen: str, output: Path, paths: Sequence[str], *, timeline: bool) -> Store:
        if chosen in FILE_FORMATS:
            return TimelineFolder(output, FILE_FORMATS[chosen], paths=paths, tell=self.stderr.write)
        return ResumableFile(output, _row_format(chosen, timeline=timeline))

    def _add_rows(self, paths: Sequence[str], store: Store, output: Path, asked: Asked) -> None:
        before, before_s, seconds = store.tally.count, store.tally.duration_s, 0.0
        remaining = [path for path in paths if not store.has(path)]
        if remaining:
            with asked.analyst() as analyst:
                _check_same_model(analyst, store.tally, output)
                question = asked.question(analyst)
                started = time.monotonic()
                bar = meter("Analysing", before + len(remaining), done=before, unit=" files")
                with bar as tell, closing(analyst.rows(remaining, question)) as rows:
                    for row in rows:
                        store.append(row)
                        tell(store.tally.count)
                seconds = time.monotonic() - started
        self.stderr.write(store.tally.summary(before=before, before_s=before_s, seconds=seconds), str)

    def _print_rows(self, paths: Sequence[str], chosen: str, asked: Asked) -> Tally:
        tally = Tally()
        with asked.analyst() as analyst:
            question = asked.question(analyst)
            started = time.monotonic()
            with self._bar_beside_rows(len(paths)) as tell, closing(analyst.rows(paths, question)) as rows:
                for text in PRINTED[chosen](_counted(rows, tally, tell), timeline=asked.timeline):
                    self.stdout.write(text, ending="")
                    self.stdout.flush()
            seconds = time.monotonic() - started
        self.stderr.write(tally.summary(seconds=seconds), str)
        return tally

    def _bar_beside_rows(self, total: int) -> AbstractContextManager[Callable[[int], None]]:
        if self.stdout.isatty():  # the rows themselves show how it goes, and a bar would break them up
            return nullcontext(lambda _: None)
        return meter("Analysing", total, unit=" files")


def _format(named: str | None, output: Path | None) -> str:
    if output is None:
        if named in FILE_FORMATS:
            raise CommandError(f"--format {named} writes a file for each recording: name a folder with --output.")
        return named or "table"
    chosen = named or output.suffix.removeprefix(".").lower()
    if chosen not in {*ROW_FORMATS, *FILE_FORMATS}:
        message = (
            "--output takes --format csv, jsonl, vtt or textgrid; for the others, redirect what is printed (> FILE)."
        )
        raise CommandError(message)
    return chosen


def _row_format(name: str, *, timeline: bool) -> RowFormat:
    return (TIMELINE_FORMATS if timeline else ROW_FORMATS)[name]


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


def _asked(options: dict[str, Any], *, timeline: bool) -> Asked:
    voice = options["voice"]
    if len(voice) > MOST_RECORDINGS:
        raise CommandError(
            f"A normal voice is made of one to {MOST_RECORDINGS} recordings, and {len(voice)} are named after --voice."
        )
    return Asked(
        model=options["model"],
        voice=tuple(voice),
        timeline=timeline,
        channels=options["channels"],
        scheduler=options["dask"],
    )


def _check_same_model(analyst: Analyst, tally: Tally, output: Path) -> None:
    if tally.models - {analyst.model}:
        others = ", ".join(sorted(tally.models))
        message = f"{output} holds rows of {others}, and {analyst.model} would answer now. Please name another file."
        raise UnusableOutputError(message)


def _counted(rows: Iterator[Row], tally: Tally, tell: Callable[[int], None]) -> Iterator[Row]:
    for row in rows:
        yield row
        tally.add(Finished.from_row(row))
        tell(tally.count)
