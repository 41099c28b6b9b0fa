"""Hostile files through a real gunicorn: each is answered with a reason, and the next good clip is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import hostile
from tests.classifier.live import Answer, Site, multipart

REASONS = range(400, 500)
SLOW_ENOUGH_S = "20"
"""A clip that is longer in work than this ends as a 503 and fails its test; a quick machine needs a second or two."""

NAMES = {
    "a path": "../../../../etc/cron.d/x.wav",
    "an absolute path": "/dev/stdin",
    "a Windows path": "C:\\Windows\\x.wav",
    "markup": "<script>alert(1)</script>.wav",
    "a template": "{{ settings.SECRET_KEY }}{% include 'x' %}.wav",
    "a command": "$(id).wav; rm -rf ~",
    "a null byte": "x\0.wav",
    "an address": "http://127.0.0.1:8000/metrics",
    "right to left": "x\u202evaw.exe",
    "very long": 600 * "x" + ".wav",
}


@pytest.fixture(scope="module")
def one_worker(static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose only worker gets everything, and so must serve on after everything."""
    log = tmp_path_factory.mktemp("site") / "site.log"
    changes = {"RATE_LIMIT": "off", "CLIP_TIMEOUT_S": SLOW_ENOUGH_S, "WORKERS": "1", "MEMORY_BUDGET_MB": "100"}
    with Site(log, environment={"STATIC_ROOT": str(static_root), **changes}) as running:
        yield running.wait_ready()


def answered(site: Site, files: hostile.Files) -> dict[str, Answer]:
    return {name: site.classify(("clip.wav", data)) for name, data in files.items()}


@pytest.mark.parametrize(
    "family",
    [
        hostile.scripts,
        hostile.strangers,
        hostile.disguises,
        hostile.lying_headers,
        hostile.bombs,
        hostile.empty_shells,
    ],
    ids=lambda family: family.__name__,
)
def test_what_is_no_recording_is_refused_and_the_next_clip_is_heard(
    one_worker: Site, voice: bytes, family: Callable[[], hostile.Files]
) -> None:
    answers = answered(one_worker, family())
    assert {name: answer.body for name, answer in answers.items() if answer.status not in REASONS} == {}
    assert all(answer.json["error"]["message"].endswith(".") for answer in answers.values())
    assert one_worker.classify(voice).status == 200


def test_what_is_damaged_is_heard_or_refused_and_the_next_clip_is_heard(one_worker: Site, voice: bytes) -> None:
    answers = answered(one_worker, hostile.damaged())
    assert {name: answer.body for name, answer in answers.items() if answer.status not in {200, *REASONS}} == {}
    assert {answer.status for answer in answers.values()} >= {200, 415, 422}
    assert one_worker.classify(voice).status == 200


def test_the_page_refuses_them_with_the_same_status(one_worker: Site) -> None:
    page = one_worker.get("/")
    token = page.body.partition(b'name="csrfmiddlewaretoken" value="')[2].partition(b'"')[0].decode()
    cookie = page.headers["set-cookie"].partition(";")[0]
    for name, data in [*hostile.lying_headers().items(), *hostile.empty_shells().items()]:
        body, content_type = multipart(audio=(name, data), csrfmiddlewaretoken=token)
        answer = one_worker.request("POST", "/", body=body, headers={"Content-Type": content_type, "Cookie": cookie})
        assert answer.status == one_worker.classify(data).status, name


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_file_name_is_nothing_but_data(one_worker: Site, voice: bytes, name: str) -> None:
    answer = one_worker.classify((name, voice))
    assert answer.status == 200
    assert name not in one_worker.log
    assert name.encode() not in answer.body
