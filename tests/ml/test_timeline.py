"""From scored windows to segments."""

from __future__ import annotations

import numpy as np
import pytest

from ml.timeline import HeardPhrase, overall, segments

EMOTIONS = ("angry", "sad")
ANGRY, SAD = (0.9, 0.1), (0.2, 0.8)


def phrase(
    start_s: float, *scores: tuple[float, float], length_s: float = 2.0, dip_s: float | None = None
) -> HeardPhrase:
    """One window over all of it, or windows of three seconds, one every second; loud but for a dip."""
    count = len(scores)
    if count > 1:
        length_s = count + 2.0
    windows = [(start_s + i, start_s + i + 3.0) for i in range(count)] if count > 1 else [(start_s, start_s + length_s)]
    levels = np.full(round(length_s * 100), -20.0)
    if dip_s is not None:
        levels[round((dip_s - 0.05) * 100) : round((dip_s + 0.05) * 100)] = -60.0
    return HeardPhrase(start_s, start_s + length_s, np.array(windows), np.array(scores), levels, start_s)


def course(*phrases: HeardPhrase, duration_s: float) -> list[tuple[float, float, str | None]]:
    return [(part.start_s, part.end_s, part.emotion) for part in segments(phrases, EMOTIONS, duration_s)]


def test_pauses_are_segments_without_an_emotion() -> None:
    assert course(phrase(1, ANGRY), phrase(5, SAD), duration_s=8) == [
        (0, 1, None),
        (1, 3, "angry"),
        (3, 5, None),
        (5, 7, "sad"),
        (7, 8, None),
    ]


def test_hardly_a_pause_is_not_marked() -> None:
    assert course(phrase(0, ANGRY), phrase(2.2, SAD), duration_s=4.2) == [(0, 2.1, "angry"), (2.1, 4.2, "sad")]
    assert course(phrase(0, ANGRY), phrase(2.2, ANGRY), duration_s=4.2) == [(0, 4.2, "angry")]


def test_a_change_falls_into_a_dip_of_the_level() -> None:
    windows = [ANGRY] * 3 + [SAD] * 4
    for dip_s in (4.1, 4.7):
        (first, second) = segments([phrase(0, *windows, dip_s=dip_s)], EMOTIONS, 9.0)
        assert (first.emotion, second.emotion) == EMOTIONS
        assert first.end_s == second.start_s == pytest.approx(dip_s, abs=0.15)


def test_one_odd_window_is_smoothed_away() -> None:
    assert course(phrase(0, ANGRY, ANGRY, (0.45, 0.55), ANGRY, ANGRY), duration_s=7) == [(0, 7, "angry")]


def test_scores_of_a_segment_sum_to_one_the_highest_first() -> None:
    for part in segments([phrase(0, ANGRY, SAD, SAD, SAD)], EMOTIONS, 6.0):
        assert part.confidence == part.scores[0].score >= part.scores[1].score
        assert sum(score.score for score in part.scores) == pytest.approx(1)


def test_the_whole_weighs_speech_by_its_duration() -> None:
    mean = overall([phrase(0, ANGRY, length_s=3.0), phrase(5, SAD, length_s=1.0)])
    assert mean == pytest.approx([(3 * 0.9 + 0.2) / 4, (3 * 0.1 + 0.8) / 4])


def test_a_single_window_is_the_whole_to_the_bit() -> None:
    assert overall([phrase(0, (1 / 3, 2 / 3))]).tolist() == [1 / 3, 2 / 3]
