"""Who is trained on and who is tested."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from ml.errors import CorpusError
from ml.protocols import RAVDESS_FOLDS, PublishedSplit, Split, actor_splits, parse_folds, random_splits

SPEAKERS = np.array([f"ravdess-{actor:02}" for actor in range(1, 25) for _ in range(10)])
LABELS = np.array(["sad", "happy"] * 120)
DIGESTS = np.array([f"{row:04}" for row in range(240)])


def actors_tested_by(splits: list[Split], speakers: np.ndarray = SPEAKERS) -> list[set[int]]:
    return [{int(name.rpartition("-")[2]) for name in speakers[split.test]} for split in splits]


def test_the_published_folds_hold_every_actor_once() -> None:
    assert sorted(actor for fold in RAVDESS_FOLDS for actor in fold) == list(range(1, 25))


def test_the_folds_of_actors_are_the_published_ones() -> None:
    assert actors_tested_by(actor_splits(SPEAKERS, DIGESTS)) == [set(fold) for fold in RAVDESS_FOLDS]


def test_no_speaker_is_on_both_sides() -> None:
    for split in actor_splits(SPEAKERS, DIGESTS):
        assert not set(SPEAKERS[split.train]) & set(SPEAKERS[split.test])


def test_every_clip_is_tested_once() -> None:
    tested = np.concatenate([split.test for split in actor_splits(SPEAKERS, DIGESTS)])
    assert sorted(tested) == list(range(240))


def test_other_groupings_can_be_asked_for() -> None:
    folds = parse_folds("1,2,3,4,5,6,7,8,9,10,11,12;13,14,15,16,17,18,19,20,21,22,23,24")
    assert actors_tested_by(actor_splits(SPEAKERS, DIGESTS, folds)) == [set(range(1, 13)), set(range(13, 25))]


def test_actors_in_no_fold_are_trained_on_and_never_tested() -> None:
    splits = actor_splits(SPEAKERS, DIGESTS, parse_folds("1,2;3,4"))
    assert actors_tested_by(splits) == [{1, 2}, {3, 4}]
    assert len(splits[0].train) == 220


def test_spaces_in_folds_do_not_matter() -> None:
    assert parse_folds(" 1, 2 ; 3 ,4") == ((1, 2), (3, 4))


@pytest.mark.parametrize("text", ["", "1,2", "1,2;", "1,2;2,3", "a;b", "1;1", "1.5;2", ";", "0,1;2", "25;26", "1;-2"])
def test_folds_that_make_no_sense_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"[Ff]olds"):
        parse_folds(text)


def test_folds_without_a_clip_are_refused() -> None:
    with pytest.raises(CorpusError, match="two folds"):
        actor_splits(SPEAKERS[:20], DIGESTS[:20], parse_folds("1,2;3,4"))


def test_a_part_of_the_corpus_is_tested_in_the_folds_that_it_has() -> None:
    few = SPEAKERS[np.isin(SPEAKERS, ["ravdess-01", "ravdess-11", "ravdess-04"])]
    assert actors_tested_by(actor_splits(few, DIGESTS[: len(few)]), few) == [{1, 11}, {4}]


def test_actors_of_a_single_fold_cannot_be_tested() -> None:
    few = SPEAKERS[np.isin(SPEAKERS, ["ravdess-01", "ravdess-11"])]
    with pytest.raises(CorpusError, match="two folds"):
        actor_splits(few, DIGESTS[: len(few)])


def test_speakers_of_other_corpora_are_dealt_into_folds() -> None:
    speakers = np.array([f"crema-{speaker}" for speaker in range(9) for _ in range(5)])
    splits = actor_splits(speakers, DIGESTS[:45])
    assert len(splits) == 6
    for split in splits:
        assert not set(speakers[split.train]) & set(speakers[split.test])
    with pytest.raises(CorpusError, match="two speakers"):
        actor_splits(speakers[:5], DIGESTS[:5])


def test_folds_of_actors_leave_the_speakers_of_other_corpora_to_training() -> None:
    joined = np.concatenate([SPEAKERS, np.repeat("tess-oaf", 10)])
    splits = actor_splits(joined, np.arange(250).astype(str), parse_folds("1,2;3,4"))
    assert actors_tested_by(splits, joined) == [{1, 2}, {3, 4}]
    assert all(np.isin(np.arange(240, 250), split.train).all() for split in splits)


def test_two_names_that_share_a_recording_are_one_person_in_the_published_folds() -> None:
    shared = DIGESTS.copy()
    shared[10] = shared[30] = shared[0]  # a clip of actor 1, also under the names 2 and 4 of other folds
    for split in actor_splits(SPEAKERS, shared):
        linked = {"ravdess-01", "ravdess-02", "ravdess-04"}
        if linked & {*SPEAKERS[split.test]}:
            assert not linked & {*SPEAKERS[split.train]}
        assert not {*shared[split.train]} & {*shared[split.test]}


def test_two_names_that_share_a_recording_are_one_person_across_corpora() -> None:
    speakers = np.array([f"{corpus}-{speaker}" for corpus in ("own", "tess") for speaker in range(6) for _ in range(5)])
    shared = DIGESTS[:60].copy()
    shared[0] = shared[30]  # own-0 is tess-0
    for split in actor_splits(speakers, shared):
        assert ("own-0" in speakers[split.test]) == ("tess-0" in speakers[split.test])
        assert not {*speakers[split.train]} & {*speakers[split.test]}


def test_a_corpus_under_two_names_cannot_be_tested() -> None:
    speakers = np.array(["own-anna"] * 5 + ["own-ben"] * 5)
    with pytest.raises(CorpusError, match="two speakers"):
        actor_splits(speakers, np.array([*DIGESTS[:5], *DIGESTS[:5]]))


def test_random_folds_test_every_clip_once_and_keep_the_share_of_each_emotion() -> None:
    splits = list(random_splits(DIGESTS, LABELS, published=None, seed=0))
    assert len(splits) == 5
    assert sorted(np.concatenate([split.test for split in splits])) == list(range(240))
    assert {np.mean(LABELS[split.test] == "sad") for split in splits} == {0.5}


def test_random_folds_differ_by_seed_only() -> None:
    def tested(seed: int) -> list[list[int]]:
        return [split.test.tolist() for split in random_splits(DIGESTS, LABELS, published=None, seed=seed)]

    assert tested(0) == tested(0) != tested(1)


def test_a_published_split_is_scikit_learns_own() -> None:
    (split,) = random_splits(DIGESTS, LABELS, published=PublishedSplit(test_size=0.25, seed=9), seed=0)
    train, test = train_test_split(np.arange(240), test_size=0.25, random_state=9)
    np.testing.assert_array_equal(split.train, train)
    np.testing.assert_array_equal(split.test, test)


@pytest.mark.parametrize("published", [None, PublishedSplit(test_size=0.25, seed=9)])
def test_copies_of_a_clip_never_straddle(published: PublishedSplit | None) -> None:
    copied = np.array([f"{row // 2:04}" for row in range(240)])  # every clip is there twice
    for seed in range(5):
        for split in random_splits(copied, LABELS, published=published, seed=seed):
            assert not set(copied[split.train]) & set(copied[split.test])
