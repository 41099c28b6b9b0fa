"""A file of rows as one page that needs nothing else: shares of the emotions, hour by hour, and each recording."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from classifier.management.finished import Finished, Part
from classifier.management.formats import RowFormat
from classifier.management.resumable import recordings_in
from classifier.management.tally import Tally, clock, files
from ml.emotions import emotion_of

HOUR_S = 3600.0
COLUMNS = 480
"""Of a timeline: so many moments of it are drawn, however long it is."""

RECORDINGS = "<!--recordings-->"
PALETTE_END = "/* ---- Ground"


@dataclass
class Totals:
    """What all recordings together come to.

    Attributes
    ----------
    tally : Tally
    hours : dict of int to dict of str to float
        Seconds of each emotion in each hour of the recordings.
    """

    tally: Tally = field(default_factory=Tally)
    hours: defaultdict[int, defaultdict[str, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )

    def add(self, finished: Finished) -> None:
        """Count one recording."""
        self.tally.add(finished)
        for part in finished.parts:
            if part.emotion:
                for hour, seconds in _by_hour(part):
                    self.hours[hour][part.emotion] += seconds


def write_report(rows: Path, row_format: RowFormat, report: Path) -> None:
    """Write the page; it is there only once it is whole.

    Rows are read twice and never kept, so that their number costs no memory.

    Parameters
    ----------
    rows : Path
        A file that `ResumableFile` wrote.
    row_format : RowFormat
    report : Path

    Raises
    ------
    OSError
    """
    totals = Totals()
    for finished in recordings_in(rows, row_format):
        totals.add(finished)
    before, after = _page(rows.name, totals).split(RECORDINGS)
    unfinished = report.with_name(f".{report.name}.part")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(before)
        file.writelines(_recording(finished) for finished in recordings_in(rows, row_format))
        file.write(after)
    unfinished.replace(report)


def _page(title: str, totals: Totals) -> str:
    tally = totals.tally
    shares = _shares(tally.emotions, timed=tally.timed)
    context = {
        "title": title,
        "count": files(tally.count),
        "length": clock(tally.duration_s) if tally.duration_s else "",
        "models": " and ".join(sorted(tally.models)),
        "timed": tally.timed,
        "shares": shares,
        "hours": list(_hours(totals, [share["label"] for share in shares])) if len(totals.hours) > 1 else [],
        "palette": _palette(),
    }
    return render_to_string("report/page.html", context)


def _recording(finished: Finished) -> str:
    context = {
        "path": finished.path,
        "length": clock(finished.duration_s) if finished.duration_s else "–",
        "error": finished.error,
        "timed": bool(finished.parts),
        "shares": _shares(finished.shares, timed=True),
        "strips": list(_strips(finished)),
    }
    return render_to_string("report/recording.html", context)


def _shares(amounts: Mapping[str, float], *, timed: bool) -> list[dict[str, Any]]:
    """The most frequent emotion first."""
    total, most = sum(amounts.values()), max(amounts.values(), default=0.0)
    return [
        {
            "label": label,
            "emotion": emotion_of(label),
            "amount": clock(amount) if timed else f"{amount:,.0f}",
            "percent": f"{100 * amount / total:.0f}",
            "width": f"{100 * amount / most:.1f}",
        }
        for label, amount in sorted(amounts.items(), key=lambda item: -item[1])
    ]


def _hours(totals: Totals, labels: list[str]) -> Iterator[dict[str, Any]]:
    for hour, seconds in sorted(totals.hours.items()):
        speech_s = sum(seconds.values())
        yield {
            "name": f"{hour}:00 to {hour + 1}:00",
            "speech": clock(speech_s),
            "percents": [f"{100 * seconds[label] / speech_s:.0f}" for label in labels],
        }


def _by_hour(part: Part) -> Iterator[tuple[int, float]]:
    """How many seconds of a segment lie in which hour."""
    start_s = part.start_s
    while start_s < part.end_s:
        hour = int(start_s // HOUR_S)
        end_s = min(part.end_s, (hour + 1) * HOUR_S)
        yield hour, end_s - start_s
        start_s = end_s


def _strips(finished: Finished) -> Iterator[dict[str, Any]]:
    """The timeline of each channel."""
    for channel, parts in groupby(finished.parts, key=lambda part: part.channel):
        yield {
            "name": "" if channel == "mix" else channel,
            "columns": COLUMNS,
            "runs": list(_runs(list(parts), finished.duration_s)),
        }


def _runs(parts: list[Part], duration_s: float) -> Iterator[dict[str, Any]]:
    """Columns next to each other in which the same emotion is heard."""
    position = 0
    for emotion, columns in groupby(_columns(parts, duration_s)):
        width = sum(1 for _ in columns)
        if emotion:
            yield {"emotion": emotion_of(emotion), "start": position, "width": width}
        position += width


def _columns(parts: list[Part], duration_s: float) -> Iterator[str | None]:
    """What is heard in the middle of each column."""
    remaining = iter(parts)
    part = next(remaining, None)
    for column in range(COLUMNS):
        moment_s = (column + 0.5) / COLUMNS * duration_s
        while part is not None and part.end_s <= moment_s:
            part = next(remaining, None)
        yield part.emotion if part is not None and part.start_s <= moment_s else None


def _palette() -> str:
    """The colours of the site, in the light and in the dark."""
    sheet = (settings.BASE_DIR / "static" / "css" / "undertone.css").read_text("utf-8")
    return mark_safe(sheet.partition(PALETTE_END)[0])  # noqa: S308 (our own stylesheet)
