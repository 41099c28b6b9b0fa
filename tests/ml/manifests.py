"""Manifests, made up."""

from __future__ import annotations

from typing import Any

from ml.store import Manifest

INTERVAL = {"value": 0.5, "low": 0.4, "high": 0.6}
FIGURES: dict[str, Any] = {
    "protocol": "actors",
    "clips": 10,
    "accuracy": INTERVAL,
    "uar": INTERVAL,
    "ece": {"value": 0.031, "low": 0.02, "high": 0.06},
    "recall": {"happy": 0.75, "sad": 0.25},
    "confusion": {"labels": ["happy", "sad"], "rows": [[3, 1], [4, 2]]},
    "reliability": [{"clips": 6, "confidence": 0.6, "accuracy": 0.5}, {"clips": 4, "confidence": 0.9, "accuracy": 1.0}],
}


def described(**changes: Any) -> dict[str, Any]:
    """A manifest without its hash, of a model of which nothing was measured, but for what is given."""
    return {
        "name": "own",
        "version": "20260101T000000.000000Z",
        "created": "2026-01-01T00:00:00+00:00",
        "features": {"name": "classic-180", "names": [f"number_{n}" for n in range(180)]},
        "conditioning": {},
        "labels": ["happy", "sad"],
        "libraries": {"numpy": "2.0"},
        "recipe": {"name": "own", "summary": "A trial.", "published": None},
        "corpora": [{"name": "own", "clips": 10}],
        "figures": {},
        "robustness": {},
        "calibration": {},
        "loss_curves": [],
        "traits": {},
        "known_answers": [],
        "licence": "Yours.",
        **changes,
    }


def summary(**changes: Any) -> dict[str, Any]:
    """What is told of that model."""
    return Manifest(**described(**changes), sha256="").summary()
