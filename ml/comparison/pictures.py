"""The comparison as two figures; matplotlib is an extra, and without it they are skipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml.comparison.rows import Row
from ml.plots import SKIPPED

ROW_INCHES = 0.32
STILL: dict[Any, Any] = {"svg.hashsalt": "undertone", "svg.fonttype": "none"}  # the same rows give the same file


def write_pictures(folder: Path, name: str, rows: Sequence[Row]) -> str:
    """Draw accuracies and costs as SVG.

    Parameters
    ----------
    folder : Path
    name : str
        How the files' names begin.
    rows : sequence of Row
        Those that were not measured are left out.

    Returns
    -------
    str
        A sentence where matplotlib is missing; otherwise empty.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        return SKIPPED
    shown = [row for row in rows if not row.note]
    if not shown:
        return ""
    with rc_context(STILL):
        for suffix, draw in (("accuracy", _draw_accuracy), ("cost", _draw_cost)):
            figure = Figure(figsize=(8, 1.4 + ROW_INCHES * max(len(shown), 6)), layout="constrained")
            draw(figure, shown)
            figure.savefig(folder / f"{name}-{suffix}.svg", metadata={"Date": None})
    return ""


def _draw_accuracy(figure: Any, rows: Sequence[Row]) -> None:
    """What was published, what a random split gives, and what strangers get."""
    axes = figure.subplots()
    for y, row in enumerate(rows):
        if row.published is not None:
            axes.plot(100 * row.published, y, "|", color="black", markersize=13, markeredgewidth=2)
        if row.random_accuracy:
            spread = row.random_accuracy
            axes.errorbar(100 * spread.mean, y, xerr=100 * spread.sd, fmt="o", color="tab:orange", capsize=3)
        if row.actors_accuracy:
            found = row.actors_accuracy
            reach = [[100 * (found.value - found.low)], [100 * (found.high - found.value)]]
            axes.errorbar(100 * found.value, y, xerr=reach, fmt="s", color="tab:blue", capsize=3)
    axes.plot([], [], "|", color="black", markersize=13, markeredgewidth=2, label="published")
    axes.plot([], [], "o", color="tab:orange", label="random split, speakers on both sides (± sd)")
    axes.plot([], [], "s", color="tab:blue", label="strangers (95 % interval)")
    _name_rows(axes, rows)
    axes.set_xlim(0, 100)
    axes.set_xlabel("accuracy in % (number of classes in brackets)")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, frameon=False, fontsize="small")


def _draw_cost(figure: Any, rows: Sequence[Row]) -> None:
    """Training, answering and the pickle, each on a scale of its own."""
    costs = [(y, row.cost) for y, row in enumerate(rows) if row.cost]
    panels = {
        "training, s": [cost.fit_s for _, cost in costs],
        "one answer, ms": [cost.features_ms + cost.predict_ms for _, cost in costs],
        "pickle, MB": [cost.size_bytes / 1e6 for _, cost in costs],
    }
    for axes, (what, widths) in zip(figure.subplots(1, len(panels), sharey=True), panels.items(), strict=True):
        bars = axes.barh([y for y, _ in costs], widths, height=0.6, color="tab:blue")
        axes.bar_label(bars, fmt="%.2g", padding=3, fontsize="small")
        axes.margins(x=0.25)
        axes.set_xlabel(what)
    _name_rows(axes, rows)


def _name_rows(axes: Any, rows: Sequence[Row]) -> None:
    axes.set_yticks(range(len(rows)), [f"{row.recipe} ({row.classes})" for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
