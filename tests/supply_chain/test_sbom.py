from __future__ import annotations

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from supply_chain import sbom
from supply_chain.licences import installed
from supply_chain.locks import DEVELOP, RUN, python_packages


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return sbom.bill(installed())


def test_it_is_valid_cyclonedx(bill: dict[str, Any]) -> None:
    assert JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"])).validate_str(json.dumps(bill)) is None


def test_it_lists_what_a_site_runs_and_no_more(bill: dict[str, Any]) -> None:
    listed = {component["name"] for component in bill["components"]}
    assert listed == python_packages(RUN) | {"wavesurfer.js"}
    assert not listed & (python_packages(DEVELOP) - python_packages(RUN))


def test_each_part_has_a_version_a_licence_and_a_hash(bill: dict[str, Any]) -> None:
    for component in bill["components"]:
        assert component["version"]
        assert component["licenses"][0]["expression"] != "unknown"
        assert component.get("hashes") or component["externalReferences"][0]["hashes"], component["name"]
