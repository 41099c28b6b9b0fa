"""The gender first, then the emotion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.errors import CorpusError
from ml.extraction import Dataset
from ml.library import Library
from ml.two_step import TwoStep
from tests.ml.clusters import clusters

TREE = Library(kind="tree", settings={"max_depth": 3})
SPEC = TwoStep(gender=TREE, emotion=TREE)


@pytest.fixture
def data(rng: np.random.Generator) -> Dataset:
    return clusters(rng)


def test_scores_are_those_of_both_steps_multiplied(data: Dataset) -> None:
    model = SPEC.fit(data.by_gender(), seed=0)
    gender = TREE.fit(replace(data, emotions=data.genders), seed=0)
    women = TREE.fit(data.rows(np.flatnonzero(data.genders == "female")), seed=0)
    expected = gender.predict_proba(data.vectors)[:, [0]] * women.predict_proba(data.vectors)
    columns = [list(model.classes_).index(f"female {emotion}") for emotion in women.classes_]
    np.testing.assert_allclose(model.predict_proba(data.vectors)[:, columns], expected)


def test_labels_without_a_gender_get_the_scores_of_both(data: Dataset) -> None:
    plain = SPEC.fit(data, seed=0)
    told = SPEC.fit(data.by_gender(), seed=0).predict_proba(data.vectors)
    assert plain.classes_.tolist() == ["angry", "happy", "sad"]
    np.testing.assert_allclose(plain.predict_proba(data.vectors), told[:, :3] + told[:, 3:])
    np.testing.assert_allclose(told.sum(axis=1), 1)


def test_each_gender_has_a_model_of_its_own(data: Dataset) -> None:
    """Where women are angry as men are happy, only those who know the gender hear it."""
    women = data.genders == "female"
    vectors = np.column_stack([women, (data.emotions == "angry") ^ women]).astype(np.float32)
    crossed = replace(data, vectors=vectors).rows(np.flatnonzero(data.emotions != "sad"))
    model = SPEC.fit(crossed, seed=0)
    heard = model.classes_[model.predict_proba(crossed.vectors).argmax(axis=1)]
    assert (heard == crossed.emotions).all()


def test_a_gender_that_nobody_tells_is_refused(data: Dataset) -> None:
    with pytest.raises(CorpusError, match="gender of every speaker"):
        SPEC.fit(replace(data, genders=np.repeat("", len(data))), seed=0)


def test_voices_of_one_gender_are_refused(data: Dataset) -> None:
    with pytest.raises(CorpusError, match="both genders"):
        SPEC.fit(data.rows(np.flatnonzero(data.genders == "female")), seed=0)
