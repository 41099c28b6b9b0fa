"""How long training takes, in processes of their own, with an empty cache and with a full one.

`python -m benchmarks.training --ravdess PATH [--write]` prints the figures; --write puts them into docs/. It takes
about ten minutes. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.pages import PAGE, ROOT, publish
from benchmarks.timing import machine

QUICK, OURS = "feelingfine-8", "classic"


def main() -> None:
    """Run, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravdess", type=Path, required=True, help="the corpus, a folder or the published zip")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.name}")
    asked = parser.parse_args()
    publish("Training", report(asked.ravdess.absolute()), write=asked.write)


def report(ravdess: Path) -> Iterator[str]:
    """The lines of the section."""
    fit = ["-m", "benchmarks.fit", str(ravdess), QUICK]
    whole = ["manage.py", "train_model", "--ravdess", str(ravdess), "--recipe"]
    yield f"Measured on {machine()}; the 1,440 clips of RAVDESS, each run in a process of its own, from start to end."
    yield from ["", "| | Measured | Target |", "| --- | ---: | ---: |"]
    with tempfile.TemporaryDirectory() as cache:
        yield f"| Extract and fit `{QUICK}`, cold | {seconds_of(fit, cache):.1f} s | ≤ 45 s |"
        yield f"| Fit `{QUICK}`, vectors cached | {seconds_of(fit, cache):.1f} s | ≤ 10 s |"
        took_s = seconds_of([*whole, QUICK], cache)
        yield f"| `train_model --recipe {QUICK}` with all figures, vectors cached | {took_s:.0f} s | |"
    with tempfile.TemporaryDirectory() as cache:
        took_s = seconds_of([*whole, OURS], cache)
        yield f"| `train_model --recipe {OURS}` with all figures, cold | {took_s:.0f} s | ≤ 600 s |"


def seconds_of(arguments: Sequence[str], cache: str) -> float:
    """Seconds of a run of Python, from start to end."""
    with tempfile.TemporaryDirectory() as models:
        changes = {"SECRET_KEY": "x" * 50, "INSECURE_HTTP": "1", "MODEL_DIR": models, "UNDERTONE_CACHE": cache}
        started = time.monotonic()
        subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **changes}, check=True, capture_output=True
        )
        return time.monotonic() - started


if __name__ == "__main__":
    main()
