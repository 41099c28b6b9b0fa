"""`manage.py use_model`: which version of a model is served."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from classifier.management.options import plain_errors
from ml import store


class Command(BaseCommand):
    """Moves the pointer of a model to another of its versions; this is how an administrator rolls back."""

    help = "Serve another version of a model (roll back, or forward again)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("name")
        parser.add_argument("version")

    def handle(self, *args: Any, **options: Any) -> str:
        """Move the pointer; returns a sentence."""
        with plain_errors():
            store.point(settings.MODEL_DIR, options["name"], options["version"])
        return f"{options['name']} {options['version']} is the version to serve. A running site reads it on SIGHUP."
