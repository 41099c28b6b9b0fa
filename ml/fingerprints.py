"""Names for results that are kept between runs: the hash of everything that they depend on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, fields, is_dataclass
from importlib.metadata import version
from typing import Any

from ml.extraction import Dataset
from ml.library import library_versions

FITTING_VERSION = 1
"""Raised when the same recipe comes to fit otherwise: what was kept is then found out again."""

LIBRARIES = ("scikit-learn", "numpy", "scipy")


def fingerprint(spec: Any, *depends_on: Any) -> str:
    """A hash of hyperparameters, of how they are fitted and with which libraries, and of other plain data."""
    libraries = {library: version(library) for library in LIBRARIES} | library_versions(spec)
    parts = [FITTING_VERSION, libraries, described(spec), *depends_on]
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()


def digest_of(data: Dataset) -> str:
    """A hash of the clips, of what is said of them, and of their vectors."""
    state = hashlib.blake2b(digest_size=16)
    for texts in (data.emotions, data.speakers, data.genders, data.digests, data.corpora):
        state.update("\n".join(texts).encode() + b"\0")
    for name, vectors in {"": data.vectors, **data.copies}.items():
        state.update(name.encode() + b"\0" + str(vectors.shape).encode())
        state.update(vectors.tobytes())
    return state.hexdigest()


def described(spec: Any) -> Any:
    """Hyperparameters as plain data, without those at their defaults: a new one with a default changes no hash."""
    if is_dataclass(spec) and not isinstance(spec, type):
        changed = {item.name: getattr(spec, item.name) for item in fields(spec) if not _is_default(spec, item)}
        return {"": type(spec).__name__, **{name: described(value) for name, value in changed.items()}}
    if isinstance(spec, tuple | list):
        return [described(item) for item in spec]
    return dict(spec) if isinstance(spec, dict) else spec


def _is_default(spec: Any, item: Any) -> bool:
    default = item.default if item.default_factory is MISSING else item.default_factory()
    return default is not MISSING and getattr(spec, item.name) == default
