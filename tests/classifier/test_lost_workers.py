"""Workers that really die, take too long or are all busy, seen from the page and from the API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from classifier.errors import STATUS
from ml.engine import Engine
from tests.classifier.test_errors import API, DOORS, code_of
from tests.ml.engine.stage import Gate, clip, wait_until


def sent(client: Client, door: str, act: str, **script: Any) -> Any:
    return client.post(door, {"audio": SimpleUploadedFile("clip.wav", clip(act, **script).audio)})


@DOORS
@pytest.mark.parametrize(("act", "code"), [("crash", "worker_died"), ("spin", "timeout")])
@pytest.mark.usefixtures("acting")
def test_a_lost_worker_costs_one_answer_and_the_next_clip_is_heard(
    client: Client, door: str, act: str, code: str
) -> None:
    response = sent(client, door, act)
    assert (code_of(response, door), response.status_code) == (code, STATUS[code])
    assert int(response["Retry-After"]) > 0
    assert sent(client, API, "say", words="next").json()["why"] == ["next"]


@DOORS
def test_what_would_find_no_room_is_refused_before_it_is_read(
    acting: Engine, client: Client, door: str, tmp_path: Path
) -> None:
    gate = Gate(tmp_path / "gate")
    with ThreadPoolExecutor(1) as background:
        in_work = background.submit(acting.classify, gate.clip)
        wait_until(lambda: acting.stats().in_work == 1)
        unreadable = client.post(door, b"--b\r\nnonsense", content_type="multipart/form-data; boundary=b")
        gate.open()
        in_work.result()
    assert (code_of(unreadable, door), unreadable.status_code) == ("busy", 503)


@DOORS
@pytest.mark.usefixtures("acting")
def test_a_worker_that_is_taken_over_chooses_no_code_for_the_log(
    client: Client, door: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = sent(client, door, "refuse_as", code="canary")
    assert response.status_code == STATUS["worker_died"]
    assert not any("canary" in str(getattr(record, "fields", "")) for record in caplog.records)
