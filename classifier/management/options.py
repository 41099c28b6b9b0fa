"""What several commands share: their options, their progress, and how their errors read."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import CommandError
from tqdm import tqdm

from ml import folders
from ml.errors import UndertoneError
from ml.progress import Progress
from ml.recipes import RECIPES, Recipe
from ml.recipes.files import load_recipe

T = TypeVar("T")
LINES_IN_A_LOG = 10


def add_plot_option(parser: ArgumentParser) -> None:
    """`--plots`."""
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="also write the figures as PNG (needs matplotlib)")


def add_jobs_option(parser: ArgumentParser) -> None:
    """`--jobs`."""
    parser.add_argument(
        "--jobs", type=count("processes"), default=-1, metavar="N", help="processes to use (default: one a core)"
    )


def count(what: str) -> Callable[[str], int]:
    """For argparse: a number of processes, or of what else there must be at least one."""

    def counted(text: str) -> int:
        if not text.isdecimal() or int(text) == 0:
            raise ArgumentTypeError(f"{text!r} is not a number of {what}: give 1 or more")
        return int(text)

    return counted


def add_recipe_option(parser: Any, *, default: Recipe | None = None) -> None:
    """`--recipe`."""
    known = f"one of {', '.join(RECIPES)}, or the path of a recipe file (.json)"
    parser.add_argument("--recipe", type=argument(load_recipe), default=default, help=known)


def argument(convert: Callable[[str], T]) -> Callable[[str], T]:
    """Let argparse show the sentence of a `ValueError`."""

    def converted(text: str) -> T:
        try:
            return convert(text)
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from error

    return converted


def shown(what: str) -> Progress:
    """Progress on stderr: a bar on a terminal, a few plain lines in a log."""

    def progress(items: Iterable[Any], total: int) -> Iterable[Any]:
        if sys.stderr.isatty():
            return tqdm(items, desc=what, total=total, file=sys.stderr, dynamic_ncols=True)
        return _with_lines(items, total, what)

    return progress


def _with_lines(items: Iterable[Any], total: int, what: str) -> Iterator[Any]:
    step = max(1, total // LINES_IN_A_LOG)
    for done, item in enumerate(items, start=1):
        if done % step == 0 or done == total:
            sys.stderr.write(f"{what}: {done} of {total}\n")
            sys.stderr.flush()
        yield item


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what users are told about into a sentence without a traceback."""
    try:
        yield
    except UndertoneError as error:
        raise CommandError(error.message) from error


def require_writable(*destinations: Path | None) -> None:
    """Refuse, before the work that its results are of, a folder that could not be made or written (`CommandError`)."""
    for folder in filter(None, destinations):
        if reason := folders.why_unwritable(folder):
            raise CommandError(f"{folder} cannot be written: {reason}.")


def list_problems(problems: Iterable[str], write: Callable[[str], Any], *, what: str) -> None:
    """Name the files that were left out."""
    listed = list(problems)
    if listed:
        write(f"{len(listed)} {what}:")
        for problem in listed:
            write(f"  {problem}")
