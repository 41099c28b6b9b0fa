"""Write the comparison to a folder, also into a page that already stands there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ml.comparison.pictures import write_pictures
from ml.comparison.rows import Row
from ml.comparison.tables import csv_text, json_text, markdown

NAME = "bench"
PLACE = re.compile(r"(?<=<!-- bench -->\n).*?(?=<!-- /bench -->)", re.DOTALL)


def write_report(folder: Path, rows: Sequence[Row]) -> str:
    """Write `bench.md`, `bench.csv`, `bench.json` and the figures.

    Parameters
    ----------
    folder : Path
        Where its `bench.md` has a place for the table, between `<!-- bench -->` and `<!-- /bench -->`, the rest of that
        page stays.
    rows : sequence of Row

    Returns
    -------
    str
        A sentence for the user.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{NAME}.md"
    old = page.read_text("utf-8") if page.is_file() else ""
    table = markdown(rows)
    _write(page, PLACE.sub(lambda _: table, old) if PLACE.search(old) else table)
    _write(folder / f"{NAME}.csv", csv_text(rows))
    _write(folder / f"{NAME}.json", json_text(rows))
    skipped = write_pictures(folder, NAME, rows)
    return f"The comparison is in {folder}. {skipped}".strip()


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)
