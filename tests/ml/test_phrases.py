"""A recording that comes in by blocks, cut at its pauses."""

from __future__ import annotations

import numpy as np
import pytest

from ml.audio import Samples
from ml.phrases import CHUNK_S, LONGEST_PHRASE_S, MARGIN_S, Phrase, PhraseFinder
from tests.ml.conversations import RATE_HZ, conversation


def phrases(samples: Samples, *, block: int = 10_007) -> list[Phrase]:
    finder = PhraseFinder(RATE_HZ)
    found = [phrase for at in range(0, len(samples), block) for phrase in finder.push(samples[at : at + block])]
    return [*found, *finder.finish()]


def spans(found: list[Phrase]) -> np.ndarray:
    return np.array([(phrase.start_s, phrase.end_s) for phrase in found])


def test_a_phrase_holds_its_speech_with_a_little_of_the_room_around_it() -> None:
    talk = conversation(["happy", "angry"])
    for phrase in phrases(talk.samples):
        start = round(phrase.offset_s * RATE_HZ)
        assert phrase.clip.samples.tolist() == talk.samples[start : start + len(phrase.clip.samples)].tolist()
        assert phrase.offset_s == pytest.approx(phrase.start_s - MARGIN_S)
        assert phrase.offset_s + phrase.clip.duration_s == pytest.approx(phrase.end_s + MARGIN_S, abs=0.02)
        assert len(phrase.levels_db) == round(phrase.clip.duration_s * 100)


@pytest.mark.parametrize("block", [160, 10_007, 500_000], ids=["tiny blocks", "odd blocks", "large blocks"])
def test_how_the_recording_comes_in_does_not_matter(block: int) -> None:
    talk = conversation(["happy", "angry"] * 20)
    assert talk.duration_s > CHUNK_S
    assert spans(phrases(talk.samples, block=block)) == pytest.approx(np.array(talk.spoken_s), abs=0.2)


def test_no_phrase_is_longer_than_what_is_heard_at_once_and_nothing_is_lost_between() -> None:
    talk = conversation(["happy"] * 60, pause_s=0.02)
    found = spans(phrases(talk.samples))
    assert (found[:, 1] - found[:, 0]).max() <= LONGEST_PHRASE_S
    assert (found[1:, 0] - found[:-1, 1]).max() < 0.1
    assert found[-1, 1] - found[0, 0] == pytest.approx(talk.spoken_s[-1][1] - talk.spoken_s[0][0], abs=0.2)


def test_a_word_joins_its_neighbour_unless_the_pause_is_long() -> None:
    sentence, word = conversation(["angry"], speech_s=2.0), conversation(["happy"], speech_s=0.4)

    def together(pause_s: float) -> Samples:
        start, end = (round(second * RATE_HZ) for second in sentence.spoken_s[0])
        said = sentence.samples[start:end]
        first, last = (round(second * RATE_HZ) for second in word.spoken_s[0])
        quiet = np.zeros(RATE_HZ, np.float32)
        return np.concatenate(
            [quiet, said, np.zeros(round(pause_s * RATE_HZ), np.float32), word.samples[first:last], quiet]
        )

    assert len(phrases(together(0.5))) == 1
    assert len(phrases(together(1.5))) == 2


def test_the_whole_recording_is_at_hand_as_long_as_nothing_was_let_go() -> None:
    finder = PhraseFinder(RATE_HZ)
    assert list(finder.push(np.zeros(RATE_HZ, np.float32))) == []
    assert finder.whole is not None
    assert finder.whole.duration_s == 1
    list(finder.push(np.zeros(round(CHUNK_S * RATE_HZ), np.float32)))
    assert finder.whole is None
    assert finder.duration_s == CHUNK_S + 1


def test_nothing_has_no_phrases() -> None:
    assert phrases(np.zeros(0, np.float32)) == []
