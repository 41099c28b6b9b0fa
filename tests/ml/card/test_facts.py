from __future__ import annotations

import pytest

from ml.card import facts
from ml.card.facts import Certainty, Condition, Measure
from tests.ml.manifests import FIGURES, summary


def test_nothing_is_said_that_a_manifest_does_not_hold() -> None:
    bare = facts.read(summary())
    assert bare.chance == 0.5
    assert (bare.strangers, bare.with_voice, bare.familiar, bare.certainty, bare.published) == (None,) * 5
    assert (bare.figures, bare.robustness, bare.importance, bare.loss_curves) == ((),) * 4


def test_figures_are_read_by_protocol_and_the_worst_emotion_is_named() -> None:
    strangers = facts.read(summary(figures={"actors": FIGURES})).strangers
    assert strangers is not None
    assert strangers.accuracy == Measure(0.5, 0.4, 0.6)
    assert strangers.worst == ("sad", 0.25)


def test_confusions_are_shares_of_each_acted_emotion() -> None:
    strangers = facts.read(summary(figures={"actors": FIGURES})).strangers
    assert strangers is not None
    rows = dict(strangers.confusion.rows)
    assert rows["happy"] == (0.75, 0.25)
    assert sum(rows["sad"]) == pytest.approx(1)


def test_certainty_is_read_at_the_models_own_threshold() -> None:
    points = [
        {"confidence": level / 100, "coverage": 1 - level / 100, "accuracy": level / 100} for level in (40, 45, 50)
    ]
    read = facts.read(summary(calibration={"uncertain_below": 0.5, "coverage": points}))
    assert read.certainty == Certainty(0.5, 0.5, 0.5)
    assert read.certainty_with_voice is None


def test_the_dearest_family_of_features_comes_first() -> None:
    assert facts.read(summary(importance={"pitch": 0.01, "bands": 0.2})).importance == (("bands", 0.2), ("pitch", 0.01))


def test_conditions_keep_their_order_and_their_cost() -> None:
    found = {"accuracy": 0.4, "uar": 0.45, "accuracy_lost": 0.1, "uar_lost": 0.05}
    assert facts.read(summary(robustness={"room": found})).robustness == (Condition("room", 0.4, 0.45, 0.05),)
