"""How far long work is, how fast it goes and when it ends: a bar on a terminal, plain lines in a log, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

LOG_EVERY_S = 30.0
LINE = "{desc}: {percentage:.0f} % ({n_fmt} of {total_fmt}), {rate_fmt}, {remaining} left"


@contextmanager
def meter(what: str, total: int, *, done: int = 0, unit: str, scaled: bool = False) -> Iterator[Callable[[int], None]]:
    """Show progress while the context lasts.

    Parameters
    ----------
    what : str
        What is being done.
    total : int
        How much there is to do.
    done : int
        How much of it was done before; it does not count for the rate.
    unit : str
        What is counted, with a blank before it where one belongs.
    scaled : bool
        Whether large numbers are shortened (`208M`).

    Yields
    ------
    callable
        To be told how much is done in all; this may fall.
    """
    looks: dict[str, Any] = {"unit": unit, "unit_scale": scaled, "initial": done}
    if sys.stderr.isatty():
        with tqdm(desc=what, total=total, file=sys.stderr, dynamic_ncols=True, **looks) as bar:

            def tell(position: int) -> None:
                bar.update(position - bar.n)

            yield tell
    else:
        yield _lines(what, total, looks)


def _lines(what: str, total: int, looks: dict[str, Any]) -> Callable[[int], None]:
    started = written = time.monotonic()

    def tell(position: int) -> None:
        nonlocal written
        now = time.monotonic()
        if position >= total or now - written >= LOG_EVERY_S:
            written = now
            line = tqdm.format_meter(position, total, now - started, prefix=what, bar_format=LINE, **looks)
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    return tell
