"""Figures against the same figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ml import metrics
from ml.metrics import Measure, Outcome, with_interval

LABELS = ("sad", "angry", "calm")


def outcome(truth: list[int], scores: list[list[float]], speakers: list[str] | None = None) -> Outcome:
    return Outcome(LABELS, np.array(truth), np.array(scores), np.array(speakers or ["a"] * len(truth)))


@pytest.fixture
def six_clips() -> Outcome:
    """Four sad clips, three of them heard; one angry clip that was heard as calm; one calm clip that was heard."""
    scores = [[0.9, 0.1, 0.0], [0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.1, 0.8], [0.0, 0.0, 1.0]]
    return outcome([0, 0, 0, 0, 1, 2], scores)


def test_accuracy_is_the_share_of_clips_that_were_heard(six_clips: Outcome) -> None:
    assert metrics.accuracy(six_clips) == pytest.approx(4 / 6)


def test_recall_is_the_share_of_each_emotions_clips(six_clips: Outcome) -> None:
    assert metrics.recalls(six_clips) == {"sad": 0.75, "angry": 0.0, "calm": 1.0}


def test_uar_counts_every_emotion_the_same(six_clips: Outcome) -> None:
    assert metrics.uar(six_clips) == pytest.approx((0.75 + 0 + 1) / 3)


def test_uar_leaves_out_emotions_without_a_clip() -> None:
    assert metrics.uar(outcome([0, 2], [[1, 0, 0], [1, 0, 0]])) == 0.5


def test_the_confusion_matrix_has_what_was_acted_in_rows(six_clips: Outcome) -> None:
    assert metrics.confusion(six_clips) == [[3, 1, 0], [0, 0, 1], [0, 0, 1]]


def test_ece_is_the_gap_between_confidence_and_accuracy_in_each_bin(six_clips: Outcome) -> None:
    # Each confidence lies in a bin of its own: .9 .7 .5 .6 .8 1; right, right, right, wrong, wrong, right.
    assert metrics.ece(six_clips) == pytest.approx((0.1 + 0.3 + 0.5 + 0.6 + 0.8 + 0.0) / 6)


def test_ece_lets_clips_of_one_bin_make_up_for_each_other() -> None:
    four = outcome([0, 0, 0, 1], [[0.75, 0.25, 0.0]] * 4)
    assert metrics.ece(four) == pytest.approx(0)


def test_ece_has_fifteen_bins() -> None:
    # 0.61 and 0.65 share the bin from 9/15 to 10/15; 0.67 lies in the next.
    together = outcome([0, 1], [[0.61, 0.2, 0.19], [0.65, 0.2, 0.15]])
    assert metrics.ece(together) == pytest.approx(abs(0.61 + 0.65 - 1) / 2)
    apart = outcome([0, 1], [[0.65, 0.2, 0.15], [0.67, 0.2, 0.13]])
    assert metrics.ece(apart) == pytest.approx((0.35 + 0.67) / 2)


def test_a_certain_clip_falls_into_the_last_bin() -> None:
    assert metrics.reliability(outcome([0], [[1.0, 0.0, 0.0]])) == [{"clips": 1, "confidence": 1.0, "accuracy": 1.0}]


def test_reliability_covers_every_clip(six_clips: Outcome) -> None:
    assert sum(point["clips"] for point in metrics.reliability(six_clips)) == 6


def random_outcome(rng: np.random.Generator, *, right: float, clips: int = 240, speakers: int = 12) -> Outcome:
    truth = rng.integers(0, 3, clips)
    heard = np.where(rng.random(clips) < right, truth, (truth + 1) % 3)
    scores = np.full((clips, 3), 0.2)
    scores[np.arange(clips), heard] = 0.6
    return Outcome(LABELS, truth, scores, np.array([f"speaker-{i % speakers}" for i in range(clips)]))


@pytest.mark.parametrize("measure", [metrics.accuracy, metrics.uar, metrics.ece])
def test_an_interval_holds_its_value(measure: Measure, rng: np.random.Generator) -> None:
    figure = with_interval(measure, [random_outcome(rng, right=0.6)])
    assert figure.low <= figure.value <= figure.high
    assert 0 < figure.high - figure.low < 0.5


def test_an_interval_is_the_same_every_time(rng: np.random.Generator) -> None:
    once = random_outcome(rng, right=0.5)
    assert with_interval(metrics.uar, [once]) == with_interval(metrics.uar, [once])


def test_fewer_speakers_make_a_wider_interval(rng: np.random.Generator) -> None:
    """Speakers differ: one half is always heard, the other never. More clips of the same few people prove little."""

    def width(speakers: int) -> float:
        names = np.repeat([f"s{i}" for i in range(speakers)], 240 // speakers)
        right = np.repeat([i % 2 for i in range(speakers)], 240 // speakers)
        scores = np.where(right[:, None] == 1, [[0.8, 0.1, 0.1]], [[0.1, 0.8, 0.1]])
        figure = with_interval(metrics.accuracy, [Outcome(LABELS, np.zeros(240, int), scores, names)])
        return figure.high - figure.low

    assert width(4) > 1.5 * width(24)


@pytest.mark.parametrize("measure", [metrics.accuracy, metrics.uar, metrics.ece])
def test_an_interval_is_that_of_clips_drawn_speaker_by_speaker(measure: Measure, rng: np.random.Generator) -> None:
    """Tallies are added up instead of clips being copied: the interval must not notice."""
    whole = random_outcome(rng, right=0.5, clips=60, speakers=5)
    speakers, again = np.unique(whole.speakers), np.random.default_rng(0)
    draws = []
    for _ in range(metrics.BOOTSTRAPS):
        drawn = again.choice(speakers, len(speakers))
        draws.append(measure(whole.take(np.concatenate([np.flatnonzero(whole.speakers == name) for name in drawn]))))
    figure = with_interval(measure, [whole])
    assert (figure.low, figure.high) == pytest.approx(np.percentile(draws, metrics.INTERVAL))


def test_several_seeds_are_averaged(rng: np.random.Generator) -> None:
    outcomes = [random_outcome(rng, right=right) for right in (0.3, 0.5, 0.7)]
    figure = with_interval(metrics.accuracy, outcomes)
    assert figure.value == pytest.approx(np.mean([metrics.accuracy(outcome) for outcome in outcomes]))
    assert figure.low <= figure.value <= figure.high


def test_a_seed_may_have_left_out_a_speaker() -> None:
    """A published random split tests a part of the clips: of a small corpus, not always the same speakers."""
    here = outcome([0, 1], [[1, 0, 0], [0, 1, 0]], ["a", "b"])
    there = outcome([0, 0], [[1, 0, 0], [1, 0, 0]], ["a", "c"])
    figure = with_interval(metrics.accuracy, [here, there])
    assert (figure.low, figure.value, figure.high) == (1.0, 1.0, 1.0)


def test_the_scores_of_an_emotion_are_added_whatever_gender_they_name() -> None:
    outcome = Outcome(
        ("female happy", "female sad", "male happy", "male sad"),
        np.array([2, 1]),
        np.array([[0.4, 0.1, 0.3, 0.2], [0.3, 0.3, 0.2, 0.2]]),
        np.array(["a", "b"]),
    ).by_emotion()
    assert outcome.labels == ("happy", "sad")
    assert outcome.truth.tolist() == [0, 1]
    np.testing.assert_allclose(outcome.scores, [[0.7, 0.3], [0.5, 0.5]])
