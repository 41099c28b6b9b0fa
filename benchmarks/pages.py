"""Where the figures go: each benchmark writes its own section of docs/performance.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"


def publish(heading: str, lines: Iterable[str], *, write: bool) -> None:
    """Print a section, and put it into the page where asked to."""
    section = "\n".join([f"## {heading}", "", *lines, ""])
    print(section)
    if write:
        PAGE.write_text(with_section(PAGE.read_text("utf-8") if PAGE.exists() else "# Performance\n", section), "utf-8")


def with_section(page: str, section: str) -> str:
    """The page with the section in the place of its former self, or at its end."""
    heading = section.partition("\n")[0]
    found = re.search(rf"^{re.escape(heading)}$.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if found is None:
        return f"{page.rstrip()}\n\n{section}"
    return page[: found.start()] + section + "\n" * (found.end() < len(page)) + page[found.end() :]


def quantile(values: Sequence[float], share: float) -> float:
    """The value under which this share of them lies; NaN without any."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] if values else float("nan")
