"""The formats of rows that go on after a kill: how rows are written, and how what was written is read back."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from classifier.management import timeline_rows
from classifier.management.finished import Finished
from classifier.management.rows import COLUMNS, CSV_HEAD, Row, csv_record, jsonl_line, original


@dataclass(frozen=True, kw_only=True)
class RowFormat:
    """A format to which rows can be added.

    Attributes
    ----------
    head : str
        What stands before the first row.
    opening : str
        How every such file begins; any other is somebody else's.
    quoted : bool
        Whether a line break between double quotes belongs to a row.
    encode : callable
        The text of a recording's row, or rows.
    decode : callable
        Recordings from lines; one whose rows are not all there is left out at the end. Reads no line further than to
        the end of the recording that it gives. Raises `ValueError`, `KeyError`, `TypeError` or `csv.Error`.
    """

    head: str
    opening: str
    quoted: bool
    encode: Callable[[Row], str]
    decode: Callable[[Iterable[str]], Iterator[Finished]]


def _from_jsonl(lines: Iterable[str]) -> Iterator[Finished]:
    for finished in _objects(lines):
        if finished.parts:
            raise ValueError
        yield finished


def _from_timeline_jsonl(lines: Iterable[str]) -> Iterator[Finished]:
    for finished in _objects(lines):
        if not finished.parts and not finished.error_code:
            raise ValueError
        yield finished


def _objects(lines: Iterable[str]) -> Iterator[Finished]:
    return (Finished.from_object(json.loads(line)) for line in lines)


def _from_csv(lines: Iterable[str]) -> Iterator[Finished]:
    return (Finished.from_cells([record]) for record in _records(lines, COLUMNS))


def _from_timeline_csv(lines: Iterable[str]) -> Iterator[Finished]:
    recording: list[dict[str, str]] = []
    for record in _records(lines, timeline_rows.COLUMNS):
        recording.append(record)
        if int(record["segment"]) != len(recording) or record["path"] != recording[0]["path"]:
            raise ValueError
        if record["segment"] == record["segments"]:
            yield Finished.from_cells(recording)
            recording = []


def _records(lines: Iterable[str], columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    records = csv.reader(lines, strict=True)
    next(records, None)
    for record in records:
        yield dict(zip(columns, map(original, record), strict=True))


ROW_FORMATS = {
    "csv": RowFormat(head=CSV_HEAD, opening=CSV_HEAD, quoted=True, encode=csv_record, decode=_from_csv),
    "jsonl": RowFormat(head="", opening='{"path": ', quoted=False, encode=jsonl_line, decode=_from_jsonl),
}
TIMELINE_FORMATS = {
    "csv": RowFormat(
        head=timeline_rows.HEAD,
        opening=timeline_rows.HEAD,
        quoted=True,
        encode=timeline_rows.csv_records,
        decode=_from_timeline_csv,
    ),
    "jsonl": RowFormat(head="", opening='{"path": ', quoted=False, encode=jsonl_line, decode=_from_timeline_jsonl),
}
