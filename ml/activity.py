"""When somebody speaks in a recording: the level of the voice band against the room, with short pauses bridged.

Whether what is loud is a voice at all, `ml.speech` decides for each phrase. The parameters were chosen on RAVDESS
actors 2 and 15; `benchmarks/timeline.py` measures them on others, beside WebRTC's detector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.trimming import HOP_S, Levels, Samples, voice_band_levels_db

Hops = tuple[int, int]
LOUD_PERCENTILE, FLOOR_PERCENTILE = 98, 8


@dataclass(frozen=True, kw_only=True)
class ActivityDetector:
    """Speech is what is louder than a threshold between the room and the voice.

    Attributes
    ----------
    floor_share, over_floor_db : float
        The threshold lies so far on the way from the room's level to that of loud speech, and so many decibels above.
    depth_db : float
        But never further under loud speech than this.
    least_db : float
        And never closer to it than this.
    burst_s : float
        Shorter sounds are not speech.
    bridged_s : float
        Shorter pauses belong to the phrase around them.
    padding_s : float
        Kept around each phrase: words begin and end softly.
    """

    floor_share: float = 0.1
    over_floor_db: float = 1.5
    depth_db: float = 36.0
    least_db: float = 12.0
    burst_s: float = 0.06
    bridged_s: float = 0.3
    padding_s: float = 0.06

    def threshold_db(self, levels_db: Levels) -> float:
        """From which level on a recording is loud enough for speech."""
        loud_db, floor_db = np.percentile(levels_db, (LOUD_PERCENTILE, FLOOR_PERCENTILE))
        over_room_db = floor_db + self.floor_share * (loud_db - floor_db) + self.over_floor_db
        return float(max(loud_db - self.depth_db, min(over_room_db, loud_db - self.least_db)))

    def spans(self, levels_db: Levels, threshold_db: float) -> list[Hops]:
        """Where levels [shape=(hops,)] are speech, from hop to before hop, in order and apart."""
        bridged: list[Hops] = []
        for start, end in runs(levels_db > threshold_db):
            if bridged and (start - bridged[-1][1]) * HOP_S < self.bridged_s:
                bridged[-1] = (bridged[-1][0], end)
            else:
                bridged.append((start, end))
        padding = round(self.padding_s / HOP_S)
        return [
            (max(start - padding, 0), min(end + padding, len(levels_db)))
            for start, end in bridged
            if (end - start) * HOP_S >= self.burst_s
        ]


def find_speech(samples: Samples, rate_hz: int) -> list[tuple[float, float]]:
    """Where a recording that fits into memory is loud enough for speech, from second to second."""
    detector = ActivityDetector()
    levels_db = voice_band_levels_db(samples, rate_hz)
    spans = detector.spans(levels_db, detector.threshold_db(levels_db))
    return [(start * HOP_S, end * HOP_S) for start, end in spans]


def runs(active: npt.NDArray[np.bool_]) -> list[Hops]:
    """Stretches of truth, from index to before index."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], active.astype(np.int8), [0]])))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
