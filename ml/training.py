"""From labelled clips to a model on disk: load, fit, measure, save."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np

from ml import store
from ml.corpora.readers import terms_of
from ml.estimators import loss_curves, slim
from ml.evaluation import VOICE_PROTOCOL, Evaluation, evaluate_recipe
from ml.extraction import Dataset
from ml.features.sets import describe_feature_set
from ml.library import library_versions
from ml.metrics import Outcome, accuracy, ece, uar
from ml.progress import Progress, unwatched
from ml.recipes import Recipe
from ml.recogniser import Recogniser
from ml.strangers import Strangers, try_on_strangers
from ml.tuning import settled
from ml.why import Reference

LICENCE_NOTE = "Code: MIT. The model follows the terms of the recordings that it was trained on: {terms}."
LIBRARIES = ("scikit-learn", "numpy", "scipy", "librosa", "soxr")
MIN_CERTAIN_CLIPS = 20
SEED = 0


@dataclass(frozen=True)
class Trained:
    """A model that was saved, and how well it hears."""

    stored: store.StoredModel
    evaluations: tuple[Evaluation, ...]
    loss_curves: list[list[float]]


def train(
    recipe: Recipe,
    data: Dataset,
    traits: Dataset,
    *,
    model_dir: Path,
    name: str | None = None,
    arrivals: Dataset | None = None,
    jobs: int = -1,
    progress: Progress = unwatched,
) -> Trained:
    """Measure a recipe under both protocols, fit it on everything, and save it as the version to serve.

    Parameters
    ----------
    recipe : Recipe
        Where it is tuned (`ml.tuning`), every figure is of hyperparameters chosen without the clips that it is
        measured on.
    data : Dataset
        What `load_dataset` read.
    traits : Dataset
        The traits (`ml.traits`) of the same clips: what explanations compare with.
    model_dir : Path
    name : str, optional
        Under which name to save; by default the recipe's.
    arrivals : Dataset, optional
        The same clips with the conditions of the robustness table (`ml.arrivals`) as their copies.
    jobs : int
    progress : callable

    Raises
    ------
    CorpusError
    """
    strangers = try_on_strangers(data, recipe, conditions=arrivals, jobs=jobs, progress=progress)
    random = evaluate_recipe(data, recipe, protocol="random", jobs=jobs, progress=progress)
    recipe = settled(recipe, data, seed=SEED)
    estimator = slim(recipe.model.fit(data, seed=SEED))
    manifest = _describe(recipe, data, strangers, random, estimator, name or recipe.name)
    manifest["traits"] = Reference.of(traits.vectors, traits.speakers).as_dict()
    remembered = Recogniser(store.Manifest(**manifest, sha256="", known_answers=[]), estimator).known_answers()
    stored = store.save(
        model_dir,
        estimator=estimator,
        manifest={**manifest, "known_answers": remembered},
        training={"clips": sorted(set(data.digests.tolist())), "speakers": sorted(set(data.speakers.tolist()))},
    )
    return Trained(stored, (*strangers.protocols.values(), random), manifest["loss_curves"])


def _describe(
    recipe: Recipe, data: Dataset, strangers: Strangers, random: Evaluation, estimator: Any, name: str
) -> dict[str, Any]:
    evaluations = {**strangers.protocols, "random": random}
    corpora, counts = np.unique(data.corpora, return_counts=True)
    return {
        "name": name,
        "version": store.new_version(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "features": describe_feature_set(recipe.feature_set),
        "conditioning": asdict(recipe.conditioning),
        "labels": list(estimator.classes_),
        "libraries": {library: installed(library) for library in LIBRARIES} | library_versions(recipe.model),
        "recipe": {**asdict(recipe), "seed": SEED},
        "corpora": [{"name": str(corpus), "clips": int(count)} for corpus, count in zip(corpora, counts, strict=True)],
        "figures": {name: evaluation.figures() for name, evaluation in evaluations.items()},
        "robustness": _robustness(strangers),
        "importance": strangers.importance(),
        "calibration": _calibration(recipe, strangers.protocols),
        "loss_curves": loss_curves(estimator),
        "licence": LICENCE_NOTE.format(terms=terms_of(corpora.tolist())),
    }


def _robustness(strangers: Strangers) -> dict[str, dict[str, float]]:
    """Accuracy and UAR of clips that arrived under some condition, what that cost against clean ones, and the ECE."""
    clean = strangers.protocols["actors"].outcomes[0]
    arrived = {name: evaluation.outcomes[0] for name, evaluation in strangers.conditions.items()}
    return {
        name: {
            "accuracy": accuracy(outcome),
            "uar": uar(outcome),
            "ece": ece(outcome),
            "accuracy_lost": accuracy(clean) - accuracy(outcome),
            "uar_lost": uar(clean) - uar(outcome),
        }
        for name, outcome in arrived.items()
    }


def _calibration(recipe: Recipe, evaluations: dict[str, Evaluation]) -> dict[str, Any]:
    """Where a model becomes uncertain, without and with a known voice, and the curves that this was read from."""
    calibration: dict[str, Any] = {}
    for protocol, suffix in (("actors", ""), (VOICE_PROTOCOL, "_with_voice")):
        if protocol in evaluations:
            outcome = evaluations[protocol].outcomes[0].by_emotion()
            calibration[f"uncertain_below{suffix}"] = uncertain_below(outcome, recipe.right_when_certain)
            calibration[f"coverage{suffix}"] = coverage_curve(outcome)
    return calibration


def uncertain_below(outcome: Outcome, right_when_certain: float) -> float:
    """The confidence under which a model should say that it is not sure.

    The lowest one above which it was right often enough about speakers it had not heard; where there is none, the one
    that leaves the surest fifth of the clips.
    """
    curve = coverage_curve(outcome)
    enough = [point["confidence"] for point in curve if point["accuracy"] >= right_when_certain]
    return min(enough) if enough else float(np.quantile(outcome.scores.max(axis=1), 0.8))


def coverage_curve(outcome: Outcome) -> list[dict[str, float]]:
    """For thresholds on the confidence: the share of clips above it, and how many of those were right."""
    confidence, right = outcome.scores.max(axis=1), outcome.heard == outcome.truth
    return [
        {
            "confidence": round(float(threshold), 2),
            "coverage": float((confidence >= threshold).mean()),
            "accuracy": float(right[confidence >= threshold].mean()),
        }
        for threshold in np.arange(0.0, 1.0, 0.01)
        if (confidence >= threshold).sum() >= MIN_CERTAIN_CLIPS
    ]
