"""How pages find their modules and their data: an import map to the hashed files, and one block of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString, mark_safe

from classifier.forms import MOST_RECORDINGS
from classifier.pictures import Picture
from classifier.templatetags.wording import SURENESS, UNCERTAIN, refusals
from ml.emotions import EMOTIONS

register = template.Library()

LIBRARIES = {
    "wavesurfer": "wavesurfer/wavesurfer.esm.js",
    "wavesurfer/spectrogram": "wavesurfer/plugins/spectrogram.esm.js",
}
"""What modules import by name; absent where npm never ran, and the pages do without."""


@register.simple_tag
def import_map() -> SafeString:
    """The import map: our own modules and the libraries, each by the address its content has."""
    return mark_safe(_import_map())  # noqa: S308 (JSON of file names, with `<` escaped)


@cache
def _import_map() -> str:
    hashed: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    own = {name: static(name) for name in hashed if name.startswith("js/") and name.endswith(".js")}
    imports = {f"{settings.STATIC_URL}{name}": address for name, address in own.items()}
    imports |= {name: static(path) for name, path in LIBRARIES.items() if path in hashed or finders.find(path)}
    return json.dumps({"imports": imports}).replace("<", "\\u003c")


@register.simple_tag
def page_data(limits: dict[str, Any], models: list[dict[str, Any]], default_model: str) -> SafeString:
    """What the modules of the page need to know, so that limits and words are written once."""
    return json_script(
        {
            "limits": {
                "max_upload_mb": limits["max_upload_mb"],
                "max_seconds": limits["max_seconds"],
                "min_seconds": 0.5,
                "most_recordings": MOST_RECORDINGS,
            },
            "refusals": refusals(limits),
            "sureness": SURENESS,
            "uncertain": UNCERTAIN,
            "emotions": EMOTIONS,
            "models": [default_model, *(model["name"] for model in models if model["name"] != default_model)],
            "addresses": {"classify": "/api/v1/classify", "voice": "/api/v1/voice", "share": reverse("shared-result")},
        },
        "page-data",
    )


@register.simple_tag
def walk_pictures(pictures: Sequence[Picture]) -> SafeString:
    """The pictures of a walk, for its script."""
    shown = [{"emotion": each.emotion, "description": each.description, "url": each.url} for each in pictures]
    return json_script(shown, "walk-pictures")
