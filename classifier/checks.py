"""What a deployer should know before the first visitor does: system checks with ids and hints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004

from classifier import pictures
from ml import folders
from ml.emotions import EMOTIONS
from ml.machine import memory_bytes
from ml.serving.compiled import compiled_in

BASE_MB = 335  # the whole service but its workers, with the shipped models
WORKER_MB = 50  # what a worker adds while it analyses
SECOND_MB = 16_000 * 4 / 2**20  # of a recording, as the models hear it


@register(deploy=True)
def check_model(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The default model is there; asked of a deployment only, since it may be about to be trained."""
    roots: list[Path] = [settings.MODEL_DIR, settings.SHIPPED_MODEL_DIR]
    if any(folders.version_folder(root, settings.EMOTION_MODEL) for root in roots):
        return []
    message = f"The model {settings.EMOTION_MODEL} is neither in {roots[0]} nor among the shipped ones."
    hint = "Train it with `manage.py train_model`, or set EMOTION_MODEL or MODEL_DIR."
    return [Error(message, hint=hint, id="classifier.E001")]


@register()
def check_model_dir(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """All that lies in the folder of models may be read."""
    closed = folders.unreadable(settings.MODEL_DIR)
    if not closed:
        return []
    message = f"In MODEL_DIR, {', '.join(map(str, closed))} may not be read; shipped models serve in its place."
    hint = f"Let the user that runs the site read it: `chmod -R a+rX {settings.MODEL_DIR}`."
    return [Warning(message, hint=hint, id="classifier.W012")]


@register()
def check_numba_cache(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Compiled code can be kept, or is brought along as in the image: else each start compiles anew."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    if not folder or _is_writable(Path(folder)) or compiled_in(Path(folder)):
        return []
    message = f"NUMBA_CACHE_DIR ({folder}) cannot be written by the user that runs the site."
    hint = "Make it writable, or copy it to a folder that is (a tmpfs will do) before the start."
    return [Error(message, hint=hint, id="classifier.E002")]


@register()
def check_memory(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """All uploads together, and one of them, fit."""
    return [Error(message, hint=hint, id=id_) for id_, message, hint in _memory_problems()]


@register()
def check_load(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The worst that the settings allow fits: a small container often shows all processors of a large machine."""
    needed_mb, available_mb = needed_memory_mb(), memory_bytes() // settings.MEGABYTE
    if needed_mb <= available_mb:
        return []
    message = (
        f"{settings.WORKERS} workers with the longest recordings, and all uploads that are let in, "
        f"need about {needed_mb} MB; there are {available_mb} MB."
    )
    hint = "Set WORKERS, MAX_SECONDS, MAX_UPLOAD_MB or UPLOAD_BUDGET_MB lower, or run on a larger machine."
    return [Warning(message, hint=hint, id="classifier.W011")]


def needed_memory_mb() -> int:
    """What the whole service takes when every worker hears the longest recording and no further upload is let in."""
    recording_mb = min(settings.MAX_SECONDS * SECOND_MB, settings.MEMORY_BUDGET_MB)
    in_work_mb = min(settings.WORKERS * settings.MAX_UPLOAD_MB, settings.UPLOAD_BUDGET_MB)  # workers get a copy
    uploads_mb = settings.UPLOAD_BUDGET_MB + in_work_mb
    return round(BASE_MB + settings.WORKERS * (WORKER_MB + recording_mb) + uploads_mb)


@register()
def check_samples(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """A folder of sample voices that was asked for exists."""
    if not os.environ.get("SAMPLES_DIR") or settings.SAMPLES_DIR.is_dir():
        return []
    hint = "Create it, or unset SAMPLES_DIR to use the sample voices that come with the site."
    return [Warning(f"SAMPLES_DIR ({settings.SAMPLES_DIR}) does not exist.", hint=hint, id="classifier.W004")]


@register()
def check_pictures(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The pictures of the walk are pictures, in folders named for emotions."""
    gallery = pictures.gallery()
    found: list[CheckMessage] = []
    if gallery.left_out:
        names = ", ".join(str(path.relative_to(settings.PICTURES_DIR)) for path in gallery.left_out)
        hint = f"Pictures are PNG, JPEG, WebP or SVG of at most 5 MB, in folders named {', '.join(EMOTIONS)}."
        found.append(Warning(f"Left out of PICTURES_DIR: {names}.", hint=hint, id="classifier.W008"))
    if not gallery.pictures:
        message = f"PICTURES_DIR ({settings.PICTURES_DIR}) holds no picture: there is no picture walk."
        hint = "Put some into folders named for emotions, or unset PICTURES_DIR to use those that come with the site."
        found.append(Warning(message, hint=hint, id="classifier.W009"))
    return found


@register(deploy=True)
def check_production(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Nothing made for one's own machine is on."""
    found: list[CheckMessage] = []
    if settings.DEBUG:
        hint = "Unset DEBUG: it shows settings and code to whoever causes an error."
        found.append(Error("DEBUG is on.", hint=hint, id="classifier.E010"))
    if settings.INSECURE_HTTP:
        hint = "Unset INSECURE_HTTP; behind a proxy that ends TLS set TRUSTED_PROXIES=1."
        found.append(Warning("INSECURE_HTTP is on: cookies travel in the clear.", hint=hint, id="classifier.W005"))
    if "*" in settings.ALLOWED_HOSTS:
        hint = "Name the site's own hosts in ALLOWED_HOSTS, separated by commas."
        found.append(Warning("ALLOWED_HOSTS takes any host.", hint=hint, id="classifier.W006"))
    return found


def _memory_problems() -> Iterator[tuple[str, str, str]]:
    if settings.UPLOAD_BUDGET_MB < settings.MAX_UPLOAD_MB:
        message = "UPLOAD_BUDGET_MB is smaller than MAX_UPLOAD_MB: the largest recording would never be let in."
        yield "classifier.E003", message, f"Set UPLOAD_BUDGET_MB to {settings.MAX_UPLOAD_MB} or more."
    available_mb = memory_bytes() // settings.MEGABYTE
    if available_mb // 2 < settings.UPLOAD_BUDGET_MB:
        message = f"UPLOAD_BUDGET_MB is more than half of the memory that there is ({available_mb} MB)."
        yield "classifier.E007", message, "Set UPLOAD_BUDGET_MB lower, or run on a larger machine."


def _is_writable(folder: Path) -> bool:
    return not folders.why_unwritable(folder)
