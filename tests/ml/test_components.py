"""Principal components, held to scikit-learn's."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.decomposition import PCA

from ml.components import Components

N, FEATURES, KEPT = 200, 2_500, 10


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    rng = np.random.default_rng(0)
    hidden = rng.standard_normal((N, KEPT)) * np.geomspace(3, 1, KEPT)
    mixed = hidden @ rng.standard_normal((KEPT, FEATURES)) + rng.standard_normal((N, FEATURES))
    return (mixed * rng.uniform(0.1, 9, FEATURES) + rng.uniform(-5, 5, FEATURES)).astype(np.float32)


@pytest.fixture(scope="module")
def components(vectors: np.ndarray) -> Components:
    return Components(KEPT, 0, 1.0).fit([vectors], np.random.default_rng(0))


def test_they_are_the_principal_components_of_standardised_features(
    components: Components, vectors: np.ndarray
) -> None:
    standardised = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    expected = PCA(KEPT, svd_solver="full").fit_transform(standardised)
    found = components.transform(vectors)
    for column in range(KEPT):
        assert abs(np.corrcoef(found[:, column], expected[:, column])[0, 1]) > 0.999
    np.testing.assert_allclose(found.std(axis=0), expected.std(axis=0) / np.sqrt(np.mean(expected**2)), rtol=0.01)
    assert np.mean(found**2) == pytest.approx(1, abs=1e-3)


def test_a_pickle_holds_a_byte_for_each_weight(components: Components, vectors: np.ndarray) -> None:
    dumped = pickle.dumps(components)
    assert len(dumped) < FEATURES * (KEPT + 3 * 4) + 2_000
    np.testing.assert_array_equal(pickle.loads(dumped).transform(vectors), components.transform(vectors))


def test_heavy_features_count_more(vectors: np.ndarray) -> None:
    heavy = Components(1, FEATURES // 2, 5.0).fit([vectors], np.random.default_rng(0))
    weights = np.abs(heavy.axes_[:, 0].astype(float))
    assert weights[: FEATURES // 2].mean() > 3 * weights[FEATURES // 2 :].mean()


def test_a_feature_that_never_moves_says_nothing(vectors: np.ndarray) -> None:
    still = vectors.copy()
    still[:, 7] = 3
    components = Components(KEPT, 0, 1.0).fit([still], np.random.default_rng(0))
    moved = still.copy()
    moved[:, 7] = 1_000
    np.testing.assert_array_equal(components.transform(moved), components.transform(still))


def test_what_is_far_from_all_that_was_seen_is_strange(components: Components, vectors: np.ndarray) -> None:
    usual = components.strangeness(vectors)
    assert usual.mean() == pytest.approx(1, abs=0.05)
    assert components.strangeness(vectors + 4 * vectors.std(axis=0)).min() > 2 * usual.max()


def test_one_broken_feature_does_not_drown_the_others(components: Components, vectors: np.ndarray) -> None:
    broken = vectors.copy()
    broken[:, 3] = 1e9
    assert np.abs(components.transform(broken) - components.transform(vectors)).max() < 0.5
