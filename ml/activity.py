"""When somebody speaks in a recording: the level of the voice band against the room, with short pauses bridged.

Whether what is loud is a voice at all, `ml.speech` decides for each phrase. The parameters were chosen on the actors of
two RAVDESS folds; `benchmarks/timeline.py` measures them on others, beside WebRTC's detector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.trimming import HOP_S, Levels, Samples, voice_band_levels_db

Hops = tuple[int, int]
LOUD_PERCENTILE, ROOM_PERCENTILE = 98, 8


@dataclass(frozen=True, kw_only=True)
class ActivityDetector:
    """Speech is what is louder than the room.

    Attributes
    ----------
    over_room_db : float
        How much louder.
    depth_db : float
        Nothing further under loud speech than this is speech, however quiet the room.
    least_db : float
        Everything closer to loud speech than this is speech, however loud the room.
    range_db : float
        Nothing further under the loudest moment than this is speech, however little of it is loud.
    burst_s : float
        Shorter sounds are not speech.
    bridged_s : float
        Shorter pauses belong to the phrase around them.
    padding_s : float
        Kept around each phrase: words begin and end softly.
    """

    over_room_db: float = 2.5
    depth_db: float = 45.0
    least_db: float = 12.0
    range_db: float = 60.0
    burst_s: float = 0.06
    bridged_s: float = 0.3
    padding_s: float = 0.06

    def threshold_db(self, levels_db: Levels) -> float:
        """From which level on a recording is loud enough for speech."""
        loud_db, room_db = np.percentile(levels_db, (LOUD_PERCENTILE, ROOM_PERCENTILE))
        over_room_db = min(room_db + self.over_room_db, loud_db - self.least_db)
        return float(max(levels_db.max() - self.range_db, loud_db - self.depth_db, over_room_db))

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
