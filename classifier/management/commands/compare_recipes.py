"""`manage.py compare_recipes`: every recipe measured the same way, beside what its authors published."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from classifier.management.corpora import add_corpus_options, note_differences, read_corpora
from classifier.management.options import argument, list_problems, plain_errors, require_writable, shown
from ml.comparison.compare import Comparer
from ml.comparison.report import write_report
from ml.comparison.rows import Row, unmeasured
from ml.comparison.tables import markdown
from ml.evaluation import PROTOCOLS
from ml.extraction import default_cache_dir
from ml.recipes import AWAITED, RECIPES, Recipe
from ml.recipes.files import load_recipe

LATER = "a deep network: comes later"


class Command(BaseCommand):
    """Compares recipes on the corpora that are there, and goes on where a run was ended."""

    help = "Measure every recipe the same way, side by side with what was published of it; goes on after a kill."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        add_corpus_options(parser)
        parser.add_argument(
            "--recipes", type=argument(find_recipes), metavar="A,B", help="only these (default: all, in their order)"
        )
        parser.add_argument(
            "--protocol", choices=("both", *PROTOCOLS), default="both", help="actors: no test speaker was trained on"
        )
        parser.add_argument(
            "--output", type=Path, metavar="FOLDER", help="also write bench.md, bench.csv, bench.json and figures there"
        )

    def handle(self, *args: Any, **options: Any) -> str:
        """Compare; returns the table."""
        require_writable(options["output"])
        protocols = PROTOCOLS if options["protocol"] == "both" else (options["protocol"],)
        with plain_errors():
            corpora = read_corpora(options, self.stderr.write)
            comparer = Comparer(
                corpora, protocols, default_cache_dir(), options["jobs"], watch=shown, complain=self._list_once()
            )
            for recipe in options["recipes"] or ():
                note_differences(recipe, corpora, self.stderr.write)
            rows = comparer.compare(options["recipes"] or list(RECIPES.values()))
        if not options["recipes"]:
            rows += awaited_rows()
        if options["output"]:
            self.stderr.write(write_report(options["output"], rows))
        return markdown(rows)

    def _list_once(self) -> Callable[[Sequence[str]], None]:
        """Lists clips that cannot be used, each for the first recipe that wants it."""
        listed: set[str] = set()

        def list_new(problems: Sequence[str]) -> None:
            list_problems(sorted(set(problems) - listed), self.stderr.write, what="clips could not be used")
            listed.update(problems)

        return list_new


def find_recipes(text: str) -> list[Recipe]:
    """Recipes by their names or files, separated by commas.

    Raises
    ------
    ValueError
    """
    recipes = [load_recipe(name.strip()) for name in text.split(",")]
    names = [recipe.name for recipe in recipes]
    if len(set(names)) < len(names):
        raise ValueError(f"Two of these recipes have the same name: {', '.join(names)}.")
    return recipes


def awaited_rows() -> list[Row]:
    """The deep networks of the field, with their published figures alone."""
    return [unmeasured(awaited, LATER) for awaited in AWAITED.values()]
