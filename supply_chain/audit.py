"""Asks PyPI and npm for known weaknesses in what the lock files pin: `make audit`.

Exit status 1 where there is one that is not explained below. Where a registry cannot be asked, that is said and passes:
work goes on without a network. With REQUIRE_AUDIT=1, as when an image is published, it does not pass.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supply_chain.locks import DEVELOP, ROOT, RUN

EXPLAINED: Mapping[str, str] = {}
"""Weaknesses that we live with: their id, and why they do not reach us. None at present."""

PATIENCE_S = 300


class UnansweredError(Exception):
    """A registry could not be asked; the text says what came instead."""


@dataclass(frozen=True)
class Weakness:
    """A known weakness in a package that is pinned."""

    id: str
    package: str
    about: str


def from_pip_audit(report: str) -> list[Weakness]:
    """What pip-audit found, from its JSON."""
    packages = _parsed(report)["dependencies"]
    if skipped := [package["name"] for package in packages if "skip_reason" in package]:
        message = f"PyPI says nothing about {len(skipped)} of {len(packages)} packages ({skipped[0]} …)"
        raise UnansweredError(message)
    return [
        Weakness(found["id"], f"{package['name']} {package['version']}", found.get("description", ""))
        for package in packages
        for found in package["vulns"]
    ]


def from_npm_audit(report: str) -> list[Weakness]:
    """What npm found, from its JSON; packages that are affected through others only are not named twice."""
    return [
        Weakness(advisory["url"].rpartition("/")[2], name, advisory["title"])
        for name, entry in _parsed(report)["vulnerabilities"].items()
        for advisory in entry["via"]
        if isinstance(advisory, dict)
    ]


def unexplained(found: Iterable[Weakness]) -> list[Weakness]:
    """Those that nobody has explained."""
    return [weakness for weakness in found if weakness.id not in EXPLAINED]


def main() -> int:
    """Ask about each lock file, print what was found, and say with the exit status whether it may stay so."""
    asked: list[tuple[str, list[str], Callable[[str], list[Weakness]]]] = [
        (RUN.name, _pip_audit(RUN), from_pip_audit),
        (DEVELOP.name, _pip_audit(DEVELOP), from_pip_audit),
        ("package-lock.json", ["npm", "audit", "--json"], from_npm_audit),
    ]
    return max([_judge(lock, command, read) for lock, command, read in asked])


def _judge(lock: str, command: list[str], read: Callable[[str], list[Weakness]]) -> int:
    try:
        found = unexplained(read(_output(command)))
    except UnansweredError as unanswered:
        sys.stdout.write(f"{lock}: could not be audited: {unanswered}\n")
        return int(os.environ.get("REQUIRE_AUDIT") == "1")
    for weakness in found:
        sys.stdout.write(f"{lock}: {weakness.package}: {weakness.id}: {weakness.about.strip()}\n")
    sys.stdout.write(f"{lock}: {len(found) or 'no'} known weaknesses, {len(EXPLAINED)} explained\n")
    return int(bool(found))


def _pip_audit(lock: Path) -> list[str]:
    asking = ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json"]
    return [sys.executable, "-m", "pip_audit", *asking, f"--requirement={lock}"]


def _output(command: list[str]) -> str:
    if not shutil.which(command[0]):
        message = f"{command[0]} is not installed"
        raise UnansweredError(message)
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        message = f"no answer within {PATIENCE_S} seconds"
        raise UnansweredError(message) from None
    return done.stdout or json.dumps({"error": done.stderr.strip().rpartition("\n")[2]})


def _parsed(report: str) -> dict[str, Any]:
    try:
        answer = json.loads(report)
    except json.JSONDecodeError:
        raise UnansweredError(report.strip() or "nothing") from None
    if not isinstance(answer, dict) or "error" in answer:
        raise UnansweredError(str(answer.get("message") or answer["error"] if isinstance(answer, dict) else answer))
    return answer


if __name__ == "__main__":
    sys.exit(main())
