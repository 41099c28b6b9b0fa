"""A discriminant with more features than clips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from ml.extraction import Dataset
from ml.wide import CalibratedDiscriminant, Discriminant
from tests.ml.clusters import clusters


@pytest.fixture
def data(rng: np.random.Generator) -> Dataset:
    return clusters(rng, clips=96, features=300)


def test_it_is_scikit_learns_discriminant_in_the_space_of_the_clips(data: Dataset) -> None:
    """Shrunk towards the identity there, on the same scaled features, with equal priors."""
    model = Discriminant(first=100, shrinkage=0.3).fit(data, seed=0)
    scaled = model._scaled(data.vectors).astype(np.float64)
    components = np.linalg.svd(scaled - scaled.mean(axis=0), full_matrices=False)[2][: len(data) - 1]
    reference = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3, priors=np.full(3, 1 / 3))
    reference.fit(scaled @ components.T, data.emotions)
    decision = model._decision(data.vectors)
    expected = reference.decision_function(scaled @ components.T)
    np.testing.assert_allclose(
        decision - decision.mean(axis=1, keepdims=True), expected - expected.mean(axis=1, keepdims=True), atol=0.02
    )


def test_the_first_features_count_as_much_as_all_others(data: Dataset) -> None:
    variances = Discriminant(first=30, shrinkage=0.1).fit(data, seed=0)._scaled(data.vectors).var(axis=0)
    assert variances[:30].sum() == pytest.approx(0.5, rel=0.01) == variances[30:].sum()


def test_its_scores_mean_what_they_say_of_strangers(rng: np.random.Generator) -> None:
    noisy = clusters(rng, clips=240, features=4)
    noisy = replace(noisy, vectors=noisy.vectors + rng.normal(scale=4, size=noisy.vectors.shape))
    known, strangers = (noisy.rows(np.flatnonzero(np.isin(noisy.speakers, names))) for names in _halves(noisy))
    scores = Discriminant(first=2, shrinkage=0.1).fit(known, seed=0).predict_proba(strangers.vectors)
    right = scores.argmax(axis=1) == np.searchsorted(np.unique(known.emotions), strangers.emotions)
    assert scores.max(axis=1).mean() == pytest.approx(right.mean(), abs=0.12)


def test_features_that_never_change_and_outliers_do_no_harm(data: Dataset) -> None:
    vectors = data.vectors.copy()
    vectors[:, 0] = 7
    vectors[0, 1] = 1e9
    model = Discriminant(first=100, shrinkage=0.1).fit(replace(data, vectors=vectors), seed=0)
    assert np.isfinite(model.predict_proba(vectors)).all()


def test_two_labels_and_a_label_of_one_speaker_are_enough(data: Dataset) -> None:
    two = data.rows(np.flatnonzero(data.emotions != "sad"))
    model = Discriminant(first=100, shrinkage=0.1).fit(two, seed=0)
    assert model.predict_proba(two.vectors).shape == (len(two), 2)
    lonely = data.rows(np.flatnonzero((data.emotions != "sad") | (data.speakers == "own-0")))
    assert Discriminant(first=100, shrinkage=0.1).fit(lonely, seed=0).classes_.tolist() == ["angry", "happy", "sad"]


def test_only_a_weight_for_each_feature_and_label_is_kept(data: Dataset) -> None:
    model = Discriminant(first=100, shrinkage=0.1).fit(data, seed=0)
    assert isinstance(model, CalibratedDiscriminant)
    assert max(np.size(value) for value in vars(model).values()) == 3 * 300


def _halves(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    names = np.unique(data.speakers)
    return names[:4], names[4:]
