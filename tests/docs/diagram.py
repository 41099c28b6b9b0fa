"""The picture of docs/architecture.md, drawn from the imports; `python -m tests.docs.diagram` draws it again."""

from __future__ import annotations

import re
from itertools import product

import grimp

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "architecture.md"
PACKAGES = ("emotion_site", "classifier", "ml")
MERMAID = re.compile(r"(?<=<!-- imports -->\n```mermaid\n).*?(?=```\n)", re.DOTALL)

# A module belongs to the room that names most of its path; small parts that everybody uses stand in no room.
ROOMS = {
    "Configuration": ("emotion_site",),
    "Pages and API": ("classifier", "emotion_site.logs"),
    "services.py, the only door": ("classifier.services", "classifier.metrics", "classifier.voices"),
    "Commands": ("classifier.management",),
    "Engine and its processes": ("ml.engine", "ml.serving"),
    "Recogniser: a loaded model": ("ml.catalogue", "ml.pieces", "ml.recogniser", "ml.stopwatch", "ml.voice", "ml.why"),
    "Decoding": ("ml.decoding", "ml.decoders", "ml.containers"),
    "Conditioning": ("ml.audio", "ml.trimming", "ml.speech"),
    "Features": ("ml.features", "ml.traits"),
    "Models on disk": ("ml.store", "ml.card"),
    "Corpora": ("ml.corpora",),
    "Extraction": ("ml.extraction", "ml.datasets", "ml.augmentation", "ml.arrivals"),
    "Recipes and what they fit": (
        *("ml.recipes", "ml.protocols", "ml.specs", "ml.library", "ml.estimators"),
        *("ml.banks", "ml.component_vote", "ml.components", "ml.two_step", "ml.views", "ml.wide"),
    ),
    "Training and measuring": (
        *("ml.training", "ml.evaluation", "ml.strangers", "ml.comparison"),
        *("ml.metrics", "ml.plots"),
    ),
}


def edges() -> set[tuple[str, str]]:
    """Pairs of rooms of which a module of the first imports one of the second."""
    graph = grimp.build_graph(*PACKAGES)
    rooms = {module: room for module in graph.modules if (room := _room(module))}
    return {
        (rooms[module], rooms[imported])
        for module in rooms
        for imported in graph.find_modules_directly_imported_by(module)
        if imported in rooms and rooms[imported] != rooms[module]
    }


def below(room: str, arrows: set[tuple[str, str]]) -> set[str]:
    """All rooms that a room leads to, by whatever way."""
    reached, waiting = set[str](), [room]
    while waiting:
        here = waiting.pop()
        onward = {end for start, end in arrows if start == here} - reached
        reached |= onward
        waiting += onward
    return reached


def draw() -> str:
    """The picture in Mermaid's words, without the arrows that others already imply."""
    arrows, numbers = edges(), {room: f"r{number}" for number, room in enumerate(ROOMS)}
    reach = {room: below(room, arrows) for room in ROOMS}
    needed = {(a, c) for a, c in arrows if not any((a, b) in arrows and c in reach[b] for b in ROOMS)}
    lines = [f'    {number}["{room}"]' for room, number in numbers.items()]
    lines += [f"    {numbers[a]} --> {numbers[c]}" for a, c in product(ROOMS, ROOMS) if (a, c) in needed]
    return "\n".join(["flowchart TD", *lines, ""])


def _room(module: str) -> str | None:
    """The room of a module, by the longest of the names that it begins with."""
    names = [(len(name), room) for room, inside in ROOMS.items() for name in inside if _within(module, name)]
    return max(names)[1] if names else None


def _within(module: str, name: str) -> bool:
    return f"{module}.".startswith(f"{name}.")


if __name__ == "__main__":
    PAGE.write_text(MERMAID.sub(lambda _: draw(), PAGE.read_text("utf-8")), "utf-8")
