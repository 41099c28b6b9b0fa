"""The end of a run, in figures."""

from __future__ import annotations

from classifier.management.finished import Finished
from classifier.management.tally import Tally
from tests.classifier.management.answers import failed, heard


def tally() -> Tally:
    counted = Tally()
    for row in [heard("a"), heard("b"), heard("c", emotion="angry"), failed("d")]:
        counted.add(Finished.from_row(row))
    return counted


def test_it_gives_count_rate_shares_and_failures() -> None:
    lines = tally().summary(before=0, seconds=2.0).splitlines()
    assert [line.split() for line in lines] == [
        ["4", "files", "in", "2.0", "s", "(2.0", "a", "second)"],
        ["0:00:11", "of", "recordings,", "6", "times", "as", "fast", "as", "they", "play"],
        ["happy", "2", "66.7%"],
        ["angry", "1", "33.3%"],
        ["failed", "1", "no_speech"],
    ]


def test_it_tells_new_rows_from_those_of_an_earlier_run() -> None:
    assert tally().summary(before=3, seconds=0.5).startswith("1 file in 0.5 s (2.0 a second), and 3 from before")


def test_it_gives_no_rate_where_nothing_was_done() -> None:
    assert tally().summary(before=4, seconds=0.0).startswith("0 files, and 4 from before")
