"""Reads settings from the environment, and fails loudly: a wrong value names itself and what would be right."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off", ""})

PROMPT = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}
"""A shared cache that does not answer within a second must not hold up those who ask it."""


def text(name: str, default: str = "") -> str:
    """The value without blanks around it; what is empty counts as not set."""
    return os.environ.get(name, "").strip() or default


def required(name: str, hint: str) -> str:
    """The value of a setting that has no default."""
    return text(name) or _refuse(name, hint)


def flag(name: str, *, default: bool = False) -> bool:
    """1 or 0 (also true/false, yes/no, on/off)."""
    value = text(name, "1" if default else "0").lower()
    return value in YES if value in YES | NO else _refuse(name, "be 1 or 0")


def whole(name: str, default: int, *, least: int = 1) -> int:
    """A whole number of at least `least`."""
    value = text(name) or str(default)
    return int(value) if _is_whole(value, least) else _refuse(name, f"be a whole number of at least {least}")


def whole_or_off(name: str, *, least: int = 1) -> int:
    """A whole number, or 0 for `off` and for nothing set."""
    value = text(name).lower() or "off"
    if value == "off":
        return 0
    return int(value) if _is_whole(value, least) else _refuse(name, f"be off, or a whole number of at least {least}")


def names(name: str, default: str = "") -> list[str]:
    """Values separated by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    """A folder; whether it exists is for the system checks to say."""
    return Path(text(name) or default).expanduser()


def rate_per_minute(name: str, default: str) -> int:
    """`120/min` as 120, and 0 for `off`."""
    value = text(name) or default
    if value.lower() == "off":
        return 0
    found = re.fullmatch(r"([1-9]\d{0,6})/min", value)
    return int(found[1]) if found else _refuse(name, "be off, or a number per minute such as 120/min")


def choice(name: str, default: str, *, among: tuple[str, ...]) -> str:
    """One word of a few, in capitals or not."""
    value = (text(name) or default).upper()
    return value if value in among else _refuse(name, "be one of " + ", ".join(among))


def cache(name: str) -> dict[str, Any]:
    """A Django cache: `redis://host:6379/0` shared by replicas, or the process's own memory where nothing is set.

    The value may hold a password, so that a refusal does not repeat it.
    """
    url = text(name)
    if not url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
    if url.startswith(("redis://", "rediss://")):
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url, "OPTIONS": PROMPT}
    message = f"The environment variable {name} must be empty, or start with redis:// or rediss://."
    raise ImproperlyConfigured(message)


def _is_whole(value: str, least: int) -> bool:
    return value.isascii() and value.isdigit() and int(value) >= least


def _refuse(name: str, hint: str) -> NoReturn:
    value = os.environ.get(name)
    found = "it is not set" if value is None else f"it is {value!r}"
    message = f"The environment variable {name} must {hint}; {found}."
    raise ImproperlyConfigured(message)
