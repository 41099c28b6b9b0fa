"""How static files are stored: under names with their hash, compressed, without source maps."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


def _is_source_map(rule: Any) -> bool:
    return "sourceMappingURL" in str(rule)


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Leaves references to source maps alone: packages bring megabytes of them, and no page loads one."""

    patterns = tuple(
        (files, tuple(rule for rule in rules if not _is_source_map(rule)))
        for files, rules in CompressedManifestStaticFilesStorage.patterns
    )
