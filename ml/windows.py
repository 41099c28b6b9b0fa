"""Windows over a phrase: short enough to follow the speaker, long enough to hear an emotion in."""

from __future__ import annotations

from math import ceil

import numpy as np

WINDOW_S = 3.0
EVERY_S = 1.0
LONGEST_WINDOW_S = 4.5
"""A phrase up to this length is heard whole, as the single sentences were that models are trained on."""

Bounds = tuple[int, int]


def windows_over(length: int, rate_hz: int) -> list[Bounds]:
    """Cut so many samples into windows, each from sample to before sample."""
    duration_s = length / rate_hz
    if duration_s <= LONGEST_WINDOW_S:
        return [(0, length)]
    width = round(WINDOW_S * rate_hz)
    count = 1 + ceil((duration_s - WINDOW_S) / EVERY_S)
    return [(start, start + width) for start in np.linspace(0, length - width, count).round().astype(int).tolist()]
