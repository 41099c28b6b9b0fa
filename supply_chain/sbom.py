"""Writes the bill of materials of what a site runs, as CycloneDX: `make sbom`.

Python's part is what cyclonedx-py makes of the lock file, with its hashes; licences and npm's part are added. What the
base image brings is not in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from typing import Any

from supply_chain.licences import dependencies, installed
from supply_chain.locks import ROOT, RUN, NpmPackage, npm_packages, python_packages

OUTPUT = ROOT / "reports" / "sbom.cdx.json"


def bill(licences: Mapping[str, str]) -> dict[str, Any]:
    """The whole bill; `licences` are those of the packages that are installed here."""
    made = _python_part()
    named = {found.name: found.licence for found in dependencies(python_packages(RUN), licences)}
    for component in made["components"]:
        component.pop("description", None)  # the line of the lock file again
        component["licenses"] = [{"expression": named[component["name"]]}]
    made["components"] += [_npm_part(package) for package in npm_packages() if not package.dev]
    made["metadata"]["component"] = _ourselves()
    made["dependencies"] = [
        {"ref": "undertone", "dependsOn": [component["bom-ref"] for component in made["components"]]},
        *({"ref": component["bom-ref"]} for component in made["components"]),
    ]
    return made


def main() -> None:
    """Write it, and say where."""
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(bill(installed()), indent=2) + "\n", "utf-8")
    sys.stdout.write(f"Written: {OUTPUT}\n")


def _python_part() -> dict[str, Any]:
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible", "--of=JSON", str(RUN)]
    made: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return made


def _npm_part(package: NpmPackage) -> dict[str, Any]:
    address = f"pkg:npm/{package.name}@{package.version}"
    return {
        "type": "library",
        "bom-ref": address,
        "name": package.name,
        "version": package.version,
        "purl": address,
        "hashes": [{"alg": "SHA-512", "content": package.sha512}],
        "licenses": [{"expression": package.licence}],
    }


def _ourselves() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "type": "application",
        "bom-ref": "undertone",
        "name": project["name"],
        "version": project["version"],
        "description": project["description"],
        "licenses": [{"expression": project["license"]}],
    }


if __name__ == "__main__":
    main()
