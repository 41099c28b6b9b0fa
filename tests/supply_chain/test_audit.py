from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from supply_chain import audit
from supply_chain.audit import UnansweredError, Weakness

CLEAN = {"dependencies": [{"name": "django", "version": "5.2.19", "vulns": []}], "fixes": []}
WEAK = {
    "dependencies": [
        {
            "name": "django",
            "version": "5.2.0",
            "vulns": [{"id": "PYSEC-2025-1", "fix_versions": ["5.2.1"], "aliases": [], "description": "A weakness."}],
        }
    ]
}
UNKNOWN = {"dependencies": [{"name": "django", "skip_reason": "Dependency not found on PyPI"}]}
NPM_WEAK = {
    "vulnerabilities": {
        "left-pad": {"via": [{"url": "https://github.com/advisories/GHSA-1", "title": "Pads too far"}]},
        "right-pad": {"via": ["left-pad"]},
    }
}
NPM_REFUSED = {"message": "405 Method Not Allowed", "error": {"summary": "", "detail": ""}}

Answer = Callable[[object], None]


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Lets both registries answer the same."""
    monkeypatch.delenv("REQUIRE_AUDIT", raising=False)

    def answer(report: object) -> None:
        monkeypatch.setattr(audit, "_output", lambda _: report if isinstance(report, str) else json.dumps(report))

    return answer


def test_weaknesses_are_read_from_both_tools() -> None:
    assert audit.from_pip_audit(json.dumps(CLEAN)) == []
    assert audit.from_pip_audit(json.dumps(WEAK)) == [Weakness("PYSEC-2025-1", "django 5.2.0", "A weakness.")]
    assert audit.from_npm_audit(json.dumps(NPM_WEAK)) == [Weakness("GHSA-1", "left-pad", "Pads too far")]


def test_a_weakness_fails_until_it_is_explained(registries: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    registries(WEAK | NPM_WEAK)
    assert audit.main() == 1
    monkeypatch.setattr(audit, "EXPLAINED", {"PYSEC-2025-1": "not reached", "GHSA-1": "tests only"})
    assert audit.main() == 0


@pytest.mark.parametrize("report", [UNKNOWN, "", "no route to host", {"error": "offline"}])
def test_what_is_no_answer_is_never_taken_for_a_clean_one(report: object) -> None:
    with pytest.raises(UnansweredError):
        audit.from_pip_audit(report if isinstance(report, str) else json.dumps(report))


def test_without_a_network_it_is_said_and_passes_unless_the_audit_is_required(
    registries: Answer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registries(NPM_REFUSED)
    assert audit.main() == 0
    assert "package-lock.json: could not be audited: 405 Method Not Allowed" in capsys.readouterr().out
    monkeypatch.setenv("REQUIRE_AUDIT", "1")
    assert audit.main() == 1
