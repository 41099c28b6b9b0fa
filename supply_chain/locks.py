"""What the lock files pin."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "requirements.txt"
DEVELOP = ROOT / "requirements-dev.txt"
NPM = ROOT / "package-lock.json"

PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>\S+)", re.MULTILINE)


@dataclass(frozen=True)
class NpmPackage:
    """One package of npm.

    Attributes
    ----------
    sha512 : str
        Of its tarball, in hexadecimal digits.
    dev : bool
        Whether only tests need it.
    """

    name: str
    version: str
    licence: str
    sha512: str
    dev: bool


def python_packages(lock: Path) -> set[str]:
    """Names of the packages that a lock file pins, normalised, on whichever system."""
    return {canonicalize_name(found["name"]) for found in PINNED.finditer(lock.read_text("utf-8"))}


def npm_packages() -> list[NpmPackage]:
    """The packages of npm."""
    pinned = json.loads(NPM.read_text("utf-8"))["packages"]
    return [
        NpmPackage(
            name=path.rpartition("node_modules/")[2],
            version=entry["version"],
            licence=entry["license"],
            sha512=base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex(),
            dev=entry.get("dev", False),
        )
        for path, entry in pinned.items()
        if path
    ]
