"""A recording of any length as it comes in, cut at its pauses into phrases: at most a minute of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ml.activity import ActivityDetector, Hops
from ml.audio import Clip, Samples
from ml.trimming import HOP_S, Levels, voice_band_levels_db

CHUNK_S = 60.0
"""How much is listened to at once: the room and the voice are judged over this and what came before it."""

LONGEST_PHRASE_S = 12.0
SHORTEST_PHRASE_S = 1.0
NEAR_S = 0.8
"""A word alone joins the phrase before or after it, where the pause is shorter than this."""

MARGIN_S = 0.25
"""Of the room around a phrase: trimming needs to know how loud it is."""


@dataclass(frozen=True, eq=False)
class Phrase:
    """What is said between two pauses.

    Attributes
    ----------
    clip : Clip
        With a little of the room around it.
    offset_s : float
        Where the clip begins in the recording.
    start_s, end_s : float
        Where speech begins and ends in the recording.
    levels_db : np.ndarray [shape=(hops,)]
        Level of the clip's voice band every 10 ms.
    """

    clip: Clip
    offset_s: float
    start_s: float
    end_s: float
    levels_db: Levels


class PhraseFinder:
    """Cuts one channel into phrases while it is read.

    Parameters
    ----------
    rate_hz : int
    detector : ActivityDetector, optional
    """

    def __init__(self, rate_hz: int, *, detector: ActivityDetector | None = None) -> None:
        self.rate_hz = rate_hz
        self._detector = detector or ActivityDetector()
        self._hop = round(HOP_S * rate_hz)
        self._blocks: list[Samples] = []
        self._kept = 0
        self._offset = 0
        self._context: Levels = np.zeros(0)

    @property
    def duration_s(self) -> float:
        """How much was heard so far, in seconds."""
        return (self._offset + self._kept) / self.rate_hz

    @property
    def whole(self) -> Clip | None:
        """The recording so far, where nothing of it was let go yet."""
        return None if self._offset else Clip(self._joined(), self.rate_hz)

    def push(self, samples: Samples) -> Iterator[Phrase]:
        """Listen on; the phrases that are complete."""
        self._blocks.append(samples)
        self._kept += len(samples)
        if self._kept >= CHUNK_S * self.rate_hz:
            yield from self._phrases(at_end=False)

    def finish(self) -> Iterator[Phrase]:
        """The last phrases."""
        if self._kept >= self._hop:
            yield from self._phrases(at_end=True)

    def _phrases(self, *, at_end: bool) -> Iterator[Phrase]:
        samples = self._joined()
        levels_db = voice_band_levels_db(samples, self.rate_hz)
        threshold_db = self._detector.threshold_db(np.concatenate([self._context, levels_db]))
        spans = _divided(_joined_words(self._detector.spans(levels_db, threshold_db)), levels_db)
        done = len(samples) if at_end else self._settled(spans, len(levels_db)) * self._hop
        for start, end in spans:
            if end * self._hop <= done or at_end:
                yield self._phrase(samples, levels_db, start, end)
        self._context = levels_db[: done // self._hop]
        self._blocks, self._kept, self._offset = [samples[done:].copy()], len(samples) - done, self._offset + done

    def _settled(self, spans: list[Hops], hops: int) -> int:
        """Before which hop nothing will change: the last phrase may go on in what is not there yet."""
        near, margin = round(NEAR_S / HOP_S), round(MARGIN_S / HOP_S)
        ends = [0, *(end for _, end in spans)]
        if spans and hops - ends[-1] < near:
            return max(spans[-1][0] - margin, ends[-2])
        return max(hops - margin, ends[-1])

    def _phrase(self, samples: Samples, levels_db: Levels, start: int, end: int) -> Phrase:
        margin = round(MARGIN_S / HOP_S)
        first, last = max(start - margin, 0), min(end + margin, len(levels_db))
        clip = Clip(samples[first * self._hop : last * self._hop].copy(), self.rate_hz)
        offset_s = self._offset / self.rate_hz
        return Phrase(
            clip,
            offset_s=offset_s + first * HOP_S,
            start_s=offset_s + start * HOP_S,
            end_s=offset_s + end * HOP_S,
            levels_db=levels_db[first:last],
        )

    def _joined(self) -> Samples:
        if len(self._blocks) != 1:
            self._blocks = [np.concatenate(self._blocks)] if self._blocks else [np.zeros(0, np.float32)]
        return self._blocks[0]


def _joined_words(spans: list[Hops]) -> list[Hops]:
    """Spans of which those that are short joined a near neighbour."""
    joined: list[Hops] = []
    for start, end in spans:
        if joined and (start - joined[-1][1]) * HOP_S < NEAR_S and _is_word(joined[-1], (start, end)):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _is_word(*spans: Hops) -> bool:
    return any((end - start) * HOP_S < SHORTEST_PHRASE_S for start, end in spans)


def _divided(spans: list[Hops], levels_db: Levels) -> list[Hops]:
    """Spans of which those that are too long were cut where they are quietest."""
    third = round(LONGEST_PHRASE_S / 3 / HOP_S)
    divided: list[Hops] = []
    for start, end in spans:
        while end - start > 3 * third:
            first = start + third
            cut = first + int(np.argmin(levels_db[first : min(start + 3 * third, end - third)]))
            divided.append((start, cut))
            start = cut
        divided.append((start, end))
    return divided
