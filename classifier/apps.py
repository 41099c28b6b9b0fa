"""Registers the application with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ClassifierConfig(AppConfig):
    """The application, with its system checks."""

    name = "classifier"

    def ready(self) -> None:
        """Let Django find the checks."""
        from classifier import checks  # noqa: F401
