from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import LINK, PAGES, ROOT, SOURCE, anchors, prose

NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    links = LINK.findall(prose(page)) + SOURCE.findall(prose(page))
    inside = [link for link in links if not link.startswith(("https://", "http://", "mailto:"))]
    broken = [link for link in inside if not _leads_somewhere(page, link)]
    assert not broken


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in LINK.findall(prose(ROOT / "README.md"))}
    assert set(PAGES) - linked == {ROOT / "README.md"}


def test_every_image_is_shown_somewhere() -> None:
    shown = {
        (page.parent / link).resolve()
        for page in PAGES
        for link in LINK.findall(prose(page)) + SOURCE.findall(prose(page))
    }
    assert set((ROOT / "docs" / "images").iterdir()) <= shown


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    inside = target.is_relative_to(ROOT) and target.exists()
    return inside and (not anchor or anchor in anchors(target))
