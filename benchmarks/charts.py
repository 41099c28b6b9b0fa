"""The charts of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.pages import PAGE

IMAGES = PAGE.parent / "images"
INK, QUIET, OURS = "#57606a", "#b6bec8", "#0f766e"  # grey enough for light pages and dark ones


def bars(name: str, took_ms: Mapping[str, float]) -> None:
    """Milliseconds of each way, ours in colour."""
    figure = Figure(figsize=(7, 2.6), layout="constrained")
    axes = figure.subplots()
    colours = [OURS if way.startswith(("classic", "expressive")) else QUIET for way in took_ms]
    drawn = axes.barh(list(took_ms), list(took_ms.values()), color=colours)
    axes.bar_label(drawn, fmt=" %.1f ms", color=INK)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel("milliseconds a clip")
    _save(figure, name)


def lines(name: str, lengths_s: Sequence[int], costs_ms: Mapping[str, Sequence[float]]) -> None:
    """What a second of audio costs each model, by the recording's length."""
    figure = Figure(figsize=(7, 2.8), layout="constrained")
    axes = figure.subplots()
    for (model, costs), colour in zip(costs_ms.items(), (OURS, INK), strict=True):
        axes.plot(lengths_s, costs, marker="o", label=model, color=colour)
    axes.set_xscale("log")
    axes.set_xticks(lengths_s, [f"{length} s" for length in lengths_s], minor=False)
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("length of the recording")
    axes.set_ylabel("ms a second of audio")
    axes.legend(frameon=False, labelcolor=INK)
    _save(figure, name)


def _save(figure: Figure, name: str) -> None:
    """As a drawing without a background, the same for the same figures."""
    for axes in figure.axes:
        axes.tick_params(colors=INK)
        axes.xaxis.label.set_color(INK)
        axes.yaxis.label.set_color(INK)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(INK)
    IMAGES.mkdir(exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(IMAGES / f"{name}.svg", transparent=True, metadata={"Date": None})
