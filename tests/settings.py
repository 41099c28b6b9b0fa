"""The site's own settings, with a key, over plain HTTP, and with static files as they lie in their folders."""

from __future__ import annotations

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + 40 * "x")
os.environ.setdefault("INSECURE_HTTP", "1")

from emotion_site.settings import *  # noqa: F403

STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = BASE_DIR / "static"  # noqa: F405
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "staticfiles.E002"]  # noqa: F405
