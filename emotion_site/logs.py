"""One JSON object a line on stderr, with what operators need and nothing about a person."""

from __future__ import annotations

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; empty outside of one."""

QUIET = ("django.request", "django.security", "django.server")
"""These repeat, in the client's own words, what the request log says without them; only exceptions are new in them."""


class NothingOfClients(logging.Filter):
    """Drops what repeats the words of a client."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write a record."""
        return not record.name.startswith(QUIET) or (record.name == "django.request" and bool(record.exc_info))


class JsonFormatter(logging.Formatter):
    """Writes a record as JSON; fields come from `extra={"fields": {…}}`.

    The text of an exception is not written, since it may quote what a client sent: its type and the lines of code it
    passed are enough to find the fault.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line for one record."""
        message = "Unhandled exception" if record.name.startswith(QUIET) else record.getMessage()
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": str(message),
            **({"request_id": request_id.get()} if request_id.get() else {}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["trace"] = _trace(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def configuration(level: str) -> dict[str, Any]:
    """What `logging.config.dictConfig` needs, for Django and for gunicorn, which repeats addresses when it debugs."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "emotion_site.logs.JsonFormatter"}},
        "filters": {"nothing of clients": {"()": "emotion_site.logs.NothingOfClients"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["nothing of clients"]},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "gunicorn.error": {"level": "INFO" if level == "DEBUG" else level, "handlers": [], "propagate": True},
        },
    }


def _trace(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
