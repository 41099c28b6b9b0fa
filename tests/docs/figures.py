"""What the documentation shows of the shipped models; `python -m tests.docs.figures` brings it up to date."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ml.card.wording import condition
from ml.catalogue import Catalogue
from ml.emotions import EMOTIONS
from tests.docs.pages import ROOT

SAID = {
    "actors": "strangers (`actors`)",
    "actors+voice": "strangers who gave their normal voice (`actors+voice`)",
    "random": "random split (`random`)",
}
SHIPPED = ROOT / "ml" / "models"
SAMPLE = ROOT / "samples" / "furious.wav"
WRITTEN = {"README.md": ("figures",), "docs/models.md": ("figures", "recall", "robustness")}
ANSWERED = ("README.md", "docs/api.md")
INNERMOST = re.compile(r"\{[^{}]*\}")  # objects that fit on a line
ANSWER = re.compile(r"(?<=<!-- answer of POST /api/v1/classify -->\n```json\n).*?(?=```\n)", re.DOTALL)


def manifests() -> list[dict[str, Any]]:
    """What the shipped models say of themselves, by name."""
    pointers = sorted(SHIPPED.glob("*/current"))
    folders = [pointer.parent / pointer.read_text("utf-8").strip() for pointer in pointers]
    return [json.loads((folder / "manifest.json").read_text("utf-8")) for folder in folders]


def table(name: str) -> str:
    """The lines of the table of that name."""
    written = {"figures": _figures, "recall": _recall, "robustness": _robustness}
    return written[name](manifests())


def block(name: str, text: str) -> str:
    """What stands between the two comments that mark a table."""
    match = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert match, f"no place for {name}"
    return match[1]


def write_tables() -> None:
    """Write every table anew."""
    for page, names in WRITTEN.items():
        path = ROOT / page
        text = path.read_text("utf-8")
        for name in names:
            old = f"<!-- {name} -->\n{block(name, text)}<!-- /{name} -->"
            text = text.replace(old, f"<!-- {name} -->\n{table(name)}<!-- /{name} -->")
        path.write_text(text, "utf-8")


def write_answers() -> None:
    """Show what the model that is served first says of a sample voice, its numbers rounded."""
    default = "expressive" if (SHIPPED / "expressive").is_dir() else "classic"
    heard = Catalogue.load(model_dir=SHIPPED, default=default).classify(SAMPLE.read_bytes()).as_dict()
    shown = json.dumps(_rounded(heard), indent=2, ensure_ascii=False)
    shown = INNERMOST.sub(lambda match: re.sub(r"\s*\n\s*", " ", match[0]).replace("{ ", "{").replace(" }", "}"), shown)
    for page in ANSWERED:
        path = ROOT / page
        path.write_text(ANSWER.sub(lambda _: f"{shown}\n", path.read_text("utf-8")), "utf-8")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list | tuple) else value


def _figures(models: list[dict[str, Any]]) -> str:
    rows = [
        [
            f"`{model['name']}`",
            SAID[protocol],
            *(_interval(found, name) for name in ("uar", "accuracy")),
            _ece(found),
        ]
        for model in models
        for protocol in SAID
        if (found := model["figures"].get(protocol))
    ]
    return _lines(["Model", "Tested on", "UAR", "Accuracy", "ECE"], rows)


def _recall(models: list[dict[str, Any]]) -> str:
    rows = [
        [f"`{model['name']}`", *(_percent(model["figures"]["actors"]["recall"][emotion]) for emotion in EMOTIONS)]
        for model in models
    ]
    return _lines(["Model", *EMOTIONS], rows)


def _robustness(models: list[dict[str, Any]]) -> str:
    tested = [model for model in models if model["robustness"]]
    rows = [
        [condition(name), *(_lost(model["robustness"][name]) for model in tested)] for name in tested[0]["robustness"]
    ]
    return _lines(["Condition", *(f"`{model['name']}`" for model in tested)], rows)


def _lost(arrived: dict[str, float]) -> str:
    return f"{_percent(arrived['uar'])} ({100 * -arrived['uar_lost']:+.1f})"


def _interval(found: dict[str, Any], name: str) -> str:
    value, low, high = (_percent(found[name][key]) for key in ("value", "low", "high"))
    return f"{value} % ({low} to {high})"


def _ece(found: dict[str, Any]) -> str:
    return f"{found['ece']['value']:.3f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    write_tables()
    write_answers()
