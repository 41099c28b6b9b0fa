"""The golden vector's clip, by arithmetic that nothing else depends on; run as a module, it writes the vector again.

That is for when a feature set's version was raised on purpose: `python -m tests.ml.features.golden`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ml.audio import Clip
from ml.features.sets import feature_set

PATH = Path(__file__).with_name("golden.json")


def golden_clip() -> Clip:
    """One second of a gliding, swelling tone with twenty harmonics, and a little noise."""
    time_s = np.arange(16_000) / 16_000
    phase = 2 * np.pi * (120 * time_s + 40 * time_s**2)
    tone = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 21))
    noise = 0.01 * np.random.default_rng(0).uniform(-1, 1, len(time_s))
    return Clip((0.1 * np.sin(np.pi * time_s) * tone + noise).astype(np.float32), 16_000)


if __name__ == "__main__":
    features = feature_set("classic-180")
    vector = features.extract(golden_clip())
    numbers = {name: float(f"{value:.7g}") for name, value in zip(features.names, vector, strict=True)}
    PATH.write_text(json.dumps(numbers, indent=1) + "\n")
