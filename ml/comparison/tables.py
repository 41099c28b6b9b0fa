"""The comparison as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from ml.comparison.rows import Row, Spread
from ml.comparison.units import Cost
from ml.metrics import Figure

HEAD = (
    *("Recipe", "Classes", "Published", "Random split", "Strangers: accuracy", "Strangers: UAR"),
    *("Training", "Prediction", "Size"),
)
UNIT_S = 60


def markdown(rows: Sequence[Row]) -> str:
    """One table; a row that was not measured says why."""
    lines = [HEAD, ["---"] * len(HEAD), *(_cells(row) for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def csv_text(rows: Sequence[Row]) -> str:
    """A column for each number, shares as they are."""
    flat = [_flat(row.as_dict()) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return file.getvalue()


def json_text(rows: Sequence[Row]) -> str:
    """All rows, with everything that is known of them."""
    return json.dumps({"rows": [row.as_dict() for row in rows]}, indent=1, ensure_ascii=False) + "\n"


def rows_of(text: str) -> list[Row]:
    """The inverse of `json_text`."""
    return [Row.from_dict(row) for row in json.loads(text)["rows"]]


def _cells(row: Row) -> list[str]:
    known = [f"`{row.recipe}`", str(row.classes or ""), _published(row)]
    if row.note:
        return [*known, f"*{row.note}*", *[""] * (len(HEAD) - len(known) - 1)]
    return [
        *known,
        _spread(row.random_accuracy),
        _interval(row.actors_accuracy),
        _interval(row.actors_uar),
        *_cost(row.cost),
    ]


def _published(row: Row) -> str:
    if row.published is None:
        return ""
    return f"{_percent(row.published)} (`{row.rival}`)" if row.rival else _percent(row.published)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _spread(spread: Spread | None) -> str:
    return "" if spread is None else f"{_percent(spread.mean)} ± {_percent(spread.sd)}"


def _interval(figure: Figure | None) -> str:
    return "" if figure is None else f"{_percent(figure.value)} ({_percent(figure.low)} to {_percent(figure.high)})"


def _cost(cost: Cost | None) -> tuple[str, str, str]:
    if cost is None:
        return "", "", ""
    fit = f"{cost.fit_s:.1f} s" if cost.fit_s < UNIT_S else f"{cost.fit_s / UNIT_S:.1f} min"
    return fit, f"{cost.features_ms:.1f} + {cost.predict_ms:.1f} ms", f"{cost.size_bytes / 1e6:.1f} MB"


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Nested numbers as columns of their own: `actors_uar_low`."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{name}_{part}": number for part, number in value.items()}
        else:
            flat[name] = " ".join(value) if isinstance(value, tuple) else value
    return flat
