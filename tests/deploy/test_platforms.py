"""Each platform's file says what its platform expects, and sets only what the site reads."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.test import override_settings

from classifier.checks import check_memory, needed_memory_mb
from tests.docs.pages import ROOT, first_cells, read, section, table_rows

SETTINGS = set(first_cells(section("docs/deploy.md", "## Settings")))
PLAN_MB = 512
CHECK = "python manage.py check --deploy --fail-level ERROR"
ASKED_FOR = {"fly.toml": {"SECRET_KEY"}}
"""What a file leaves to be set by hand, as its page says."""


def loaded(name: str) -> dict[str, Any]:
    text = read(name)
    found: dict[str, Any] = (
        tomllib.loads(text)
        if name.endswith(".toml")
        else json.loads(text)
        if name.endswith(".json")
        else yaml.safe_load(text)
    )
    return found


def environment(name: str) -> dict[str, str]:
    """The settings that a file makes, with a stand-in for those that the platform makes up."""
    found = loaded(name)
    if name == "render.yaml":
        return {entry["key"]: entry.get("value", "made up") for entry in found["services"][0]["envVars"]}
    if name == "app.json":
        return {key: entry.get("value", "made up") for key, entry in found["env"].items()}
    if name == "compose.yaml":
        return dict(found["services"]["undertone"]["environment"])
    return dict(found["env"])


FILES = ("render.yaml", "fly.toml", "app.json", "compose.yaml")


@pytest.mark.parametrize("name", FILES)
def test_it_sets_what_the_site_reads_and_all_that_it_needs(name: str) -> None:
    made = environment(name)
    assert set(made) <= SETTINGS
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "TRUSTED_PROXIES"} <= set(made) | ASKED_FOR.get(name, set())
    assert all(isinstance(value, str) for value in made.values()), "platforms want text"


@pytest.mark.parametrize("name", FILES)
def test_it_holds_no_secret_and_nothing_made_for_ones_own_machine(name: str) -> None:
    made = environment(name)
    assert re.fullmatch(r"made up|\$\{SECRET_KEY.*\}", made.get("SECRET_KEY", "made up"))
    assert not {"DEBUG", "INSECURE_HTTP"} & set(made)
    assert "*" not in made["ALLOWED_HOSTS"]


@pytest.mark.parametrize("name", ["render.yaml", "fly.toml", "app.json"])
def test_the_worst_that_it_allows_fits_the_memory_of_its_plan(name: str) -> None:
    made = environment(name)
    limits = ("WORKERS", "MAX_SECONDS", "MAX_UPLOAD_MB", "UPLOAD_BUDGET_MB", "MEMORY_BUDGET_MB")
    with override_settings(**{limit: int(made[limit]) for limit in limits}):
        assert needed_memory_mb() <= PLAN_MB
        assert check_memory(None) == []


def test_render_asks_whether_the_site_is_ready_and_checks_it_before() -> None:
    (service,) = loaded("render.yaml")["services"]
    assert (service["type"], service["runtime"], service["healthCheckPath"]) == ("web", "docker", "/readyz")
    assert service["preDeployCommand"] == CHECK
    assert 30 < service["maxShutdownDelaySeconds"] <= 300


def test_fly_asks_whether_the_site_is_ready_and_stops_it_gently() -> None:
    found = loaded("fly.toml")
    assert found["http_service"]["internal_port"] == int(found["env"]["PORT"])
    assert [check["path"] for check in found["http_service"]["checks"]] == ["/readyz"]
    assert (found["kill_signal"], found["deploy"]["release_command"]) == ("SIGTERM", CHECK)
    assert found["kill_timeout"] > 30


def test_heroku_builds_the_image_and_answers_within_its_patience() -> None:
    found = loaded("heroku.yml")
    assert found["build"]["docker"] == {"web": "Dockerfile"}
    assert found["run"] == {"web": "gunicorn"}
    assert found["release"] == {"image": "web", "command": [CHECK]}
    assert loaded("app.json")["stack"] == "container"
    made = environment("app.json")
    assert int(made["CLIP_TIMEOUT_S"]) + max(int(made["CLIP_TIMEOUT_S"]), int(made["TIMELINE_TIMEOUT_S"])) < 30


def test_its_page_sets_by_hand_what_the_button_sets() -> None:
    commands = re.findall(r"heroku config:set .*", read("docs/deploy/heroku.md"))
    by_hand = dict(re.findall(r"\b([A-Z_]+)=([\w.]+)", " ".join(commands)))
    assert by_hand == {name: value for name, value in environment("app.json").items() if value != "made up"}


def test_fly_has_its_answers_within_a_minute() -> None:
    made = environment("fly.toml")
    assert int(made["CLIP_TIMEOUT_S"]) + int(made["TIMELINE_TIMEOUT_S"]) < 60


def test_the_sizes_that_are_named_fit_at_worst() -> None:
    usual = {"MAX_SECONDS": 600, "MAX_UPLOAD_MB": 25, "UPLOAD_BUDGET_MB": 100, "MEMORY_BUDGET_MB": 256}
    rows = [row for row in table_rows(section("docs/deploy.md", "## Size")) if row[0][0].isdigit()]
    assert len(rows) == 3
    for memory, limits in rows:
        number, unit = memory.split()
        made = {name: int(value) for name, value in re.findall(r"([A-Z_]+)=(\d+)", limits)}
        with override_settings(**usual | made):
            assert needed_memory_mb() <= int(number) * {"MB": 1, "GB": 1024}[unit]


def test_the_proxy_that_is_shown_waits_longer_than_an_answer_may_take() -> None:
    waits = re.search(r"proxy_read_timeout (\d+)s;", read("docs/deploy.md"))
    assert waits
    assert int(waits[1]) > settings.CLIP_TIMEOUT_S + settings.TIMELINE_TIMEOUT_S


def test_compose_lets_the_site_write_nowhere_but_a_tmpfs_and_puts_caddy_before_it() -> None:
    services = loaded("compose.yaml")["services"]
    site, caddy = services["undertone"], services["caddy"]
    assert (site["read_only"], site["tmpfs"], site["cap_drop"]) == (True, "/tmp", ["ALL"])
    assert "ports" not in site, "only Caddy is reached from outside"
    assert caddy["depends_on"] == {"undertone": {"condition": "service_healthy"}}
    assert "./Caddyfile:/etc/caddy/Caddyfile:ro" in caddy["volumes"]
    assert re.search(r"^\{\$SITE\} \{.*\bundertone 8000\b", read("Caddyfile"), re.MULTILINE | re.DOTALL)


def test_the_space_says_where_the_image_listens() -> None:
    header = yaml.safe_load(read("deploy/huggingface/README.md").split("---")[1])
    assert (header["sdk"], header["app_port"]) == ("docker", 8000)
    assert len(header["short_description"]) <= 60
    assert header["license"] == "cc-by-nc-sa-4.0", "of the models, which is the stricter one"


def test_all_binary_files_go_to_the_space_through_lfs() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no checkout")
    (tracked,) = re.findall(r"git lfs track (.*?)\s*#", read("docs/deploy/huggingface.md"))
    binary = {
        path.suffix for name in listed.stdout.split("\0")[:-1] if b"\0" in (path := ROOT / name).read_bytes()[:8000]
    }
    assert {f"'*{suffix}'" for suffix in binary} <= set(tracked.split())


@pytest.mark.parametrize("name", ["render", "fly", "heroku", "huggingface", "compose"])
def test_every_platform_has_its_page(name: str) -> None:
    assert f"](deploy/{name}.md)" in read("docs/deploy.md")
