"""Settings come from the environment, and a wrong one names itself; system checks tell a deployer what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from classifier import checks
from emotion_site import env
from tests.classifier.live import ROOT
from tests.permissions import WITHIN, bits_bind, closed_folder

__all__ = ["closed_folder"]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return manage_within((), *arguments, **environment)


def manage_within(program: tuple[str, ...], *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run([*program, sys.executable, "manage.py", *arguments], **environment)


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    everything = {**os.environ, "DJANGO_SETTINGS_MODULE": "emotion_site.settings", **environment}
    everything = {name: value for name, value in everything.items() if value != "unset"}
    return subprocess.run(command, cwd=ROOT, env=everything, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("SECRET_KEY", "", "SECRET_KEY must hold a long random text"),
        ("DEBUG", "maybe", "DEBUG must be 1 or 0; it is 'maybe'"),
        ("MAX_UPLOAD_MB", "0", "MAX_UPLOAD_MB must be a whole number of at least 1; it is '0'"),
        ("MAX_SECONDS", "ten", "MAX_SECONDS must be a whole number"),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES must be off, or a whole number"),
        ("RATE_LIMIT", "120/hour", "RATE_LIMIT must be off, or a number per minute such as 120/min"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL must be one of DEBUG, INFO"),
        ("CACHE_URL", "memcached://secret@host", "CACHE_URL must be empty, or start with redis://"),
    ],
)
def test_a_wrong_setting_names_itself_and_what_would_be_right(name: str, value: str, hint: str) -> None:
    done = manage("check", **{name: value})
    assert done.returncode != 0
    assert hint in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret@host" not in done.stderr


def test_there_is_no_default_secret_key() -> None:
    assert "SECRET_KEY must hold" in manage("check", SECRET_KEY="unset").stderr
    server = run([str(Path(sys.executable).with_name("gunicorn"))], SECRET_KEY="unset")
    assert server.returncode != 0
    assert server.stderr.startswith("The site cannot start. ")
    assert "SECRET_KEY must hold" in server.stderr


def test_a_production_deployment_is_clean() -> None:
    done = manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        SECRET_KEY="".join(map(chr, range(48, 123))),
        INSECURE_HTTP="unset",
        ALLOWED_HOSTS="voice.example",
        TRUSTED_PROXIES="1",
    )
    assert done.returncode == 0, done.stderr


def test_what_is_made_for_ones_own_machine_does_not_pass_as_production() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", INSECURE_HTTP="1", ALLOWED_HOSTS="*", DEBUG="1")
    assert done.returncode != 0
    assert all(id_ in done.stderr for id_ in ("classifier.W005", "classifier.W006", "classifier.E010"))


@pytest.mark.parametrize(("text", "value"), [("120/min", 120), ("off", 0), ("OFF", 0), ("1/min", 1), ("", 60)])
def test_a_rate_is_read(monkeypatch: pytest.MonkeyPatch, text: str, value: int) -> None:
    monkeypatch.setenv("SOME_RATE", text)
    assert env.rate_per_minute("SOME_RATE", "60/min") == value


@pytest.mark.parametrize("text", ["٣", "1e3", " ", "-5", "3.5"])
def test_what_is_no_whole_number_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SOME_NUMBER", text)
    if text.strip():
        with pytest.raises(ImproperlyConfigured, match="SOME_NUMBER must be a whole number"):
            env.whole("SOME_NUMBER", 7)
    else:
        assert env.whole("SOME_NUMBER", 7) == 7


def ids(messages: list[CheckMessage]) -> list[str | None]:
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    with override_settings(MODEL_DIR=tmp_path, EMOTION_MODEL="nobody"):
        assert ids(checks.check_model(None)) == ["classifier.E001"]
    (tmp_path / "nobody" / "1").mkdir(parents=True)
    (tmp_path / "nobody" / "1" / "manifest.json").touch()
    (tmp_path / "nobody" / "current").write_text("1")
    with override_settings(MODEL_DIR=tmp_path, EMOTION_MODEL="nobody"):
        assert checks.check_model(None) == []


def test_a_missing_model_stops_a_deployment_and_no_training() -> None:
    assert "classifier.E001" in manage("check", "--deploy", EMOTION_MODEL="nobody").stderr
    assert manage("train_model", "--help", EMOTION_MODEL="nobody").returncode == 0
    assert manage("check", EMOTION_MODEL="nobody").returncode == 0


@bits_bind
def test_models_that_may_not_be_read_are_told_and_stop_nothing(closed_folder: Path) -> None:
    asked = ("check", "--deploy", "--fail-level", "ERROR")
    done = manage_within(WITHIN, *asked, MODEL_DIR=str(closed_folder))
    assert done.returncode == 0, done.stderr
    assert f"(classifier.W012) In MODEL_DIR, {closed_folder} may not be read" in done.stderr


def test_a_numba_cache_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/cache")
    assert ids(checks.check_numba_cache(None)) == ["classifier.E002"]
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "to" / "be" / "made"))
    assert checks.check_numba_cache(None) == []


def test_a_numba_cache_that_brings_its_code_need_not_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(checks, "_is_writable", lambda _: False)
    assert ids(checks.check_numba_cache(None)) == ["classifier.E002"]
    (tmp_path / "filters.hz_to_mel.nbi").touch()
    assert checks.check_numba_cache(None) == []


@pytest.mark.parametrize(
    ("workers", "upload_budget_mb", "max_seconds", "fits"),
    [(2, 25, 180, True), (2, 25, 600, False), (2, 100, 180, False), (4, 25, 180, False)],
)
def test_what_does_not_fit_at_worst_is_told(
    monkeypatch: pytest.MonkeyPatch, workers: int, upload_budget_mb: int, max_seconds: int, fits: bool
) -> None:
    monkeypatch.setattr(checks, "memory_bytes", lambda: 512 * 2**20)
    with override_settings(
        WORKERS=workers, UPLOAD_BUDGET_MB=upload_budget_mb, MAX_UPLOAD_MB=20, MAX_SECONDS=max_seconds
    ):
        assert ids(checks.check_load(None)) == ([] if fits else ["classifier.W011"])


@pytest.mark.parametrize(("workers", "measured_mb"), [(1, 533), (2, 630), (4, 862)])
def test_what_is_needed_at_worst_is_a_little_more_than_what_was_measured(workers: int, measured_mb: int) -> None:
    """Four recordings of 590 seconds and 23.6 MB each, sent at once to a site with the usual settings."""
    with override_settings(WORKERS=workers, UPLOAD_BUDGET_MB=100, MAX_UPLOAD_MB=25, MAX_SECONDS=600):
        assert measured_mb <= checks.needed_memory_mb() <= 1.05 * measured_mb


def test_uploads_that_do_not_fit_are_told() -> None:
    with override_settings(UPLOAD_BUDGET_MB=10, MAX_UPLOAD_MB=25):
        assert ids(checks.check_memory(None)) == ["classifier.E003"]
    with override_settings(UPLOAD_BUDGET_MB=10**9):
        assert ids(checks.check_memory(None)) == ["classifier.E007"]


def test_a_samples_folder_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAMPLES_DIR", str(tmp_path / "missing"))
    with override_settings(SAMPLES_DIR=tmp_path / "missing"):
        assert ids(checks.check_samples(None)) == ["classifier.W004"]


def test_no_other_site_may_frame_this_one_but_those_that_are_named() -> None:
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "headers = Client().get('/responsible-use', secure=True, headers={'host': 'localhost'}).headers\n"
        "print(headers.get('X-Frame-Options'), 'frame-ancestors ' + headers['Content-Security-Policy']"
        ".partition('frame-ancestors ')[2].partition(';')[0])\n"
    )
    asked = "https://huggingface.co,https://*.example.org"
    assert python(program) == "DENY frame-ancestors 'none'"
    assert python(program, FRAME_ANCESTORS=asked) == "None frame-ancestors " + asked.replace(",", " ")


def python(program: str, **environment: str) -> str:
    everything = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **environment}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, env=everything, capture_output=True, text=True, check=True).stdout.strip()
