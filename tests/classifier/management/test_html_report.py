"""The report, as text and in a browser that is offline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from classifier.management.formats import ROW_FORMATS, TIMELINE_FORMATS, RowFormat
from classifier.management.html_report import write_report
from classifier.management.resumable import ResumableFile
from classifier.management.rows import Row
from tests.chromium import CHROMIUM
from tests.classifier.management.answers import failed, heard, over_time

ROWS = [
    over_time("short.wav"),
    over_time("<b>call.wav", channels=("left", "right")),
    over_time("long.wav", duration_s=7200.0),
    failed("broken.wav"),
]


def made(folder: Path, rows: list[Row], *, name: str = "csv", formats: Mapping[str, RowFormat] | None = None) -> Path:
    row_format = (formats or TIMELINE_FORMATS)[name]
    with ResumableFile(folder / f"rows.{name}", row_format) as file:
        for row in rows:
            file.append(row)
    write_report(folder / f"rows.{name}", row_format, folder / "report.html")
    return folder / "report.html"


@pytest.fixture
def page(playwright: Playwright, tmp_path: Path) -> Page:
    """The report of timelines, opened without a network on a small screen."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM)
    page = browser.new_context(offline=True, viewport={"width": 390, "height": 800}).new_page()
    page.goto(made(tmp_path, ROWS).as_uri())
    return page


def cells(page: Page, table: str) -> list[list[str]]:
    rows = page.locator(f"{table} tbody tr").all()
    return [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in rows]


@pytest.mark.browser
def test_it_tells_shares_hours_and_each_recording_in_tables(page: Page) -> None:
    assert [row[:3] for row in cells(page, ".shares")] == [["happy", "0:30:03", "50 %"], ["sad", "0:30:03", "50 %"]]
    (hour,) = [row for row in cells(page, ".scroll table") if row[0] == "1:00 to 2:00"]
    assert hour == ["1:00 to 2:00", "1:00:00", "50 %", "50 %"]
    recordings = cells(page, ".recordings")
    assert [row[0] for row in recordings] == ["short.wav", "<b>call.wav", "long.wav", "broken.wav"]
    assert recordings[0][2] == "happy 50 %, sad 50 %"
    assert 'Not analysed: There is no "speech", here.' in recordings[3][2]


@pytest.mark.browser
def test_it_draws_a_timeline_for_each_channel_and_fits_a_small_screen(page: Page) -> None:
    assert page.locator(".recordings tr:nth-child(2) .strip span").all_inner_texts() == ["left", "right"]
    runs = page.locator(".recordings tr:nth-child(1) rect")
    drawn = [
        (run.get_attribute("data-emotion"), run.get_attribute("x"), run.get_attribute("width")) for run in runs.all()
    ]
    assert drawn == [("happy", "240", "120"), ("sad", "360", "120")]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    heights = page.evaluate("[...document.querySelectorAll('.shares th')].map((cell) => cell.offsetHeight)")
    assert max(heights) < 60, "a word is broken"


def test_it_asks_for_nothing_outside_itself(tmp_path: Path) -> None:
    text = made(tmp_path, ROWS).read_text()
    assert "default-src 'none'" in text
    assert not any(word in text for word in ("http:", "https:", "url(", "src=", "<script", "<link"))


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_it_is_made_of_rows_without_timelines_too(tmp_path: Path, name: str) -> None:
    text = made(tmp_path, [heard("a.wav"), heard("b.wav", emotion="sad")], name=name, formats=ROW_FORMATS).read_text()
    assert "2 files in rows." in text
    assert "Hour by hour" not in text
    assert "a.wav" in text


@pytest.mark.parametrize("rows", [[], [failed("a.wav")]])
def test_it_is_made_where_nothing_was_heard(tmp_path: Path, rows: list[Row]) -> None:
    assert "Share of each emotion" not in made(tmp_path, rows).read_text()
