"""One row for each recording, as a line of JSON for programs or a record of CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ml.errors import UndertoneError
from ml.exports import SCORE_COLUMNS, number, score_cells
from ml.results import Prediction

COLUMNS = (
    *("path", "status", "emotion", "confidence", "uncertain"),
    *SCORE_COLUMNS,
    *("voice_used", "duration_s", "speech_s", "model", "version", "error_code", "error"),
)
"""Of a CSV file; a score that the model does not know and what a failed recording does not have are left empty."""

OK, FAILED = "ok", "failed"
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")  # what a spreadsheet would run, also with our own quote before it


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one recording.

    Attributes
    ----------
    path : str
        As `spelled`.
    outcome : Prediction or UndertoneError
    """

    path: str
    outcome: Prediction | UndertoneError

    def as_dict(self) -> dict[str, Any]:
        """What the API answers, with `path`."""
        if isinstance(self.outcome, UndertoneError):
            return {"path": self.path, "error": {"code": self.outcome.code, "message": self.outcome.message}}
        return {"path": self.path, **self.outcome.as_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Row:
        """The inverse of `as_dict`."""
        path, heard = data["path"], {name: value for name, value in data.items() if name != "path"}
        return cls(path, UndertoneError(**heard["error"]) if "error" in heard else Prediction.from_dict(heard))

    @property
    def model(self) -> str | None:
        """Name and version of the model that answered, if one did."""
        return None if isinstance(self.outcome, UndertoneError) else self.outcome.model.spelled


def spelled(path: str) -> str:
    """A path as text that every encoding can carry: bytes in it that are not UTF-8 are written as escapes."""
    return path.encode("utf-8", "backslashreplace").decode()


def jsonl_line(row: Row) -> str:
    """A row as one line of JSON."""
    return json.dumps(row.as_dict()) + "\n"


def csv_record(row: Row) -> str:
    """A row as a record of CSV."""
    cells = _failed_cells(row.outcome) if isinstance(row.outcome, UndertoneError) else _heard_cells(row.outcome)
    cells["path"] = row.path
    return csv_text(harmless(cells.get(column, "")) for column in COLUMNS)


def csv_text(cells: Iterable[str]) -> str:
    """One record, ended by a line break alone."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)  # quotes cells with either of the two characters
    return text.getvalue().removesuffix("\r\n") + "\n"


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def original(cell: str) -> str:
    """The inverse of `harmless`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _failed_cells(error: UndertoneError) -> dict[str, str]:
    return {"status": FAILED, "error_code": error.code, "error": error.message}


def _heard_cells(heard: Prediction) -> dict[str, str]:
    return {
        "status": OK,
        "emotion": heard.emotion,
        "confidence": number(heard.confidence),
        "uncertain": "true" if heard.uncertain else "false",
        **score_cells(heard.scores),
        "voice_used": "true" if heard.voice_used else "false",
        "duration_s": number(heard.duration_s),
        "speech_s": number(heard.speech_s),
        "model": heard.model.name,
        "version": heard.model.version,
    }


CSV_HEAD = csv_text(COLUMNS)
