from __future__ import annotations

import json
from pathlib import Path

import pytest

from supply_chain import release


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is ready for version 1.2.3."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "package.json").write_text('{"version": "1.2.3"}')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3 (2027-01-31)\n\n## 1.2.2\n")
    monkeypatch.setattr(release, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_a_release_whose_files_agree_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main("v1.2.3") == 0
    assert capsys.readouterr().out == "1.2.3 latest\n"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("tag", ["v1.2.4", "1.2.3", "v1.2.3rc1", "v1.2"])
def test_a_tag_that_is_not_the_version_is_refused(capsys: pytest.CaptureFixture[str], tag: str) -> None:
    assert release.main(tag) == 1
    told = capsys.readouterr()
    assert f"The tag is {tag}, but pyproject.toml names version 1.2.3." in told.err
    assert told.out == ""


def test_files_that_lag_behind_are_told(project: Path) -> None:
    (project / "package.json").write_text(json.dumps({"version": "1.2.2"}))
    (project / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n")
    assert list(release.problems("v1.2.3")) == [
        "The tag is v1.2.3, but package.json names version 1.2.2.",
        "CHANGELOG.md has no section for 1.2.3.",
    ]


@pytest.mark.parametrize("tag", ["v1.2.3rc1", "v1.2.3-beta.1", "v2.0.0.dev3"])
def test_a_prerelease_is_not_the_latest(tag: str) -> None:
    assert release.image_tags(tag) == [tag[1:]]
