"""Lists the licence of every dependency: `make licences` writes docs/licences.md.

What packages say of themselves is read by pip-licenses; a few say it in words that are no SPDX identifier, and a few
are installed on other systems only: those are placed here by hand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from supply_chain.locks import DEVELOP, ROOT, RUN, npm_packages, python_packages

PAGE = ROOT / "docs" / "licences.md"

SPDX = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT style": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""What packages of ours mean by these words."""

TWO_CLAUSES = dict.fromkeys(("grimp", "import-linter", "locket", "numba"), "BSD-2-Clause")
"""Packages that only say BSD, and whose licence has no third clause."""

ELSEWHERE = {
    "async-timeout": "Apache-2.0",
    "audioop-lts": "PSF-2.0",
    "colorama": "BSD-3-Clause",
    "importlib-metadata": "Apache-2.0",
    "lazy-importer": "Apache-2.0",
    "librt": "MIT",
    "numpy-typing-compat": "BSD-3-Clause",
    "optype": "BSD-3-Clause",
    "pycparser": "BSD-3-Clause",
    "standard-aifc": "PSF-2.0",
    "standard-chunk": "PSF-2.0",
    "standard-sunau": "PSF-2.0",
    "tzdata": "Apache-2.0",
    "xgboost": "Apache-2.0",
    "xgboost-cpu": "Apache-2.0",
    "zipp": "MIT",
}
"""Packages that some versions of Python or some systems install and others do not."""

BUNDLED = {
    "FFmpeg 8": ("av", "LGPL-3.0-or-later"),
    "x264, x265": ("av", "GPL-2.0-or-later"),
    "GnuTLS, Nettle, GMP, libunistring": ("av", "LGPL-2.1-or-later and LGPL-3.0-or-later"),
    "LAME": ("av", "LGPL-2.0-or-later"),
    "dav1d, libvpx, libwebp, SVT-AV1, opencore-amr, Opus, libvpl, libxcb, libdrm, alsa-lib": (
        "av",
        "BSD, Apache-2.0, MIT and LGPL-2.1-or-later",
    ),
    "libsndfile": ("soundfile", "LGPL-2.1-or-later"),
    "libsoxr": ("soxr", "LGPL-2.1-or-later"),
    "LLVM": ("llvmlite", "Apache-2.0 WITH LLVM-exception"),
    "OpenBLAS": ("numpy, scipy", "BSD-3-Clause"),
    "libgfortran, libquadmath": ("numpy, scipy", "GPL-3.0-or-later WITH GCC-exception-3.1, LGPL-2.1-or-later"),
    "libgomp": ("scikit-learn", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "Swagger UI": ("django-ninja", "Apache-2.0"),
    "ReDoc": ("django-ninja", "MIT"),
    "jQuery, Select2, XRegExp": ("django", "MIT"),
}
"""Libraries that lie within the packages, compiled or for browsers, which their metadata does not name."""

PERMITTED = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "LGPL-2.1-or-later", "MIT"}
    | {"MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib", "Apache-2.0 WITH LLVM-exception"}
)
"""What may be passed on together with code under the MIT licence, as it is, for any purpose."""

TEXT = """# Licences of the dependencies

Undertone's own code is under the [MIT licence](../LICENSE), and its models are under CC BY-NC-SA 4.0, as the recordings
that they were trained on. `make licences` writes this page; a test holds that every package of the lock files is on it,
and that each one that a site runs may be passed on with MIT code.

## What a site runs

{run}

## Libraries within these packages

Wheels bring libraries of others, compiled or for browsers, and the image therefore holds them too. Undertone uses
FFmpeg to decode only; x264 and x265, which are under the GPL, lie beside it because it is linked to them. MIT code may
be combined with all of these. Whoever passes the image on passes on these libraries too, under their own terms: with a
notice, and with their sources or a way to them.

| Library | In the package | Licence |
|---|---|---|
{bundled}

## For development and experiments only

Installed by `make test` and `make check`, not in the image, not passed on.

{develop}
"""


@dataclass(frozen=True)
class Dependency:
    """A package and its licence, as an SPDX expression where it has one."""

    name: str
    licence: str

    @property
    def permitted(self) -> bool:
        """Whether every part of the licence may be passed on with ours."""
        parts = self.licence.replace(" OR ", " AND ").split(" AND ")
        return all(part in PERMITTED for part in parts)


def installed() -> Mapping[str, str]:
    """Licence of every package that is installed here, by normalised name."""
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json", f"--python={sys.executable}"]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {canonicalize_name(entry["Name"]): _spdx(entry["License"]) for entry in listed}


def dependencies(names: Iterable[str], known: Mapping[str, str]) -> list[Dependency]:
    """These packages with their licences; one of which nothing is known says so, and is then not permitted."""
    licences = {**known, **TWO_CLAUSES, **ELSEWHERE}
    return [Dependency(name, licences.get(name, "unknown")) for name in sorted(names)]


def page(known: Mapping[str, str]) -> str:
    """The whole page."""
    run, develop = python_packages(RUN), python_packages(DEVELOP)
    of_npm = [Dependency(package.name, package.licence) for package in npm_packages() if not package.dev]
    of_npm_dev = [Dependency(package.name, package.licence) for package in npm_packages() if package.dev]
    return TEXT.format(
        run=_table([*dependencies(run, known), *of_npm]),
        bundled="\n".join(f"| {name} | {package} | {licence} |" for name, (package, licence) in BUNDLED.items()),
        develop=_table([*dependencies(develop - run, known), *of_npm_dev]),
    )


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(installed()), "utf-8")


def _spdx(said: str) -> str:
    first = said.strip().partition("\n")[0]  # praatio's metadata holds the whole text
    return "MIT" if first.startswith("The MIT License") else SPDX.get(first, first)


def _table(rows: Iterable[Dependency]) -> str:
    return "\n".join(["| Package | Licence |", "|---|---|", *(f"| {row.name} | {row.licence} |" for row in rows)])


if __name__ == "__main__":
    main()
