from __future__ import annotations

import os
import re

import pytest
import yaml

from tests.docs.pages import ROOT, read

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_every_change_is_held_to_the_same_as_here_on_every_python() -> None:
    ci = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]
    assert ".ci/run" in [step.get("run") for step in ci["test"]["steps"]]
    assert len(ci["test"]["strategy"]["matrix"]["container"]) == 3
    assert [step.get("run") for step in ci["image"]["steps"]][1:] == ["make image", ".ci/try-image"]


def test_a_tag_publishes_only_what_has_held() -> None:
    text = read(".github/workflows/release.yml")
    publish = yaml.safe_load(text)["jobs"]["publish"]
    assert publish["needs"] == "ci"
    runs = " ".join(step.get("run", "") for step in publish["steps"])
    steps = ("supply_chain.release", "make audit sbom", ".ci/try-image", "docker push", "gh release create")
    order = [runs.index(step) for step in steps]
    assert order == sorted(order)
    assert 'REQUIRE_AUDIT: "1"' in text


def test_base_images_that_float_are_admitted() -> None:
    told = read("SECURITY.md")
    used = re.findall(r"^FROM (\S+:\S+)", read("Dockerfile"), re.MULTILINE) + re.findall(
        r"image: (\S+:\S+)", read("compose.yaml")
    )
    assert len(set(used)) == 3
    assert all("@sha256:" in image or f"`{image}`" in told for image in used)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_it_may_do_no_more_than_it_needs_and_pins_what_it_uses(workflow: os.PathLike[str]) -> None:
    text = read(os.fspath(workflow))
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    used = re.findall(r"uses: (?!\./)(\S+)", text)
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|[0-9a-f]{40})", action) for action in used)


@pytest.mark.parametrize("name", ["run", "try-image"])
def test_what_they_run_can_be_run(name: str) -> None:
    assert os.access(ROOT / ".ci" / name, os.X_OK)
