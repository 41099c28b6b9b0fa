"""Holds a release to its name, before anything is published: `python3 -m supply_chain.release v1.2.3`.

The tag, pyproject.toml, package.json and the changelog must name one version. Prints the tags of the image.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FINAL = re.compile(r"\d+(\.\d+)*")


def problems(tag: str) -> Iterator[str]:
    """What does not fit the tag."""
    version = tag.removeprefix("v")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    package = json.loads((ROOT / "package.json").read_text("utf-8"))["version"]
    for file, named in (("pyproject.toml", project), ("package.json", package)):
        if f"v{named}" != tag:
            yield f"The tag is {tag}, but {file} names version {named}."
    if not re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE):
        yield f"CHANGELOG.md has no section for {version}."


def image_tags(tag: str) -> list[str]:
    """What the image is called: its version, and `latest` unless it is a pre-release."""
    version = tag.removeprefix("v")
    return [version, "latest"] if FINAL.fullmatch(version) else [version]


def main(tag: str) -> int:
    """Print what the image is called, or what is wrong."""
    found = list(problems(tag))
    sys.stderr.write("".join(f"{problem}\n" for problem in found))
    if not found:
        sys.stdout.write(" ".join(image_tags(tag)) + "\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
