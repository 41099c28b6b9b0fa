"""Strangers: what a model loses with clips as they arrive from life, and without a group of its features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from ml.extraction import Dataset
from ml.metrics import uar
from ml.recipes import FEELINGFINE, Recipe
from ml.search import Trial
from ml.strangers import SHUFFLES, Strangers, try_on_strangers
from ml.voice import Baseline

SPEAKERS, EMOTIONS = 6, ("calm", "happy", "neutral")
HEARD, UNHEARD = "loudness", "brightness"


@dataclass(frozen=True)
class ByLevel:
    """A model that hears nothing but the first feature: how loud a clip is."""

    levels: np.ndarray
    classes_: tuple[str, ...] = EMOTIONS

    def predict_proba(self, vectors: np.ndarray, baseline: Baseline | None = None) -> np.ndarray:
        louder = vectors[:, :1] if baseline is None else vectors[:, :1] - baseline.mean[0]
        nearest = np.abs(louder - self.levels).argmin(axis=1)
        scores: np.ndarray = np.eye(len(EMOTIONS))[nearest]
        return scores

    def baseline(self, vectors: np.ndarray) -> Baseline:
        return Baseline(vectors.mean(axis=0), len(vectors))


@dataclass(frozen=True)
class ByLevelSpec:
    """Learns the mean level of each emotion."""

    def fit(self, data: Dataset, *, seed: int) -> Any:
        return ByLevel(np.array([data.vectors[data.emotions == emotion, 0].mean() for emotion in EMOTIONS]))

    fit_plain = fit

    def varied(self, trial: Trial) -> ByLevelSpec:
        return self


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return replace(FEELINGFINE, model=ByLevelSpec(), features="rms+zcr+centroid", labels=EMOTIONS)


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Four clips of each emotion of each speaker; the level tells the emotion, the rest is chance."""
    rng = np.random.default_rng(0)
    emotions = np.tile(np.repeat(EMOTIONS, 4), SPEAKERS)
    speakers = np.repeat([f"speaker-{i}" for i in range(SPEAKERS)], 4 * len(EMOTIONS))
    vectors = rng.standard_normal((len(emotions), 3))
    vectors[:, 0] = np.select([emotions == "calm", emotions == "happy"], [-1.0, 1.0])
    return Dataset(
        vectors,
        {"in silence": np.zeros_like(vectors), "unchanged": vectors},
        emotions,
        speakers,
        np.where(np.isin(speakers, ("speaker-1", "speaker-3")), "female", "male"),
        np.array([str(i) for i in range(len(emotions))]),
        np.full(len(emotions), "made-up"),
        (),
    )


@pytest.fixture(scope="module")
def strangers(data: Dataset, recipe: Recipe) -> Strangers:
    return try_on_strangers(data, recipe, conditions=data, jobs=1)


def test_a_group_matters_as_much_as_the_model_listens_to_it(strangers: Strangers) -> None:
    importance = strangers.importance()
    assert list(importance) == [HEARD, UNHEARD]
    assert importance[HEARD] > 0.4
    assert importance[UNHEARD] == 0


def test_every_clip_is_tried_with_several_shuffles(strangers: Strangers, data: Dataset) -> None:
    (outcome,) = strangers.shuffled[HEARD].outcomes
    assert len(outcome.truth) == SHUFFLES * len(data)


def test_each_condition_is_tested_on_every_clip(strangers: Strangers, data: Dataset) -> None:
    heard = {name: uar(evaluation.outcomes[0]) for name, evaluation in strangers.conditions.items()}
    assert heard == {"in silence": pytest.approx(1 / 3), "unchanged": 1.0}
    assert {evaluation.clips for evaluation in strangers.conditions.values()} == {len(data)}


def test_the_clips_of_a_normal_voice_are_not_tested_with_it(strangers: Strangers, data: Dataset) -> None:
    (outcome,) = strangers.protocols["actors+voice"].outcomes
    pairs = 6 * SPEAKERS  # of four neutral clips
    assert len(outcome.truth) == pairs * (4 * len(EMOTIONS) - 2)
    assert uar(outcome) == 1.0


def test_figures_tell_genders_apart_where_the_corpus_does(strangers: Strangers, data: Dataset, recipe: Recipe) -> None:
    assert strangers.protocols["actors"].figures()["uar_by_gender"] == {"female": 1.0, "male": 1.0}
    untold = replace(data, genders=np.full(len(data), ""))
    assert try_on_strangers(untold, recipe, jobs=1).protocols["actors"].figures()["uar_by_gender"] == {}
