"""Figures as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

EXPLAINED = {
    "actors": "speakers never heard in training",
    "actors+voice": "the same, with two neutral clips of each as their normal voice",
    "random": "speakers on both sides, as the field reports",
}


def figures_table(figures: Sequence[dict[str, Any]]) -> str:
    """Accuracy, UAR, ECE, recalls and the confusion matrix of each protocol."""
    return "\n\n".join(_one(figure) for figure in figures)


def _one(figure: dict[str, Any]) -> str:
    lines = [f"{figure['protocol']} ({EXPLAINED.get(figure['protocol'], '')}), {figure['clips']} clips"]
    for name in ("accuracy", "uar", "ece"):
        value, low, high = (_percent(figure[name][key]) for key in ("value", "low", "high"))
        lines.append(f"  {name:9} {value}   95 % interval {low} to {high}")
    lines.append("  recall    " + "  ".join(f"{label} {_percent(value)}" for label, value in figure["recall"].items()))
    return "\n".join([*lines, *_confusion(figure["confusion"])])


def _percent(share: float) -> str:
    return f"{100 * share:5.1f} %"


def _confusion(confusion: dict[str, Any]) -> list[str]:
    labels, rows = confusion["labels"], confusion["rows"]
    width = max(map(len, labels)) + 1
    return [
        f"  {'heard as':{width}}" + "".join(f"{label:>{width}}" for label in labels),
        *(f"  {label:{width}}" + "".join(f"{n:{width}}" for n in row) for label, row in zip(labels, rows, strict=True)),
    ]
