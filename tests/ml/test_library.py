"""Classifiers of libraries, as recipes name them."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from ml import library
from ml.library import KINDS, Library, MissingLibraryError, SoftVotes, missing_libraries, require_libraries
from ml.recipes.ravdess_16 import RAVDESS_16
from ml.two_step import TwoStep
from tests.ml.clusters import clusters

SMALL = {"forest": {"n_estimators": 5}, "lightgbm": {"n_estimators": 5}, "xgboost": {"n_estimators": 5}}


def small(kind: str) -> Library:
    return Library(kind=kind, settings=SMALL.get(kind, {}))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_labels_and_repeats_itself(kind: str, rng: np.random.Generator) -> None:
    data = clusters(rng)
    model, again = (small(kind).fit(data, seed=3) for _ in range(2))
    scores = model.predict_proba(data.vectors)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(scores, again.predict_proba(data.vectors))
    assert np.mean(np.asarray(model.classes_)[scores.argmax(axis=1)] == data.emotions) > 0.8


def test_votes_are_the_mean_of_their_members(rng: np.random.Generator) -> None:
    data = clusters(rng)
    members = (small("knn"), small("tree"))
    vote = SoftVotes(members=members).fit(data, seed=0).predict_proba(data.vectors)
    alone = [member.fit(data, seed=0).predict_proba(data.vectors) for member in members]
    np.testing.assert_allclose(vote, np.mean(alone, axis=0))


def test_unscaled_features_do_not_stop_a_network_that_is_fitted_by_l_bfgs(rng: np.random.Generator) -> None:
    """Powers, levels and shares side by side, as the 180 numbers are."""
    data = clusters(rng)
    unscaled = replace(data, vectors=(data.vectors * np.geomspace(300, 1, 6)).astype(np.float32))
    network = Library(kind="mlp", settings={"hidden_layer_sizes": (64,), "solver": "lbfgs", "max_iter": 300})
    fitted = network.fit(unscaled, seed=0)
    assert fitted.coefs_[0].dtype == np.float64
    assert fitted.score(unscaled.vectors, data.emotions) > 0.9


def test_features_are_scaled_where_a_recipe_says_so(rng: np.random.Generator) -> None:
    data = clusters(rng)
    louder = replace(data, vectors=data.vectors * np.float32(1000))
    model = Library(kind="logistic", scaled=True)
    soft, loud = (model.fit(each, seed=0).predict_proba(each.vectors) for each in (data, louder))
    np.testing.assert_allclose(soft, loud, atol=1e-4)


def test_copies_are_learnt_as_well(rng: np.random.Generator) -> None:
    data = clusters(rng, copies=("white-noise",))
    assert small("knn").fit(data, seed=0).n_samples_fit_ == 2 * len(data)
    rows = data.with_copies()
    np.testing.assert_array_equal(rows.vectors[len(data) :], data.copies["white-noise"])
    assert rows.emotions[len(data) :].tolist() == data.emotions.tolist()


def test_what_is_not_installed_is_named_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(library, "find_spec", lambda name: None if name == "xgboost" else real(name))
    vote = SoftVotes(members=(small("lightgbm"), small("xgboost")))
    for spec in (small("xgboost"), vote, TwoStep(gender=small("forest"), emotion=vote)):
        assert missing_libraries(spec) == ["xgboost"]
        with pytest.raises(
            MissingLibraryError, match=r"needs XGBoost, not installed here: pip install xgboost(-cpu)?\."
        ):
            require_libraries(spec)
    require_libraries(SoftVotes(members=(small("lightgbm"), small("mlp"))))
    missing = {recipe.name.rpartition("-")[2] for recipe in RAVDESS_16 if missing_libraries(recipe.model)}
    assert missing == {"xgboost", "v2", "v3", "v4"}
