"""Registers the application with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class ClassifierConfig(AppConfig):
    """The application, with its system checks."""

    name = "classifier"

    def ready(self) -> None:
        """Let Django find the checks."""
        from classifier import checks  # noqa: F401


class StaticFiles(StaticFilesConfig):
    """Collects what pages load, and leaves out what packages bring for bundlers and compilers."""

    ignore_patterns = (*StaticFilesConfig.ignore_patterns, "*.cjs", "*.d.ts", "*.min.js", "*.map", "redoc*")
