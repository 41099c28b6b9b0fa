"""Whatever can be set, asked for or met is documented, and nothing else is."""

from __future__ import annotations

import ast
import re
from argparse import Action
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand

from classifier import probes
from classifier.api import api
from classifier.errors import STATUS
from classifier.management import timeline_rows
from classifier.management.rows import COLUMNS
from classifier.metrics import REGISTRY
from classifier.schemas import ModelOut, PredictionOut
from ml.features.families import FAMILIES
from ml.features.sets import NAMED_SETS, feature_set
from ml.recipes import RECIPES
from tests.docs.pages import PAGES, ROOT, blocks, first_cells, read, section, table_rows

COMMANDS = sorted(path.stem for path in (ROOT / "classifier/management/commands").glob("[a-z]*.py"))
COMMAND_SECTIONS = {
    "classify": ("docs/classify.md", "## Options"),
    "compare_recipes": ("docs/bench.md", "## Run it"),
    "evaluate_model": ("docs/training.md", "## Measure"),
    "fetch_ravdess": ("docs/training.md", "## Get the recordings"),
    "train_model": ("docs/training.md", "## Train"),
    "use_model": ("docs/training.md", "## Serve, roll back"),
}


def test_every_setting_is_documented_and_nothing_else() -> None:
    assert sorted(first_cells(section("docs/deploy.md", "## Settings"))) == sorted(_settings_read())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented_and_nothing_else(name: str) -> None:
    text = section(*COMMAND_SECTIONS[name])
    actions = _own_actions(name)
    options = {option for action in actions for option in action.option_strings}
    places = {str(action.metavar or action.dest).upper() for action in actions if not action.option_strings}
    assert set(re.findall(r"--[a-z-]+", "\n".join(first_cells(text)))) == options
    assert all(place in text for place in places)


def test_every_command_line_that_is_shown_is_understood() -> None:
    shown = [
        line for page in PAGES for block in blocks(page) for line in block.text.splitlines() if "manage.py" in line
    ]
    assert len(shown) > 5
    for line in shown:
        name, _, rest = line.partition("manage.py ")[2].partition("#")[0].strip().partition(" ")
        known = {option for action in _all_actions(name) for option in action.option_strings}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, line


def test_every_error_has_its_code_and_status_in_the_table() -> None:
    rows = [row for row in table_rows(section("docs/api.md", "## Errors")) if row[0].startswith("`")]
    assert {row[0].strip("`"): int(row[1]) for row in rows} == STATUS


def test_every_field_of_an_answer_is_explained() -> None:
    assert first_cells(section("docs/api.md", "### The answer")) == list(PredictionOut.model_fields)
    assert first_cells(section("docs/api.md", "## The models served")) == list(ModelOut.model_fields)


def test_every_column_of_the_csv_is_explained() -> None:
    assert first_cells(section("docs/classify.md", "## Columns of the CSV")) == list(COLUMNS)
    timelines = section("docs/classify.md", "## Columns of the CSV with timelines")
    assert first_cells(timelines) == list(timeline_rows.COLUMNS)


def test_every_metric_is_explained_and_every_probe() -> None:
    own = {name for name in _metric_names() if name.startswith("undertone_")}
    assert set(first_cells(section("docs/deploy.md", "## Metrics"))) == own
    assert set(first_cells(section("docs/deploy.md", "## Health and readiness"))) == set(probes.PROBES)


def test_every_check_is_explained() -> None:
    source = (ROOT / "classifier" / "checks.py").read_text("utf-8")
    raised = set(re.findall(r'"(classifier\.[EW]\d+)"', source))
    assert set(first_cells(section("docs/deploy.md", "## Checks"))) == raised


def test_every_recipe_and_feature_set_is_listed() -> None:
    assert first_cells(section("docs/training.md", "## Recipes")) == list(RECIPES)
    listed = first_cells(section("docs/training.md", "## Feature sets"))
    assert set(listed) >= {*NAMED_SETS, *(recipe.features for recipe in RECIPES.values())}
    assert all(feature_set(name) for name in listed)
    assert all(f"`{family}`" in section("docs/training.md", "## Feature sets") for family in FAMILIES)


def test_the_commands_of_the_makefile_are_listed() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE)
    listed = first_cells(section("README.md", "## Commands"))
    assert sorted(listed) == sorted(f"make {target}" for target in targets)


def test_nothing_in_the_documentation_is_left_to_be_filled_in() -> None:
    for page in PAGES:
        assert not re.search(r"@@|\bTODO\b|\bTBD\b|```json\n\{\}\n", page.read_text("utf-8")), page.name


def _settings_read() -> set[str]:
    """The environment variables that the settings read: the first argument of each helper of `env`."""
    calls = [node for node in ast.walk(ast.parse(read("emotion_site/settings.py"))) if isinstance(node, ast.Call)]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def _all_actions(name: str) -> list[Action]:
    app = "classifier" if name in COMMANDS else _core_app(name)
    parser = load_command_class(app, name).create_parser("manage.py", name)
    return parser._actions


def _core_app(name: str) -> str:
    return "django.contrib.staticfiles" if name == "collectstatic" else "django.core"


def _own_actions(name: str) -> list[Action]:
    """Those of a command that every command of Django has not."""
    common = {action.dest for action in BaseCommand().create_parser("manage.py", name)._actions}
    return [action for action in _all_actions(name) if action.dest not in common]


def _metric_names() -> set[str]:
    collected = [(metric.name, metric.type) for metric in REGISTRY.collect()]
    return {f"{name}_total" if kind == "counter" else name for name, kind in collected}


def test_every_command_has_its_section() -> None:
    assert list(COMMAND_SECTIONS) == COMMANDS
    assert all((ROOT / Path(page)).is_file() for page, _ in COMMAND_SECTIONS.values())


def test_every_address_of_the_api_is_documented() -> None:
    described = api.get_openapi_schema()["paths"]
    text = read("docs/api.md")
    for path, operations in described.items():
        for method, operation in operations.items():
            assert f"`{method.upper()} {path}`" in text
            form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {})
            assert set(form.get("properties", {})) <= set(first_cells(text)), path
