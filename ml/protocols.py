"""Who is trained on and who is tested: the two protocols."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, train_test_split

from ml.errors import CorpusError

Integers = npt.NDArray[np.int64]
Strings = npt.NDArray[np.str_]

# RAVDESS folds as EmoBox publishes them (Ma et al. 2024), so that figures compare.
RAVDESS_FOLDS = ((1, 11, 20, 21), (4, 10, 12, 14), (8, 9, 19, 23), (3, 5, 7, 24), (2, 15, 16, 18), (6, 13, 17, 22))
RAVDESS_ACTORS = {actor for fold in RAVDESS_FOLDS for actor in fold}
RANDOM_FOLDS = 5
ACTOR_FOLDS = 6


@dataclass(frozen=True)
class PublishedSplit:
    """A single random split, as a notebook made it.

    Attributes
    ----------
    test_size : float
        Share of the clips that is tested.
    seed : int
        `random_state` of scikit-learn's `train_test_split`.
    """

    test_size: float
    seed: int


@dataclass(frozen=True)
class Split:
    """Rows to train on and rows to test."""

    train: Integers
    test: Integers


def parse_folds(text: str) -> tuple[tuple[int, ...], ...]:
    """Read `'1,2,3,4;5,6,7,8'`: actors separated by commas, folds by semicolons.

    Raises
    ------
    ValueError
        With a sentence for the user.
    """
    try:
        folds = tuple(tuple(int(actor) for actor in fold.split(",")) for fold in text.split(";"))
    except ValueError:
        raise ValueError(f"Folds are actor numbers such as '1,2,3,4;5,6,7,8', not {text!r}.") from None
    actors = [actor for fold in folds for actor in fold]
    if len(folds) < 2 or len(set(actors)) != len(actors) or not set(actors) <= RAVDESS_ACTORS:
        raise ValueError("Folds are at least two groups of the actors 1 to 24, and no actor may be in two of them.")
    return folds


def actor_splits(speakers: Strings, digests: Strings, folds: Sequence[Sequence[int]] | None = None) -> list[Split]:
    """Speaker-disjoint splits: each fold is tested by a model that never heard its speakers.

    Two names that share a recording are one person, and nobody who is tested was trained on under another name.

    Parameters
    ----------
    speakers, digests : np.ndarray [shape=(n,)]
    folds : sequence of sequences of int, optional
        RAVDESS actors; all other speakers are always trained on. By default the published folds, for other corpora and
        for several together six groups.

    Raises
    ------
    CorpusError
        Where fewer than two folds have a speaker.
    """
    persons = persons_of(speakers, digests)
    if folds is None and not np.isin(speakers, [_actor(number) for number in RAVDESS_ACTORS]).all():
        return grouped_splits(persons, most=ACTOR_FOLDS)
    tested = [np.isin(speakers, [_actor(number) for number in fold]) for fold in folds or RAVDESS_FOLDS]
    splits = [Split(np.flatnonzero(~np.isin(persons, persons[test])), np.flatnonzero(test)) for test in tested]
    splits = [split for split in splits if len(split.test) and len(split.train)]
    if len(splits) < 2:
        raise CorpusError("Speaker-disjoint folds need clips of actors in at least two folds.")
    return splits


def grouped_splits(persons: Integers | Strings, *, most: int) -> list[Split]:
    """As many groups of persons as there can be, each tested by a model that never heard them.

    Raises
    ------
    CorpusError
        Where there are fewer than two.
    """
    count = min(most, len(np.unique(persons)))
    if count < 2:
        raise CorpusError("Speaker-disjoint folds need clips of at least two speakers.")
    return [Split(*rows) for rows in GroupKFold(count).split(persons, groups=persons)]


def calibration_splits(speakers: Strings, labels: Strings, *, most: int) -> list[Split]:
    """Splits to calibrate a model on what it has not heard, within what it is trained on.

    Parameters
    ----------
    speakers, labels : np.ndarray [shape=(n,)]
    most : int
        How many there are at most.

    Returns
    -------
    list of Split
        By speakers; where that leaves nothing to learn from, as with a single speaker, by clips.

    Raises
    ------
    CorpusError
        Where that leaves nothing to learn from either.
    """
    by_speakers = grouped_splits(speakers, most=most) if len(np.unique(speakers)) > 1 else []
    by_clips = KFold(min(most, len(labels)), shuffle=True, random_state=0).split(labels)
    for splits in (by_speakers, [Split(*rows) for rows in by_clips]):
        if usable := [split for split in splits if len(np.unique(labels[split.train])) > 1]:
            return usable
    raise CorpusError("There are too few clips of two emotions to calibrate a model on.")


def _actor(number: int) -> str:
    """The name of a RAVDESS actor."""
    return f"ravdess-{number:02}"


def persons_of(speakers: Strings, digests: Strings) -> Integers:
    """A number for each clip's speaker, the same for names that are linked by identical recordings."""
    names, speaker = np.unique(speakers, return_inverse=True)
    recordings, recording = np.unique(digests, return_inverse=True)
    nodes = len(names) + len(recordings)
    links = coo_array((np.ones(len(speaker)), (speaker, len(names) + recording)), shape=(nodes, nodes))
    _, person = connected_components(links, directed=False)
    return person[speaker].astype(np.int64)


def random_splits(digests: Strings, labels: Strings, *, published: PublishedSplit | None, seed: int) -> Iterator[Split]:
    """Splits that let a speaker be on both sides, as the field publishes them.

    Copies of the same samples never straddle a split: where one is trained on, the other is not tested.

    Parameters
    ----------
    digests, labels : np.ndarray [shape=(n,)]
    published : PublishedSplit, optional
        Otherwise stratified 5-fold.
    seed : int
    """
    rows = np.arange(len(labels))
    if published is not None:
        train, test = train_test_split(rows, test_size=published.test_size, random_state=published.seed + seed)
        yield _without_straddlers(train, test, digests)
        return
    folds = StratifiedKFold(RANDOM_FOLDS, shuffle=True, random_state=seed)
    for train, test in folds.split(rows, labels):
        yield _without_straddlers(train, test, digests)


def _without_straddlers(train: Integers, test: Integers, digests: Strings) -> Split:
    return Split(train, test[~np.isin(digests[test], digests[train])])
