"""The same work without a site around it: what the machine can do at best."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache

from threadpoolctl import threadpool_limits

from ml.catalogue import Catalogue
from ml.store import SHIPPED_DIR


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The shipped models, loaded once a process."""
    return Catalogue.load(model_dir=SHIPPED_DIR, shipped_dir=SHIPPED_DIR, default="classic")


def rate(clips: Sequence[bytes], model: str, seconds: float) -> float:
    """Clips a second that this process classifies, one after the other."""
    models, done = catalogue(), 0
    with threadpool_limits(1):
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            models.classify(clips[done % len(clips)], model=model)
            done += 1
        return done / (time.perf_counter() - started)
