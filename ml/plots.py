"""Figures as pictures; matplotlib is an extra, and without it they are skipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ml.evaluation import Evaluation

SKIPPED = "Plots are skipped: matplotlib is not installed (pip install matplotlib)."


def write_all(folder: Path, evaluations: Sequence[Evaluation], loss_curves: Sequence[Sequence[float]] = ()) -> str:
    """Write a confusion matrix for each protocol and the loss curve, and say where.

    Parameters
    ----------
    folder : Path
    evaluations : sequence of Evaluation
    loss_curves : sequence of sequences of float
        Loss after each epoch, one curve for each network.

    Returns
    -------
    str
        One sentence, also where matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return SKIPPED
    folder.mkdir(parents=True, exist_ok=True)
    for evaluation in evaluations:
        figure = Figure(figsize=(7, 6), layout="constrained")
        _draw_confusion(figure.subplots(), evaluation)
        figure.savefig(folder / f"confusion-{evaluation.protocol}.png", dpi=120)
    if loss_curves:
        figure = Figure(figsize=(7, 4), layout="constrained")
        _draw_loss(figure.subplots(), loss_curves)
        figure.savefig(folder / "loss.png", dpi=120)
    return f"Plots are in {folder}."


def _draw_confusion(axes: Any, evaluation: Evaluation) -> None:
    figures = evaluation.figures()
    labels, rows = figures["confusion"]["labels"], np.array(figures["confusion"]["rows"])
    shares = rows / np.maximum(rows.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("heard")
    axes.set_ylabel("acted")
    axes.set_title(f"{evaluation.protocol}: UAR {figures['uar']['value']:.1%} on {figures['clips']} clips")
    for (row, column), share in np.ndenumerate(shares):
        axes.text(column, row, rows[row, column], ha="center", va="center", color="white" if share > 0.5 else "black")


def _draw_loss(axes: Any, loss_curves: Sequence[Sequence[float]]) -> None:
    for number, curve in enumerate(loss_curves, start=1):
        axes.plot(range(1, len(curve) + 1), curve, label=f"network {number}")
    axes.set_xlabel("epoch")
    axes.set_ylabel("training loss")
    axes.legend()
