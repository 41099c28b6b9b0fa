"""Examples marked `run` really run, against a live site; answers that are shown have the shape of real ones."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.classifier.live import Answer, Site
from tests.docs.figures import SAMPLE
from tests.docs.pages import PAGES, ROOT, Block, blocks

ADDRESS = "http://127.0.0.1:8000"
TIMEOUT_S = 120

BLOCKS = [block for page in PAGES for block in blocks(page)]
RUN = {
    language: [block for block in BLOCKS if block.note == "run" and block.language == language]
    for language in ("sh", "python", "js")
}
SHOWN = [block for block in BLOCKS if block.note == "answer of POST /api/v1/classify"]


def test_there_are_examples_in_three_languages() -> None:
    assert all(RUN.values())
    assert {block.note for block in BLOCKS if block.note.startswith("run")} == {"run"}
    assert SHOWN


@pytest.mark.parametrize("block", RUN["sh"], ids=lambda block: block.page)
def test_a_curl_command_is_answered(block: Block, site: Site) -> None:
    for line in block.text.splitlines():
        answer = _curl(line, site)
        assert answer.status == 200, answer.body


@pytest.mark.parametrize("block", RUN["python"], ids=lambda block: block.page)
def test_python_prints_an_emotion(block: Block, site: Site, tmp_path: Path) -> None:
    assert _printed([sys.executable], block, site, tmp_path / "example.py") == _heard(site)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
@pytest.mark.parametrize("block", RUN["js"], ids=lambda block: block.page)
def test_javascript_prints_an_emotion(block: Block, site: Site, tmp_path: Path) -> None:
    assert _printed(["node", "--no-warnings"], block, site, tmp_path / "example.mjs") == _heard(site)


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: block.page)
def test_an_answer_that_is_shown_is_what_the_site_says(block: Block, site: Site) -> None:
    """`python -m tests.docs.figures` brings it up to date."""
    shown, heard = json.loads(block.text), site.classify(SAMPLE.read_bytes()).json
    assert _shape(shown) == _shape(heard)
    assert (shown["emotion"], shown["why"], shown["model"]) == (heard["emotion"], heard["why"], heard["model"])
    assert sum(score["score"] for score in shown["scores"]) == pytest.approx(1, abs=0.01)
    assert shown["scores"][0] == {"label": shown["emotion"], "score": shown["confidence"]}


def test_the_error_that_is_shown_is_what_the_site_says(site: Site) -> None:
    shown = next(json.loads(block.text) for block in BLOCKS if block.note == "answer of an error")
    assert site.classify(SAMPLE.read_bytes()[:8_000]).json == shown


def test_the_probes_answer_as_described(site: Site) -> None:
    assert site.get("/healthz").json == {"status": "ok"}
    ready = site.get("/readyz").json
    assert ready["status"] == "ready"
    assert {"name", "version"} == set(ready["models"][0])
    assert site.get("/metrics").status == 200


@pytest.mark.parametrize("path", ["/", "/picture-walk", "/responsible-use", "/api/docs", "/api/v1/openapi.json"])
def test_the_pages_that_are_named_are_there(site: Site, path: str) -> None:
    assert site.get(path).status == 200


def _curl(line: str, site: Site) -> Answer:
    """What curl would do: `-F name=@file` and `-F name=value` any number of times, and an address."""
    program, *words = shlex.split(line)
    assert program == "curl"
    files: list[tuple[str, Any]] = []
    while words[0] == "-F":
        name, _, value = words[1].partition("=")
        path = value.removeprefix("@")
        files.append((name, (path, (ROOT / path).read_bytes()) if path != value else (None, value)))
        words = words[2:]
    (address,) = words
    assert address.startswith(ADDRESS)
    asked = requests.Request("POST" if files else "GET", address, files=files or None).prepare()
    body = asked.body if isinstance(asked.body, bytes) else b""
    return site.request(str(asked.method), asked.path_url, body=body, headers=dict(asked.headers))


def _printed(program: list[str], block: Block, site: Site, path: Path) -> tuple[str, float]:
    path.write_text(block.text.replace(ADDRESS, f"http://127.0.0.1:{site.port}"))
    run = subprocess.run(
        [*program, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert run.returncode == 0, run.stderr
    emotion, confidence = run.stdout.split()
    return emotion, float(confidence)


def _heard(site: Site) -> tuple[str, float]:
    heard = site.classify(SAMPLE.read_bytes()).json
    return heard["emotion"], heard["confidence"]


def _shape(value: Any) -> Any:
    """Names and types, all the way down; of a list, what its first item is like."""
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value[:1]]
    return type(value).__name__
