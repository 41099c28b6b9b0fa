"""Progress where nobody watches a terminal."""

from __future__ import annotations

import pytest

from classifier.management import progress
from classifier.management.progress import meter


def test_it_writes_few_lines_with_rate_and_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOG_EVERY_S", 3600.0)
    with meter("Analysing", 1000, unit=" files") as tell:
        for position in range(1, 1001):
            tell(position)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Analysing: 100 % (1000 of 1000), ")
    assert "files/s, 00:00 left" in line


def test_it_tells_of_the_way_there_as_time_passes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOG_EVERY_S", 0.0)
    with meter("Fetching", 200_000_000, unit="B", scaled=True) as tell:
        tell(50_000_000)
        tell(0)
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("Fetching: 25 % (50.0M of 200M)")
    assert second.startswith("Fetching: 0 % (0.00 of 200M)")


def test_what_was_done_before_does_not_count_for_the_rate(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOG_EVERY_S", 0.0)
    with meter("Analysing", 1000, done=900, unit=" files") as tell:
        tell(900)
    assert "(900 of 1000), ? files/s" in capsys.readouterr().err
