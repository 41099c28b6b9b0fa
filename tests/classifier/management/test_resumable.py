"""Files of rows that were torn at every place where a kill can tear them."""

from __future__ import annotations

import csv
import json
import resource
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from classifier.management.formats import ROW_FORMATS, TIMELINE_FORMATS, RowFormat
from classifier.management.resumable import ResumableFile, UnusableOutputError
from classifier.management.rows import Row
from tests.classifier.management.answers import failed, heard, over_time

ROWS = [
    heard("a.wav"),
    failed('tw"o\nlines,.wav'),
    heard("=c.wav"),
    failed("d\udcff.wav".encode("utf-8", "backslashreplace").decode()),
]
TIMELINES = [
    over_time("a.wav"),
    failed('tw"o\nlines,.wav'),
    over_time("=call.wav", channels=("left", "right")),
]
BOTH = pytest.mark.parametrize("name", ["csv", "jsonl"])


def add(path: Path, name: str, rows: list[Row], *, formats: Mapping[str, RowFormat] = ROW_FORMATS) -> None:
    """What a run does: rows that are not there yet are added."""
    with ResumableFile(path, formats[name]) as file:
        for row in rows:
            if not file.has(row.path):
                file.append(row)


def paths(path: Path, name: str) -> list[str]:
    """What another program reads."""
    if name == "jsonl":
        return [json.loads(line)["path"] for line in path.read_text().splitlines()]
    with path.open(newline="") as file:
        return [record["path"] for record in csv.DictReader(file)]


@BOTH
def test_it_goes_on_from_wherever_a_kill_tore_it(tmp_path: Path, name: str) -> None:
    whole = tmp_path / "whole"
    add(whole, name, ROWS)
    content = whole.read_bytes()
    torn = tmp_path / "torn"
    for length in range(0, len(content), 3):
        torn.write_bytes(content[:length])
        add(torn, name, ROWS)
        assert torn.read_bytes() == content, length


@BOTH
def test_a_timeline_that_is_not_whole_is_cut_off_with_all_its_rows(tmp_path: Path, name: str) -> None:
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    add(whole, name, TIMELINES, formats=TIMELINE_FORMATS)
    content = whole.read_bytes()
    for length in range(0, len(content), 11):
        torn.write_bytes(content[:length])
        add(torn, name, TIMELINES, formats=TIMELINE_FORMATS)
        assert torn.read_bytes() == content, length


@BOTH
def test_it_remembers_how_long_each_emotion_was_heard(tmp_path: Path, name: str) -> None:
    add(tmp_path / "rows", name, TIMELINES, formats=TIMELINE_FORMATS)
    with ResumableFile(tmp_path / "rows", TIMELINE_FORMATS[name]) as file:
        assert (file.tally.count, file.tally.failed, file.tally.duration_s) == (3, 1, 8.0)
        assert file.tally.emotions == {"happy": 3.0, "sad": 3.0}
        assert file.tally.models == {"classic 1"}


@BOTH
@pytest.mark.parametrize(("first", "then"), [(ROW_FORMATS, TIMELINE_FORMATS), (TIMELINE_FORMATS, ROW_FORMATS)])
def test_rows_with_and_without_a_timeline_do_not_mix(
    tmp_path: Path, name: str, first: Mapping[str, RowFormat], then: Mapping[str, RowFormat]
) -> None:
    add(tmp_path / "rows", name, TIMELINES[:1] if first is TIMELINE_FORMATS else ROWS, formats=first)
    with pytest.raises(UnusableOutputError):
        add(tmp_path / "rows", name, [], formats=then)


@BOTH
def test_it_remembers_what_is_in_it(tmp_path: Path, name: str) -> None:
    add(tmp_path / "rows", name, ROWS)
    with ResumableFile(tmp_path / "rows", ROW_FORMATS[name]) as file:
        assert all(file.has(row.path) for row in ROWS)
        assert not file.has("e.wav")
        assert (file.tally.count, file.tally.failed) == (4, 2)
        assert file.tally.emotions == {"happy": 2}
        assert file.tally.errors == {"no_speech": 2}
        assert file.tally.models == {"classic 1"}


@BOTH
def test_every_row_is_there_as_soon_as_it_was_added(tmp_path: Path, name: str) -> None:
    with ResumableFile(tmp_path / "rows", ROW_FORMATS[name]) as file:
        for count, row in enumerate(ROWS, start=1):
            file.append(row)
            assert len(paths(tmp_path / "rows", name)) == count


@BOTH
@pytest.mark.parametrize("content", [b"my only copy", b"name,age\nAnna,7\n", b'{"name": "Anna"}\n', b"\x00\xff"])
def test_it_leaves_the_file_of_somebody_else_alone(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "rows").write_bytes(content)
    with pytest.raises(UnusableOutputError, match="was not written by this command"):
        add(tmp_path / "rows", name, ROWS)
    assert (tmp_path / "rows").read_bytes() == content


@BOTH
def test_it_leaves_a_file_with_a_foreign_row_alone(tmp_path: Path, name: str) -> None:
    add(tmp_path / "rows", name, ROWS)
    content = (tmp_path / "rows").read_bytes() + b'{"path": 1}\n'
    (tmp_path / "rows").write_bytes(content)
    with pytest.raises(UnusableOutputError, match="a row that this command did not write"):
        add(tmp_path / "rows", name, ROWS)
    assert (tmp_path / "rows").read_bytes() == content


def test_it_refuses_rows_of_the_other_format(tmp_path: Path) -> None:
    add(tmp_path / "rows", "csv", ROWS)
    with pytest.raises(UnusableOutputError):
        add(tmp_path / "rows", "jsonl", ROWS)


@BOTH
def test_it_lets_one_run_write_at_a_time(tmp_path: Path, name: str) -> None:
    with (
        ResumableFile(tmp_path / "rows", ROW_FORMATS[name]),
        pytest.raises(UnusableOutputError, match="Another run is writing"),
    ):
        ResumableFile(tmp_path / "rows", ROW_FORMATS[name])


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Files of this process can grow to 350 bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (350, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


@BOTH
def test_it_goes_on_once_a_full_disk_has_room_again(tmp_path: Path, name: str, full_disk: None) -> None:
    with pytest.raises(OSError, match="File too large"):
        add(tmp_path / "rows", name, ROWS)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    add(tmp_path / "rows", name, ROWS)
    assert paths(tmp_path / "rows", name)[1] == ROWS[1].path
