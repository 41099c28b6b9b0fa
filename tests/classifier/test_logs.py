"""What is written down about a request, and what is not: the canary is found nowhere."""

from __future__ import annotations

import json
import logging
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from emotion_site.logs import JsonFormatter
from tests.classifier.conftest import StartSite, wav
from tests.classifier.live import Site, multipart, wait_for
from tests.classifier.test_lifecycle import descendants

CANARY = "canary-" + "7f3a9c" * 4


def lines(site: Site) -> list[dict[str, object]]:
    return [json.loads(line) for line in site.log.splitlines()]


def with_canary(audio: bytes) -> bytes:
    """The recording with the canary in a chunk that no decoder minds."""
    chunk = b"note" + len(CANARY).to_bytes(4, "little") + CANARY.encode() + b"\0" * (len(CANARY) % 2)
    return b"RIFF" + (len(audio) + len(chunk) - 8).to_bytes(4, "little") + audio[8:] + chunk


def files_holding_the_canary(*folders: Path) -> list[Path]:
    found = []
    for folder in folders:
        for path in folder.rglob("*"):
            try:
                if CANARY in path.name or (path.is_file() and CANARY.encode() in path.read_bytes()):
                    found.append(path)
            except OSError:
                continue
    return found


def test_a_request_is_one_line_of_json_with_the_id_that_its_answer_has(site: Site) -> None:
    answer = site.classify(b"")
    noted = [line for line in lines(site) if line.get("request_id") == answer.headers["x-request-id"]]
    assert len(noted) == 1
    expected = {"method": "POST", "route": "/api/v1/classify", "status": 400, "outcome": "empty_upload"}
    assert expected.items() <= noted[0].items()


def test_how_many_proxies_wrote_down_an_address_is_noted_and_no_address(site: Site) -> None:
    answer = site.get("/", X_Forwarded_For="198.51.100.7, 192.0.2.1")
    (noted,) = [line for line in lines(site) if line.get("request_id") == answer.headers["x-request-id"]]
    assert noted["forwarded"] == 2
    assert "198.51.100.7" not in site.log


def test_ids_of_clients_are_taken_from_trusted_proxies_only(client: Client, settings: Settings) -> None:
    given = {"X-Request-ID": "given-by-the-proxy"}
    assert client.get("/healthz", headers=given)["X-Request-ID"] != "given-by-the-proxy"
    settings.TRUSTED_PROXIES = 1
    assert client.get("/healthz", headers=given)["X-Request-ID"] == "given-by-the-proxy"
    assert client.get("/healthz", headers={"X-Request-ID": "a b\tc"})["X-Request-ID"] != "a b\tc"


def test_an_exception_is_noted_without_its_words() -> None:
    try:
        int(CANARY)
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "It failed", None, (ValueError, error, error.__traceback__)
        )
    line = json.loads(JsonFormatter().format(record))
    assert line["exception"] == "ValueError"
    assert "test_logs.py" in line["trace"][0]
    assert CANARY not in json.dumps(line)


def test_nothing_of_a_person_is_kept_whatever_becomes_of_a_recording(
    start_site: StartSite, tmp_path: Path, voice: bytes
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    site = start_site(TMPDIR=str(scratch), CLIP_TIMEOUT_S="1", RATE_LIMIT="off", LOG_LEVEL="DEBUG", WORKERS="1")
    site.wait_ready()
    named = f"{CANARY}.wav"
    personal = {"User-Agent": CANARY, "Referer": f"https://{CANARY}.example/", "Cookie": f"name={CANARY}"}
    fates = [
        site.classify((named, with_canary(voice)), headers=personal).status,
        site.classify((named, CANARY.encode())).status,
        site.classify((named, b"fLaC" + CANARY.encode() * 100)).status,
        site.classify((named, with_canary(wav(2.0)))).status,
        site.classify((named, voice), model=CANARY).status,
        site.classify((named, with_canary(wav(590, rate_hz=48_000 // 3, amplitude=9000)))).status,
        site.get(f"/{CANARY}?{CANARY}={CANARY}").status,
        site.get("/", Host=f"{CANARY}.example").status,
        site.request(CANARY.upper(), "/").status,
        site.exchange(f"GET /{CANARY} nonsense\r\n\r\n".encode()).status,
    ]
    body, content_type = multipart(audio=(named, CANARY.encode()), csrfmiddlewaretoken=CANARY)
    fates.append(site.request("POST", "/", body=body, headers={"Content-Type": content_type}).status)
    fates.append(killed_on_it(site, (named, with_canary(wav(590, rate_hz=16_000, amplitude=9000)))))
    site.stop()
    assert fates[0] == 200
    assert {status // 100 for status in fates} == {2, 4, 5}
    assert 500 not in fates
    assert CANARY.lower() not in site.log.lower()
    assert files_holding_the_canary(scratch, tmp_path, Path(os.environ["NUMBA_CACHE_DIR"]), Path("/dev/shm")) == []


def killed_on_it(site: Site, clip: tuple[str, bytes]) -> int:
    """Send a recording and kill every process of the engine while it is in work."""
    with ThreadPoolExecutor(1) as background:
        answer = background.submit(site.classify, clip)
        wait_for(
            lambda: answer.done() or b"undertone_clips_in_work 1.0" in site.get("/metrics").body, what="work to begin"
        )
        web = min(descendants(site.process.pid))
        for process in descendants(web):
            os.kill(process, signal.SIGKILL)
        return answer.result().status


@pytest.fixture(scope="module", autouse=True)
def numba_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    if "NUMBA_CACHE_DIR" not in os.environ:
        os.environ["NUMBA_CACHE_DIR"] = str(tmp_path_factory.mktemp("numba"))
