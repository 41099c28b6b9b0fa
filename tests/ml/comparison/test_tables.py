from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ml.comparison.report import write_report
from ml.comparison.rows import Row, Spread, unmeasured
from ml.comparison.tables import HEAD, csv_text, json_text, markdown, rows_of
from ml.comparison.units import Cost
from ml.metrics import Figure
from ml.recipes import RECIPES

MEASURED = Row(
    recipe="aer-4",
    summary="Four emotions.",
    corpora=("ravdess",),
    classes=4,
    published=0.7031,
    source="AER",
    clips=768,
    random_accuracy=Spread(0.681, 0.0212),
    random_uar=Spread(0.68, 0.02),
    actors_accuracy=Figure(0.5, 0.45, 0.551),
    actors_uar=Figure(0.512, 0.46, 0.56),
    cost=Cost(12.34, 9.6, 0.31, 1_520_000),
)
AWAITED = Row(recipe="deep", summary="Deep.", corpora=("ravdess", "song"), published=0.73, note="comes later")


def test_the_table_shows_what_was_published_and_what_was_found() -> None:
    cells = [cell.strip() for cell in markdown([MEASURED]).splitlines()[2].strip("|").split("|")]
    assert cells == [
        *("`aer-4`", "4", "70.3", "68.1 ± 2.1", "50.0 (45.0 to 55.1)", "51.2 (46.0 to 56.0)"),
        *("12.3 s", "9.6 + 0.3 ms", "1.5 MB"),
    ]


def test_a_row_that_was_not_measured_says_why() -> None:
    line = markdown([AWAITED]).splitlines()[2]
    assert line.startswith("| `deep` |  | 73.0 | *comes later* |")
    assert line.count("|") == len(HEAD) + 1


def test_a_recipe_without_a_figure_of_its_own_stands_against_its_rivals() -> None:
    row = unmeasured(RECIPES["two-step-8"], "")
    assert (row.published, row.rival) == (0.61, "feelingfine-8")
    assert "| 61.0 (`feelingfine-8`) |" in markdown([row])


def test_json_is_read_back_as_it_was() -> None:
    assert rows_of(json_text([MEASURED, AWAITED])) == [MEASURED, AWAITED]


def test_csv_has_a_column_for_each_number() -> None:
    first, second = csv.DictReader(csv_text([MEASURED, AWAITED]).splitlines())
    assert (first["actors_uar_low"], first["cost_size_bytes"], first["random_accuracy_sd"]) == (
        *("0.46", "1520000", "0.0212"),
    )
    assert (second["corpora"], second["note"], second["actors_uar_low"]) == ("ravdess song", "comes later", "")


def test_everything_is_written_into_one_folder(tmp_path: Path) -> None:
    said = write_report(tmp_path / "new", [MEASURED, AWAITED])
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        *("bench-accuracy.svg", "bench-cost.svg", "bench.csv", "bench.json", "bench.md"),
    ]
    assert said == f"The comparison is in {tmp_path / 'new'}."
    assert "aer-4 (4)" in "".join(ElementTree.parse(tmp_path / "new" / "bench-accuracy.svg").getroot().itertext())


def test_the_same_rows_give_the_same_pictures(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_report(tmp_path / name, [MEASURED])
    for picture in ("bench-accuracy.svg", "bench-cost.svg"):
        assert (tmp_path / "one" / picture).read_bytes() == (tmp_path / "other" / picture).read_bytes()


def test_a_page_that_has_a_place_for_the_table_keeps_the_rest(tmp_path: Path) -> None:
    page = tmp_path / "bench.md"
    page.write_text("# The bench\n\n<!-- bench -->\nold\n<!-- /bench -->\n\nWhat it means.\n")
    write_report(tmp_path, [MEASURED])
    text = page.read_text()
    assert text.startswith("# The bench\n\n<!-- bench -->\n| Recipe")
    assert text.endswith("|\n<!-- /bench -->\n\nWhat it means.\n")
    assert "old" not in text


@pytest.mark.parametrize("rows", [[], [AWAITED]])
def test_where_nothing_was_measured_there_is_a_table_and_no_picture(tmp_path: Path, rows: list[Row]) -> None:
    write_report(tmp_path, rows)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bench.csv", "bench.json", "bench.md"]
