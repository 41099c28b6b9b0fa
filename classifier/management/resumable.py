"""A file of rows that survives a kill: what is whole in it stays, a torn last row is cut off, and nothing comes twice.

The file alone says what is done, so that no bookkeeping can disagree with it. Rows reach the kernel one by one, which
outlives the process, and the disk about once a second: after a power cut, the last ones are analysed again.
"""

from __future__ import annotations

import csv
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from classifier.management.finished import Finished
from classifier.management.formats import RowFormat
from classifier.management.rows import Row, spelled
from classifier.management.tally import Tally

SYNC_EVERY_S = 1.0


class UnusableOutputError(Exception):
    """The file cannot be gone on with; the message is a sentence."""


class ResumableFile:
    """Rows on disk; one run at a time adds to them.

    Parameters
    ----------
    path : Path
        Made if need be.
    row_format : RowFormat

    Attributes
    ----------
    tally : Tally
        Of the rows in it.

    Raises
    ------
    UnusableOutputError
        Somebody else's file, which is left as it is, or one that another run writes.
    OSError
    """

    def __init__(self, path: Path, row_format: RowFormat) -> None:
        self.path = path
        self._format = row_format
        self._file = path.open("a+b")
        try:
            self.tally, self._done = self._take_over()
        except BaseException:
            self._file.close()
            raise
        self._synced = time.monotonic()

    def has(self, path: str) -> bool:
        """Whether a recording had its row at the beginning."""
        return spelled(path) in self._done

    def append(self, row: Row) -> None:
        """Add a row; from here on, it outlives this process."""
        self._write(self._format.encode(row))
        self.tally.add(Finished.from_row(row))
        if time.monotonic() - self._synced > SYNC_EVERY_S:
            self._sync()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._file:
            self._sync()

    def _take_over(self) -> tuple[Tally, set[str]]:
        self._lock()
        self._check_opening()
        legible = _whole_bytes(self._file, quoted=self._format.quoted)
        whole = min(legible, len(self._format.head.encode()))
        tally, paths = Tally(), set()
        try:
            for finished in self._format.decode(_lines(self._file, legible)):
                tally.add(finished)
                paths.add(finished.path)
                whole = self._file.tell()
        except (ValueError, KeyError, TypeError, csv.Error) as error:
            message = f"{self.path} holds a row that this command did not write. Please name another file."
            raise UnusableOutputError(message) from error
        self._file.truncate(whole)
        if not whole:
            self._write(self._format.head)
        return tally, paths

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"Another run is writing {self.path}. Please wait for it, or name another file."
            raise UnusableOutputError(message) from error

    def _check_opening(self) -> None:
        opening = self._format.opening.encode()
        self._file.seek(0)
        if not opening.startswith(self._file.read(len(opening))):
            message = f"{self.path} exists and was not written by this command in this format. Please name another."
            raise UnusableOutputError(message)

    def _write(self, text: str) -> None:
        self._file.write(text.encode())
        self._file.flush()

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()


def recordings_in(path: Path, row_format: RowFormat) -> Iterator[Finished]:
    """What the rows of a file say, one recording after another; those that are not whole are left out.

    Raises
    ------
    OSError
    """
    with path.open("rb") as file:
        yield from row_format.decode(_lines(file, _whole_bytes(file, quoted=row_format.quoted)))


def _whole_bytes(file: BinaryIO, *, quoted: bool) -> int:
    """Where the last row ends that was written to its end."""
    whole = position = quotes = 0
    file.seek(0)
    for line in file:
        position += len(line)
        quotes += line.count(b'"') if quoted else 0
        if line.endswith(b"\n") and quotes % 2 == 0:
            whole = position
    return whole


def _lines(file: BinaryIO, end: int) -> Iterator[str]:
    file.seek(0)
    while file.tell() < end:
        yield file.readline().decode()
