from __future__ import annotations

import pytest

from ml.comparison.tables import markdown, rows_of
from tests.docs import figures
from tests.docs.pages import read

PLACES = [(page, name) for page, names in figures.WRITTEN.items() for name in names]


@pytest.mark.parametrize(("page", "name"), PLACES)
def test_the_figures_are_those_of_the_shipped_models(page: str, name: str) -> None:
    """`python -m tests.docs.figures` brings them up to date."""
    assert figures.block(name, read(page)) == figures.table(name)


def test_the_table_of_the_bench_is_what_was_measured() -> None:
    """`compare_recipes --output docs` brings both up to date."""
    assert figures.block("bench", read("docs/bench.md")) == markdown(rows_of(read("docs/bench.json")))
