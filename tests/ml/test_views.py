"""Several views of a clip, heard together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.component_vote import ComponentVote
from ml.components import Components
from ml.estimators import softmax
from ml.extraction import Dataset
from ml.specs import ExpressiveVote, Mlp, View
from ml.views import Views
from ml.voice import Baseline

EMOTIONS = ("angry", "happy", "neutral")
SPEAKERS, TAKES, FEATURES = 8, 6, 60
SPEC = ExpressiveVote(
    views=(View(components=12), View(components=10, weight=0.5)),
    heavy=5,
    heavy_weight=1.5,
    shrinkage=0.3,
    network=Mlp(hidden=(8,), alpha=1.0, batch_size=16, epochs=30, patience=None),
    networks=1,
    network_weight=0.5,
)


def dataset(seed: int = 0, *, offset: float = 1.0) -> Dataset:
    """Clips whose emotion is in both halves of their features, each under noise and an offset of its speaker."""
    rng = np.random.default_rng(seed)
    meaning = np.random.default_rng(99).standard_normal((len(EMOTIONS), FEATURES))
    emotion, speaker = (part.ravel() for part in np.mgrid[: len(EMOTIONS), : SPEAKERS * TAKES])
    speaker //= TAKES
    voices = offset * rng.standard_normal((SPEAKERS, FEATURES))
    clean = 0.7 * meaning[emotion] + voices[speaker] + rng.standard_normal((len(emotion), FEATURES))
    copy = clean + 0.5 * rng.standard_normal(clean.shape)
    names = np.array([f"{seed}-{number}" for number in speaker])
    return Dataset(
        clean.astype(np.float32),
        {"copy": copy.astype(np.float32)},
        np.array(EMOTIONS)[emotion],
        names,
        np.full(len(names), ""),
        np.array([f"{seed}/{number}" for number in range(len(names))]),
        np.full(len(names), "made"),
        (),
    )


@pytest.fixture(scope="module")
def heard() -> Views:
    return SPEC.fit(dataset(), seed=0)


def right(model: Views, data: Dataset) -> float:
    return float(np.mean(model.classes_[model.predict_proba(data.vectors).argmax(axis=1)] == data.emotions))


def test_it_hears_strangers(heard: Views) -> None:
    assert tuple(heard.classes_) == EMOTIONS
    assert right(heard, dataset(1)) > 0.8


def test_scores_are_shares(heard: Views) -> None:
    scores = heard.predict_proba(dataset(1).vectors)
    assert scores.min() >= 0
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-6)


def test_a_score_is_the_weighted_mean_of_what_the_views_say(heard: Views) -> None:
    vectors = dataset(1).vectors
    halves = np.array_split(vectors, 2, axis=1)
    first, second = (
        vote.log_scores(components.transform(half))
        for vote, components, half in zip(heard.votes_, heard.components_, halves, strict=True)
    )
    together = softmax((first + 0.5 * second) / 1.5) ** (1 / heard.temperature_)
    expected = together / together.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(heard.predict_proba(vectors), expected, atol=1e-6)


def test_two_views_hear_more_than_either_half() -> None:
    data, strangers = dataset(), dataset(1)
    both = right(SPEC.fit_plain(data, seed=0), strangers)
    single = replace(SPEC, views=(View(components=12),))
    for half in (slice(0, FEATURES // 2), slice(FEATURES // 2, FEATURES)):
        alone = single.fit_plain(_columns(data, half), seed=0)
        assert both > right(alone, _columns(strangers, half))


def test_a_known_voice_helps_where_speakers_differ_much() -> None:
    model, strangers = SPEC.fit(dataset(offset=2.5), seed=0), dataset(1, offset=2.5)
    with_voice = []
    for speaker in np.unique(strangers.speakers):
        own = strangers.speakers == speaker
        ordinary = np.flatnonzero(own & (strangers.emotions == "neutral"))[:3]
        asked = np.flatnonzero(own & (strangers.emotions != "neutral"))
        baseline = model.baseline(strangers.vectors[ordinary])
        scores = model.predict_proba(strangers.vectors[asked], baseline)
        with_voice.append(np.mean(model.classes_[scores.argmax(axis=1)] == strangers.emotions[asked]))
    moved = strangers.rows(np.flatnonzero(strangers.emotions != "neutral"))
    assert np.mean(with_voice) > right(model, moved) + 0.02


def test_a_baseline_knows_all_views_and_survives_being_kept(heard: Views) -> None:
    vectors = dataset(1).vectors
    baseline = heard.baseline(vectors[:2])
    assert baseline.mean.shape == (12 + 10,)
    kept = Baseline.from_dict(baseline.as_dict())
    np.testing.assert_allclose(heard.predict_proba(vectors, kept), heard.predict_proba(vectors, baseline), atol=0.01)


def test_one_clip_among_many_is_heard_as_alone(heard: Views) -> None:
    vectors = dataset(1).vectors
    np.testing.assert_allclose(heard.predict_proba(vectors)[[5]], heard.predict_proba(vectors[[5]]), atol=1e-5)


def test_what_was_learned_from_is_not_strange(heard: Views) -> None:
    data = dataset()
    assert np.mean(heard.strangeness(data.vectors) > 1) < 0.02
    assert heard.strangeness(data.vectors + 20).min() > 1


def test_the_parts_are_not_changed_by_fitting() -> None:
    vote = ComponentVote(SPEC.network.build(seed=0), n_networks=1, network_weight=0.5, shrinkage=0.3, seed=0)
    components = [Components(4, 0, 1.0), Components(4, 0, 1.0)]
    Views(components, [1.0, 1.0], vote).fit_plain(dataset())
    assert not any(name.endswith("_") for part in (vote, *components) for name in vars(part))


def _columns(data: Dataset, columns: slice) -> Dataset:
    copies = {name: vectors[:, columns] for name, vectors in data.copies.items()}
    return replace(data, vectors=data.vectors[:, columns], copies=copies)
