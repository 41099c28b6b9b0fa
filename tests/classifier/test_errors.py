from __future__ import annotations

import array
import io
import wave
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from classifier import services
from classifier.errors import STATUS, WebError, codes_by_status, retry_after_s
from ml.errors import AudioError, EngineError, RequestError
from tests.classifier.conftest import wav

PAGE, API = "/", "/api/v1/classify"
DOORS = pytest.mark.parametrize("door", [PAGE, API])


def uploaded(content: bytes, name: str = "clip.wav") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def code_of(response: Any, door: str) -> str:
    """The code of the error that a door answered with, wherever it shows it."""
    if door == API:
        body = response.json()
        assert set(body) == {"error"}
        assert set(body["error"]) == {"code", "message"}
        return str(body["error"]["code"])
    shown = response.context.get("error") or response.context
    assert shown["message"] in response.content.decode()
    return str(shown["code"])


def not_a_number() -> bytes:
    """A WAV file of two seconds of 32-bit floats that are not numbers."""
    samples = array.array("f", [float("nan")] * 32_000).tobytes()
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 4, 16_000, 0, "NONE", ""))
        writer.writeframes(samples)
    whole = bytearray(file.getvalue())
    whole[20:22] = (3).to_bytes(2, "little")  # the format tag: IEEE float
    return bytes(whole)


@pytest.mark.usefixtures("ready_engine")
class TestRecordings:
    @DOORS
    @pytest.mark.parametrize(
        ("code", "recording"),
        [
            ("empty_upload", lambda: b""),
            ("unsupported_format", lambda: b"#EXTM3U\nfile:///etc/passwd\n"),
            ("undecodable", lambda: b"fLaC" + bytes(range(256)) * 40),
            ("too_short", lambda: wav(0.2, amplitude=9000)),
            ("too_long", lambda: wav(601, rate_hz=8000, amplitude=9000)),
            ("no_speech", lambda: wav(2.0)),
            ("unusable_signal", not_a_number),
        ],
    )
    def test_a_recording_at_fault_is_refused_with_the_reason(
        self, client: Client, door: str, code: str, recording: Callable[[], bytes]
    ) -> None:
        response = client.post(door, {"audio": uploaded(recording())})
        assert (code_of(response, door), response.status_code) == (code, STATUS[code])

    @DOORS
    def test_a_model_that_is_not_served_is_refused(self, client: Client, door: str, voice: bytes) -> None:
        response = client.post(door, {"audio": uploaded(voice), "model": "grandmother"})
        assert (code_of(response, door), response.status_code) == ("unknown_model", 400)


@DOORS
def test_a_form_without_a_recording_is_refused(client: Client, door: str) -> None:
    response = client.post(door, {"model": "classic"})
    assert (code_of(response, door), response.status_code) == ("missing_audio", 400)


@DOORS
def test_a_recording_sent_as_text_is_missing(client: Client, door: str) -> None:
    response = client.post(door, {"audio": "la la la"})
    assert (code_of(response, door), response.status_code) == ("missing_audio", 400)


@DOORS
def test_a_body_that_is_no_form_is_missing_its_recording(client: Client, door: str) -> None:
    response = client.post(door, b"RIFF" + bytes(100), content_type="audio/wav")
    assert (code_of(response, door), response.status_code) == ("missing_audio", 400)


@DOORS
def test_two_recordings_at_once_are_refused(client: Client, door: str) -> None:
    response = client.post(door, {"audio": [uploaded(b"one"), uploaded(b"two")]})
    assert (code_of(response, door), response.status_code) == ("invalid_parameter", 400)


@DOORS
def test_six_files_are_too_many_parts(client: Client, door: str) -> None:
    response = client.post(door, {"audio": [uploaded(b"x") for _ in range(6)]})
    assert (code_of(response, door), response.status_code) == ("too_many_parts", 400)


@pytest.mark.parametrize("address", [API, "/api/v1/voice"])
def test_six_recordings_are_told_how_many_there_may_be(client: Client, address: str) -> None:
    response = client.post(address, {"audio": [uploaded(b"x") for _ in range(6)]})
    assert response.json()["error"]["message"] == "Please send at most 5 recordings at once."


@pytest.mark.parametrize(
    ("field", "possible"),
    [("channels", "'mix', 'left', 'right' or 'split'"), ("timeline", "true or false")],
)
def test_a_field_with_an_impossible_value_is_told_the_possible_ones(client: Client, field: str, possible: str) -> None:
    response = client.post(API, {"audio": uploaded(b"x"), field: "perhaps"})
    assert response.status_code == 400
    assert response.json()["error"]["message"] == f"The field {field} must be {possible}."


@DOORS
@pytest.mark.parametrize("field", ["voice", "model", "channels"])
def test_a_field_that_comes_as_a_file_is_refused_and_not_passed_over(client: Client, door: str, field: str) -> None:
    response = client.post(door, {"audio": uploaded(b"x"), field: uploaded(b"y", f"{field}.txt")})
    assert (code_of(response, door), response.status_code) == ("invalid_parameter", 400)


@DOORS
def test_a_hundred_fields_are_too_many_parts(client: Client, door: str) -> None:
    response = client.post(door, {f"field{n}": "x" for n in range(100)})
    assert (code_of(response, door), response.status_code) == ("too_many_parts", 400)


