"""Writes the golden vector again, for when a feature set's version was raised on purpose."""

from __future__ import annotations

import json
from pathlib import Path

from ml.features.sets import feature_set
from tests.recordings import voice

if __name__ == "__main__":
    features = feature_set("classic-180")
    vector = features.extract(voice("angry", seed=7))
    numbers = {name: float(f"{value:.7g}") for name, value in zip(features.names, vector, strict=True)}
    Path(__file__).with_name("golden.json").write_text(json.dumps(numbers, indent=1) + "\n")
