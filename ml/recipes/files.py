"""Recipes as files: another recipe, and what is different from it.

{"based_on": "aer-4", "name": "aer-4-wider", "model": {"hidden": [500], "alpha": 0.02}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from ml.recipes import RECIPES, find_recipe
from ml.recipes.recipe import Recipe
from ml.store import plain_name

SUFFIX = ".json"
REMARKS = "about"


def load_recipe(text: str) -> Recipe:
    """A recipe by its name, or from the file whose path this is (`….json`).

    Raises
    ------
    ValueError
        With a sentence for the user.
    """
    return read_recipe(Path(text)) if text.endswith(SUFFIX) else find_recipe(text)


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file.

    Raises
    ------
    ValueError
        With a sentence for the user.
    """
    try:
        wanted = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"The recipe {path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise ValueError(f"The recipe {path} is no JSON: {error}.") from None
    if not isinstance(wanted, dict) or not {"based_on", "name"} <= set(wanted):
        raise ValueError(f"The recipe {path} must be an object that says what it is 'based_on', and its 'name'.")
    base = find_recipe(str(wanted["based_on"]))
    if plain_name(str(wanted["name"])) in RECIPES:
        raise ValueError(f"The recipe {path} needs a name of its own; there is another {wanted['name']}.")
    changes = {name: value for name, value in wanted.items() if name != REMARKS}
    changed: Recipe = _changed(base, changes, f"The recipe {path}: ")
    return changed


def write_recipe(path: Path, recipe: Recipe, *, about: Mapping[str, Any]) -> None:
    """Write what a recipe changes of the one that it is based on, with remarks; the inverse of `read_recipe`."""
    content = {**_difference(recipe, find_recipe(str(recipe.based_on))), REMARKS: about}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _changed(known: Any, wanted: Any, place: str) -> Any:
    """The known value with what is wanted of it; refuses what is of another kind."""
    if is_dataclass(known) and isinstance(wanted, dict):
        return _with_fields(known, wanted, place)
    if isinstance(known, Mapping) and isinstance(wanted, dict):
        return {**known, **{name: _plain(value) for name, value in wanted.items()}}
    if isinstance(known, tuple) and isinstance(wanted, list):
        if not any(is_dataclass(item) for item in known):
            return _plain(wanted)
        if len(known) == len(wanted):
            return tuple(_changed(*pair, place) for pair in zip(known, wanted, strict=True))
    if known is None and not isinstance(wanted, dict | list):
        return wanted
    if type(wanted) is type(known) or (isinstance(known, float) and type(wanted) is int):
        return type(known)(wanted)
    raise ValueError(f"{place}{json.dumps(wanted)} cannot stand in place of {known!r}.")


def _with_fields(known: Any, wanted: dict[str, Any], place: str) -> Any:
    optional = {item.name for item in fields(known) if "None" in str(item.type)}
    unknown = sorted(set(wanted) - {item.name for item in fields(known)})
    if unknown:
        names = ", ".join(item.name for item in fields(known))
        raise ValueError(f"{place}there is no {unknown[0]!r} among {names}.")
    changes = {
        name: None if value is None and name in optional else _changed(getattr(known, name), value, f"{place}{name}: ")
        for name, value in wanted.items()
    }
    return replace(known, **changes)


def _plain(value: Any) -> Any:
    """Lists as tuples: what is frozen holds nothing that changes."""
    return tuple(_plain(item) for item in value) if isinstance(value, list) else value


def _difference(value: Any, known: Any) -> Any:
    """The fields of a dataclass that differ from another of its kind, also of those inside it."""
    if isinstance(value, tuple) and any(is_dataclass(item) for item in value):
        return [_difference(*pair) for pair in zip(value, known, strict=True)]
    if not is_dataclass(value):
        return value
    names = (item.name for item in fields(value))
    return {
        name: _difference(getattr(value, name), getattr(known, name))
        for name in names
        if getattr(value, name) != getattr(known, name)
    }
