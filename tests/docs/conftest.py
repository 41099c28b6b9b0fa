"""The live site of the site's own tests, for the examples."""

from __future__ import annotations

from tests.classifier.conftest import site, static_root

__all__ = ["site", "static_root"]
