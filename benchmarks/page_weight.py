"""What a browser fetches before the first paint of each page, in compressed bytes, and what comes after.

    python benchmarks/page_weight.py http://127.0.0.1:8000

Asks a running site as browsers do (Brotli, then gzip). Before the first paint come the page itself and its stylesheet;
modules are deferred by definition and wavesurfer waits for a recording, so both are told apart. The budget is 60 kB
before the first paint; all modules are counted with it here, which is stricter.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from urllib.parse import urljoin
from urllib.request import Request, urlopen

BUDGET_BYTES = 60_000
PATHS = ("/", "/picture-walk", "/responsible-use")
STYLES = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
IMPORT_MAP = re.compile(r'<script type="importmap"[^>]*>(.*?)</script>', re.DOTALL)
ENTRY = re.compile(r'<script type="module" src="([^"]+)"')
IMPORTS = re.compile(r'^(?:import|export)\s[^"]*?"(\./[^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Weight:
    """Compressed bytes of one page, by when they are needed."""

    path: str
    html: int
    styles: int
    modules: int
    waveform: int

    @property
    def before_paint(self) -> int:
        """Page, stylesheet and, to be strict, every module that the page imports by itself."""
        return self.html + self.styles + self.modules


def fetch(url: str) -> tuple[int, bytes]:
    """Bytes on the wire, and the content they hold."""
    wire = urlopen(Request(url, headers={"Accept-Encoding": "br, gzip"})).read()  # noqa: S310
    return len(wire), urlopen(url).read()  # noqa: S310


def weigh(site: str, path: str) -> Weight:
    """Follow a page to its stylesheets and modules."""
    html_bytes, html = fetch(urljoin(site, path))
    text = html.decode()
    found = IMPORT_MAP.search(text)
    names: dict[str, str] = json.loads(found[1])["imports"] if found else {}
    return Weight(
        path=path,
        html=html_bytes,
        styles=sum(fetch(urljoin(site, url))[0] for url in STYLES.findall(text)),
        modules=sum(weigh_modules(site, names, ENTRY.findall(text))),
        waveform=sum(fetch(urljoin(site, url))[0] for name, url in names.items() if name.startswith("wavesurfer")),
    )


def weigh_modules(site: str, names: dict[str, str], entries: list[str]) -> list[int]:
    """The size of every module that is imported statically, each once."""
    plain = {address: name for name, address in names.items()}
    waiting, seen, sizes = [plain.get(entry, entry) for entry in entries], set[str](), list[int]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        size, source = fetch(urljoin(site, names.get(name, name)))
        sizes.append(size)
        waiting += [urljoin(name, imported) for imported in IMPORTS.findall(source.decode())]
    return sizes


def main() -> int:
    """Print a table; exit status 1 where a page is over the budget."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("site", nargs="?", default="http://127.0.0.1:8000")
    site = parser.parse_args().site
    weights = [weigh(site, path) for path in PATHS]
    print(f"{'page':<20}{'html':>8}{'css':>8}{'modules':>9}{'before paint':>14}{'later, waveform':>17}")
    for weight in weights:
        print(
            f"{weight.path:<20}{weight.html:>8,}{weight.styles:>8,}{weight.modules:>9,}"
            f"{weight.before_paint:>14,}{weight.waveform:>17,}"
        )
    return int(any(weight.before_paint > BUDGET_BYTES for weight in weights))


if __name__ == "__main__":
    sys.exit(main())
