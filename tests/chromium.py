"""The one browser of a test run: Playwright cannot be started twice in a process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, where there is a Chromium; with REQUIRE_BROWSER a missing one is a failure."""
    if not CHROMIUM.exists():
        missing = f"no browser at {CHROMIUM}; set CHROMIUM"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as running:
        yield running
