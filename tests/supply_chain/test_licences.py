from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from supply_chain import licences
from supply_chain.licences import Dependency
from supply_chain.locks import DEVELOP, RUN, python_packages
from tests.docs.pages import table_rows


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    return dict(licences.installed())


def test_the_page_is_what_the_packages_say(known: dict[str, str]) -> None:
    """`make licences` brings it up to date."""
    assert licences.PAGE.read_text("utf-8") == licences.page(known)


def test_every_package_that_is_pinned_is_on_it() -> None:
    listed = {row[0] for row in table_rows(licences.PAGE.read_text("utf-8"))}
    assert python_packages(RUN) | python_packages(DEVELOP) | {"wavesurfer.js", "axe-core"} <= listed


def test_whatever_a_site_runs_may_be_passed_on_with_ours(known: dict[str, str]) -> None:
    run = licences.dependencies(python_packages(RUN), known)
    assert [dependency for dependency in run if not dependency.permitted] == []


@pytest.mark.parametrize("licence", ["GPL-3.0-or-later", "MIT AND AGPL-3.0-only", "unknown", "Proprietary"])
def test_what_may_not_or_is_not_known_is_noticed(licence: str) -> None:
    assert not Dependency("strange", licence).permitted


def test_of_a_package_that_nobody_knows_the_licence_is_unknown() -> None:
    assert licences.dependencies(["strange"], {}) == [Dependency("strange", "unknown")]


@pytest.mark.parametrize(
    ("package", "folder", "mark", "named"),
    [
        ("ninja", "static/ninja", "swagger-ui-bundle.js", "Swagger UI"),
        ("ninja", "static/ninja", "redoc.standalone.js", "ReDoc"),
        ("django", "contrib/admin/static/admin/js/vendor", "jquery", "jQuery, Select2, XRegExp"),
    ],
)
def test_what_packages_bring_for_browsers_is_named(package: str, folder: str, mark: str, named: str) -> None:
    found = importlib.util.find_spec(package)
    assert found
    assert found.origin
    assert (Path(found.origin).parent / folder / mark).exists() == (named in licences.BUNDLED)
