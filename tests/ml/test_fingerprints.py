"""Hashes of all that a result depends on."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass, replace

import numpy as np

from ml.extraction import Dataset
from ml.fingerprints import described, digest_of
from ml.library import Library, SoftVotes
from ml.recipes import RECIPES


def test_a_change_in_what_is_said_of_the_clips_or_in_their_vectors_is_noticed(dataset: Dataset) -> None:
    louder = dataset.vectors.copy()
    louder[3, 7] += 1
    others = [
        replace(dataset, vectors=louder),
        replace(dataset, emotions=np.roll(dataset.emotions, 1)),
        replace(dataset, speakers=np.roll(dataset.speakers, 1)),
        replace(dataset, copies={"white-noise": dataset.vectors}),
    ]
    assert len({digest_of(data) for data in [dataset, *others]}) == 5


def test_a_new_hyperparameter_with_a_default_changes_no_name() -> None:
    @dataclass(frozen=True)
    class Tree:
        depth: int

    grown = make_dataclass("Tree", [("depth", int), ("leaves", int, 1)], frozen=True)
    assert described(Tree(3)) == described(grown(3)) != described(grown(3, 2))


def test_hyperparameters_inside_others_count() -> None:
    votes = SoftVotes(members=(Library(kind="knn"), Library(kind="mlp", settings={"alpha": 0.1})))
    other = SoftVotes(members=(Library(kind="knn"), Library(kind="mlp", settings={"alpha": 0.2})))
    assert described(votes) != described(other)
    assert len({str(described(recipe.model)) for recipe in RECIPES.values()}) > 10
