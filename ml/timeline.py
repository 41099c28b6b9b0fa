"""From scored windows to segments of one emotion each, and from those to one answer for the whole recording.

Inside a phrase the most likely course of emotions is found (Viterbi): each change costs something, and less where the
voice is quiet, so that a change falls between words rather than into one. A pause always parts two phrases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ml.activity import LOUD_PERCENTILE
from ml.results import Segment, ranked
from ml.trimming import HOP_S, Levels

Floats = npt.NDArray[np.float64]

CELL_S = 0.1
CHANGE_COST = 0.6
LOUD_CHANGE_COST = 0.6
QUIET_DB = 30.0
"""A change costs `CHANGE_COST` at this depth under loud speech, and so much more where the speech is loud."""

SHORTEST_PAUSE_S = 0.4
"""Shorter pauses are not marked: the segments beside one meet in its middle."""


@dataclass(frozen=True, eq=False)
class HeardPhrase:
    """One phrase and what was heard in it.

    Attributes
    ----------
    start_s, end_s : float
        Where speech begins and ends in the recording.
    windows_s : np.ndarray [shape=(windows, 2)]
        From second to second of the recording.
    scores : np.ndarray [shape=(windows, emotions)]
    levels_db : np.ndarray [shape=(hops,)]
        Level of the voice band every 10 ms, from `levels_from_s` on.
    levels_from_s : float
    """

    start_s: float
    end_s: float
    windows_s: Floats
    scores: Floats
    levels_db: Levels
    levels_from_s: float


@dataclass(frozen=True, eq=False)
class _Stretch:
    """Speech with one mean of scores [shape=(emotions,)]."""

    start_s: float
    end_s: float
    scores: Floats

    @property
    def emotion(self) -> int:
        return int(self.scores.argmax())

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def overall(phrases: Sequence[HeardPhrase]) -> Floats:
    """The mean scores of all speech, each second counting alike [shape=(emotions,)]."""
    if len(phrases) == 1 and len(phrases[0].scores) == 1:
        return phrases[0].scores[0]
    stretches = [stretch for phrase in phrases for stretch in _stretches(phrase)]
    weights = [stretch.duration_s for stretch in stretches]
    mean: Floats = np.average([stretch.scores for stretch in stretches], axis=0, weights=weights)
    return mean


def segments(phrases: Sequence[HeardPhrase], emotions: Sequence[str], duration_s: float) -> tuple[Segment, ...]:
    """The whole recording in segments of one emotion each, or of no speech, without gaps.

    Parameters
    ----------
    phrases : sequence of HeardPhrase
        In the order of time.
    emotions : sequence of str
        What the columns of the scores stand for.
    duration_s : float
        Of the recording.
    """
    stretches = _merged([stretch for phrase in phrases for stretch in _stretches(phrase)])
    return tuple(_filled(stretches, emotions, duration_s))


def _filled(stretches: list[_Stretch], emotions: Sequence[str], duration_s: float) -> Iterator[Segment]:
    end_s = 0.0
    for stretch in stretches:
        if stretch.start_s > end_s:
            yield _pause(end_s, stretch.start_s)
        end_s = min(stretch.end_s, duration_s)
        scores = ranked(emotions, stretch.scores)
        yield Segment(_ms(stretch.start_s), _ms(end_s), True, scores[0].label, scores[0].score, scores)
    if duration_s - end_s >= SHORTEST_PAUSE_S / 2:
        yield _pause(end_s, duration_s)


def _pause(start_s: float, end_s: float) -> Segment:
    return Segment(_ms(start_s), _ms(end_s), False, None, None, ())


def _ms(seconds: float) -> float:
    return round(float(seconds), 3)


def _merged(stretches: list[_Stretch]) -> list[_Stretch]:
    """Stretches of which those that hardly a pause parts meet, and become one where they are of one emotion."""
    merged: list[_Stretch] = []
    for stretch in stretches:
        last = merged.pop() if merged else None
        if last is None:
            merged.append(stretch)
        elif stretch.start_s - last.end_s >= SHORTEST_PAUSE_S:
            merged += [last, stretch]
        elif last.emotion == stretch.emotion:
            merged.append(_joined(last, stretch))
        else:
            middle_s = (last.end_s + stretch.start_s) / 2
            merged += [
                _Stretch(last.start_s, middle_s, last.scores),
                _Stretch(middle_s, stretch.end_s, stretch.scores),
            ]
    return merged


def _joined(first: _Stretch, second: _Stretch) -> _Stretch:
    scores = np.average([first.scores, second.scores], axis=0, weights=[first.duration_s, second.duration_s])
    return _Stretch(first.start_s, second.end_s, scores)


def _stretches(phrase: HeardPhrase) -> list[_Stretch]:
    """A phrase in stretches of one emotion each."""
    if len(phrase.scores) == 1:
        return [_Stretch(phrase.start_s, phrase.end_s, phrase.scores[0])]
    times_s = np.arange(phrase.start_s, phrase.end_s, CELL_S) + CELL_S / 2
    scores = _at(times_s, phrase)
    course = _likeliest(np.log(np.maximum(scores, 1e-6)) * CELL_S, _cost_of_change(times_s, phrase))
    cuts = [0, *(np.flatnonzero(np.diff(course)) + 1).tolist(), len(course)]
    bounds_s = [phrase.start_s, *(times_s[cut] - CELL_S / 2 for cut in cuts[1:-1]), phrase.end_s]
    return [
        _Stretch(start_s, end_s, scores[first:last].mean(axis=0))
        for (first, last), (start_s, end_s) in zip(pairwise(cuts), pairwise(bounds_s), strict=True)
    ]


def _at(times_s: Floats, phrase: HeardPhrase) -> Floats:
    """Scores at each time [shape=(times, emotions)]: those of the windows around it, the more central the more."""
    centres_s, halves_s = phrase.windows_s.mean(axis=1), np.diff(phrase.windows_s, axis=1)[:, 0] / 2
    weights = np.maximum(1 - np.abs(times_s[:, np.newaxis] - centres_s) / halves_s, 1e-3)
    scores: Floats = weights @ phrase.scores / weights.sum(axis=1, keepdims=True)
    return scores


def _cost_of_change(times_s: Floats, phrase: HeardPhrase) -> Floats:
    """What a change of emotion costs just before each time [shape=(times,)]."""
    hops = ((times_s - CELL_S / 2 - phrase.levels_from_s) / HOP_S).astype(int)
    levels_db = phrase.levels_db[np.clip(hops, 0, len(phrase.levels_db) - 1)]
    under_loud_db = np.percentile(phrase.levels_db, LOUD_PERCENTILE) - levels_db
    cost: Floats = CHANGE_COST + LOUD_CHANGE_COST * np.clip(1 - under_loud_db / QUIET_DB, 0, 1)
    return cost


def _likeliest(evidence: Floats, cost: Floats) -> npt.NDArray[np.int64]:
    """The course of labels with the most evidence [shape=(times, labels)], less the cost of its changes."""
    best, back = evidence[0], np.zeros(evidence.shape, np.int64)
    stay = np.arange(evidence.shape[1])
    for time in range(1, len(evidence)):
        changed = best.max() - cost[time]
        back[time] = np.where(best >= changed, stay, best.argmax())
        best = np.maximum(best, changed) + evidence[time]
    course = np.zeros(len(evidence), np.int64)
    course[-1] = best.argmax()
    for time in range(len(evidence) - 1, 0, -1):
        course[time - 1] = back[time, course[time]]
    return course