@DOORS
@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
def test_a_giant_field_is_refused(client: Client, door: str, content_type: str) -> None:
    field = (
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n'
        + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        + b"\r\n--b--\r\n"
    )
    response = client.post(door, field, content_type=content_type)
    assert (code_of(response, door), response.status_code) == ("invalid_parameter", 400)


@DOORS
@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=\x07", "multipart/mixed"]
)
def test_a_form_that_cannot_be_read_is_refused(client: Client, door: str, content_type: str) -> None:
    response = client.post(door, b"--b\r\nnonsense", content_type=content_type)
    assert code_of(response, door) in {"invalid_parameter", "missing_audio"}
    assert response.status_code == 400


@DOORS
@pytest.mark.parametrize("charset", ["base64", "idna", "undefined", "utf-7", "no-such"])
def test_a_form_in_a_charset_that_is_none_does_no_harm(client: Client, door: str, charset: str) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n\xff\xfe\r\n--b--\r\n'
    response = client.generic("POST", door, body, f"multipart/form-data; boundary=b; charset={charset}")
    assert (code_of(response, door), response.status_code) == ("missing_audio", 400)


@DOORS
def test_a_recording_over_the_limit_is_too_large(client: Client, door: str) -> None:
    with override_settings(MAX_UPLOAD_MB=1):
        response = client.post(door, {"audio": uploaded(bytes(settings.MEGABYTE + 1))})
    assert (code_of(response, door), response.status_code) == ("too_large", 413)
    assert "1 MB" in response.content.decode()


@DOORS
def test_a_body_over_the_limit_is_too_large_before_it_is_read(client: Client, door: str) -> None:
    with override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=1000):
        response = client.post(door, {"audio": uploaded(bytes(2000))})
    assert (code_of(response, door), response.status_code) == ("too_large", 413)


@DOORS
def test_a_body_of_unknown_length_is_not_read(client: Client, door: str) -> None:
    chunked = {"Transfer-Encoding": "chunked"}
    response = client.generic("POST", door, b"x", "multipart/form-data; boundary=b", headers=chunked)
    assert (code_of(response, door), response.status_code) == ("length_required", 411)


@DOORS
@pytest.mark.parametrize(
    "error",
    [
        AudioError("undecodable", "It is broken."),
        RequestError("invalid_voice", "This voice is not ours."),
        EngineError("busy", "All are busy."),
        EngineError("timeout", "It took too long."),
        EngineError("not_ready", "Not yet."),
        EngineError("worker_died", "The worker was lost on it."),
    ],
)
def test_what_the_engine_says_reaches_the_client(
    client: Client, door: str, error: AudioError | EngineError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(services, "classify_clip", fail)
    response = client.post(door, {"audio": uploaded(b"RIFF")})
    assert (code_of(response, door), response.status_code) == (error.code, STATUS[error.code])
    assert error.message in response.content.decode()
    assert ("Retry-After" in response) == (response.status_code == 503)


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/api/v1/nowhere", "/samples/../manage.py"])
def test_an_unknown_address_is_not_found(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    if path.startswith("/api/"):
        assert response.json()["error"]["code"] == "not_found"
    else:
        assert response.context["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("put", "/", "GET, HEAD, POST"),
        ("get", API, "POST"),
        ("post", "/api/v1/models", "GET"),
        ("post", "/api/docs", "GET, HEAD"),
    ],
)
def test_a_method_that_an_address_does_not_know_is_refused(
    client: Client, method: str, path: str, allowed: str
) -> None:
    response = getattr(client, method)(path)
    assert response.status_code == 405
    assert response["Allow"] == allowed
    code = response.json()["error"]["code"] if path.startswith("/api/") else response.context["error"]["code"]
    assert code == "method_not_allowed"


def test_a_form_from_elsewhere_is_forbidden() -> None:
    response = Client(enforce_csrf_checks=True).post("/", {"audio": uploaded(b"RIFF")})
    assert (code_of(response, PAGE), response.status_code) == ("forbidden", 403)


def test_the_api_needs_no_csrf_token() -> None:
    response = Client(enforce_csrf_checks=True).post(API, {"model": "classic"})
    assert code_of(response, API) == "missing_audio"


def test_a_foreign_host_is_refused(client: Client) -> None:
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


@DOORS
def test_a_fault_of_ours_is_answered_without_its_details(
    door: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(services, "classify_clip", fail)
    response = Client(raise_request_exception=False).post(door, {"audio": uploaded(b"RIFF")})
    assert response.status_code == 500
    assert (
        "internal_error" in response.content.decode() if door == API else response.context["code"] == "internal_error"
    )
    assert "secret detail" not in response.content.decode()
    assert "ZeroDivisionError" in caplog.text


def test_every_code_has_one_status() -> None:
    assert {code: status for status, codes in codes_by_status().items() for code in codes} == STATUS


def test_an_error_says_itself_when_to_try_again() -> None:
    assert retry_after_s(WebError(code="rate_limited", message="Wait.", retry_after_s=7)) == 7
    assert retry_after_s(WebError(code="too_large", message="No.")) is None
