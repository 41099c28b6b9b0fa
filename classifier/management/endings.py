"""How a run over many recordings ends before its time, in sentences."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError

from classifier.management.batch import EngineLostError
from classifier.management.resumable import UnusableOutputError

SOME_FAILED = 3
INTERRUPTED = 130  # as shells report it
GO_ON = "Run the same command again to go on."


@contextmanager
def plain_failures(output: Path | None) -> Iterator[None]:
    """Say in a sentence why a run ended early.

    Parameters
    ----------
    output : Path or None
        Where rows are that outlive the run.
    """
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
        place = error.filename or output or "The output"
        raise CommandError(f"{place} cannot be written: {error.strerror}.{go_on}") from error


@contextmanager
def quiet_engine() -> Iterator[None]:
    """Keep what the engine logs for operators out of what a person reads: the rows and the end say it all."""
    logger = logging.getLogger("ml.engine")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
