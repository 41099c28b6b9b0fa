"""How long training takes: `python -m benchmarks.training RAVDESS RECIPE` extracts and fits, and measures nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pages import ROOT
from ml.corpora.ravdess import read_ravdess
from ml.datasets import load_dataset
from ml.extraction import Extractor, default_cache_dir
from ml.recipes import find_recipe

QUICK, OURS = "feelingfine-8", "classic"


@dataclass(frozen=True)
class Training:
    """One run in a fresh process, and what it should take at most; without a target it is told for comparison."""

    what: str
    seconds: float
    target_s: int | None = None


def train_all(ravdess: Path) -> Iterator[Training]:
    """Training with an empty cache and with a full one, alone and with all figures."""
    fit = ["-m", "benchmarks.training", str(ravdess), QUICK]
    whole = ["manage.py", "train_model", "--ravdess", str(ravdess), "--recipe"]
    with tempfile.TemporaryDirectory() as cache:
        yield Training(f"Extract and fit `{QUICK}`, cold", seconds_of(fit, cache), 45)
        yield Training(f"Fit `{QUICK}`, vectors cached", seconds_of(fit, cache), 10)
        yield Training(
            f"`train_model --recipe {QUICK}` with all figures, vectors cached", seconds_of([*whole, QUICK], cache)
        )
    with tempfile.TemporaryDirectory() as cache:
        yield Training(f"`train_model --recipe {OURS}` with all figures, cold", seconds_of([*whole, OURS], cache), 600)


def seconds_of(arguments: Sequence[str], cache: str) -> float:
    """Seconds of a run of Python, from start to end."""
    with tempfile.TemporaryDirectory() as models:
        changes = {"SECRET_KEY": "x" * 50, "INSECURE_HTTP": "1", "MODEL_DIR": models, "UNDERTONE_CACHE": cache}
        started = time.monotonic()
        subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **changes}, check=True, capture_output=True
        )
        return time.monotonic() - started


def main(ravdess: str, recipe_name: str) -> None:
    """Extract a recipe's features, and fit it on all clips."""
    recipe = find_recipe(recipe_name)
    extractor = Extractor(recipe.conditioning, recipe.feature_set, default_cache_dir())
    corpus = read_ravdess(Path(ravdess))
    data = load_dataset(corpus, extractor, labels=recipe.labels, copies=recipe.copies)
    recipe.model.fit(data, seed=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
