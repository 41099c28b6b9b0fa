"""The documentation as data: its pages, headings, links, tables and code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])

FENCE = re.compile(
    r"^(?:<!-- (?P<note>[^\n]*) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
SOURCE = re.compile(r'\b(?:src|srcset|href)="([^"\s]+)"')
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """A code block.

    Attributes
    ----------
    page : str
        Where it stands.
    note : str
        What the comment before it says; `run` marks what the tests execute.
    language, text : str
    """

    page: str
    note: str
    language: str
    text: str


def read(name: str) -> str:
    """A page's text, by its path from the root."""
    return (ROOT / name).read_text("utf-8")


def blocks(page: Path) -> list[Block]:
    """The code blocks of a page."""
    found = FENCE.finditer(page.read_text("utf-8"))
    name = str(page.relative_to(ROOT))
    return [Block(name, match["note"] or "", match["language"], match["text"]) for match in found]


def prose(page: Path) -> str:
    """A page without its code blocks, in which `#` is a comment and brackets are no links."""
    return FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    headings = (heading.strip().lower() for heading in HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def section(name: str, heading: str) -> str:
    """A section of a page with all below it, without its code blocks.

    Parameters
    ----------
    name : str
        The page.
    heading : str
        As it is written, with its number signs.
    """
    text = prose(ROOT / name)
    level = heading.index(" ")
    start = text.index(f"{heading}\n") + len(heading)
    end = re.compile(rf"^#{{1,{level}}} ", re.MULTILINE).search(text, start)
    return text[start : end.start() if end else None]


def first_cells(text: str) -> list[str]:
    """What stands as code in the first cells of tables, row by row."""
    return [code for row in table_rows(text) for code in CODE.findall(row[0])]


def table_rows(text: str) -> Iterator[list[str]]:
    """The rows of the tables of a text, as cells; heads and rules included."""
    for line in text.splitlines():
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            yield [cell.strip().replace("\\|", "|") for cell in cells]
