"""Classifiers as libraries ship them, with the hyperparameters that a notebook gave them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.errors import UndertoneError
from ml.estimators import quietly_fitted
from ml.extraction import Dataset
from ml.search import SETTINGS, Trial, Within

KINDS = {
    "forest": "sklearn.ensemble.RandomForestClassifier",
    "knn": "sklearn.neighbors.KNeighborsClassifier",
    "lightgbm": "lightgbm.LGBMClassifier",
    "logistic": "sklearn.linear_model.LogisticRegression",
    "mlp": "sklearn.neural_network.MLPClassifier",
    "tree": "sklearn.tree.DecisionTreeClassifier",
    "xgboost": "xgboost.XGBClassifier",
}
OPTIONAL = {"lightgbm": "LightGBM", "optuna": "Optuna", "xgboost": "XGBoost"}
# On Linux the plain package drags 300 MB of graphics libraries in.
PACKAGES = {
    "lightgbm": "lightgbm",
    "optuna": "optuna",
    "xgboost": "xgboost-cpu" if sys.platform == "linux" else "xgboost",
}
# Folds run beside each other, one to a core; and the same seed must give the same trees.
ALWAYS: dict[str, dict[str, Any]] = {
    "lightgbm": {"n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbose": -1},
    "xgboost": {"n_jobs": 1},
}


class MissingLibraryError(UndertoneError):
    """A recipe needs an optional library that is not installed."""

    def __init__(self, kinds: list[str], *, what: str = "This recipe") -> None:
        needed = " and ".join(OPTIONAL[kind] for kind in kinds)
        packages = " ".join(PACKAGES[kind] for kind in kinds)
        super().__init__("missing_library", f"{what} needs {needed}, not installed here: pip install {packages}.")


@dataclass(frozen=True, kw_only=True)
class Library:
    """One classifier of a library, on all clips and their copies.

    It is fitted in double precision, as notebooks do: in single precision L-BFGS gives up after a few steps.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    settings : mapping
        Hyperparameters under the library's own names; its defaults where nothing is said.
    scaled : bool
        Whether each feature is brought to mean 0 and standard deviation 1 first.
    """

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    scaled: bool = False

    def build(self, *, seed: int) -> Any:
        """An unfitted classifier.

        Raises
        ------
        MissingLibraryError
        """
        require_libraries(self)
        module, _, name = KINDS[self.kind].rpartition(".")
        seeded = {} if self.kind == "knn" else {"random_state": seed}
        classifier = getattr(import_module(module), name)(**seeded, **ALWAYS.get(self.kind, {}), **self.settings)
        return make_pipeline(StandardScaler(), classifier) if self.scaled else classifier

    def fit(self, data: Dataset, *, seed: int) -> Any:
        """A fitted classifier; XGBoost's, which knows numbers only, as a vote of one, which numbers the labels."""
        if self.kind == "xgboost":
            return SoftVotes(members=(self,)).fit(data, seed=seed)
        rows = data.with_copies()
        return quietly_fitted(self.build(seed=seed), rows.vectors.astype(np.float64), rows.emotions)

    fit_plain = fit

    def varied(self, trial: Trial) -> Library:
        """The same classifier with other settings."""
        return replace(self, settings={**self.settings, **SETTINGS[self.kind](trial)})


@dataclass(frozen=True, kw_only=True)
class SoftVotes:
    """Classifiers of libraries whose scores are averaged.

    Attributes
    ----------
    members : tuple of Library
    """

    members: tuple[Library, ...]

    def fit(self, data: Dataset, *, seed: int) -> VotingClassifier:
        """All members, fitted.

        Raises
        ------
        MissingLibraryError
        """
        named = [(member.kind, member.build(seed=seed)) for member in self.members]
        rows = data.with_copies()
        vectors = rows.vectors.astype(np.float64)
        return quietly_fitted(VotingClassifier(named, voting="soft"), vectors, rows.emotions)

    fit_plain = fit

    def varied(self, trial: Trial) -> SoftVotes:
        """The same members, each with other settings."""
        return SoftVotes(members=tuple(member.varied(Within(trial, member.kind)) for member in self.members))


def optional_libraries(spec: Any) -> list[str]:
    """The optional libraries that fitting a spec needs: `lightgbm`, `xgboost`."""
    return sorted({kind for kind in _kinds(spec) if kind in OPTIONAL})


def library_versions(spec: Any) -> dict[str, str]:
    """The versions of the optional libraries that a spec was fitted with."""
    return {kind: import_module(kind).__version__ for kind in optional_libraries(spec)}


def missing_libraries(spec: Any) -> list[str]:
    """Those of them that are not installed."""
    return [kind for kind in optional_libraries(spec) if find_spec(kind) is None]


def require_libraries(spec: Any) -> None:
    """Refuse early, and in words, what would fail late.

    Raises
    ------
    MissingLibraryError
    """
    if missing := missing_libraries(spec):
        raise MissingLibraryError(missing)


def _kinds(spec: Any) -> Iterator[str]:
    """The kinds of all library classifiers inside a spec."""
    if isinstance(spec, Library):
        yield spec.kind
    elif isinstance(spec, tuple):
        for part in spec:
            yield from _kinds(part)
    elif is_dataclass(spec):
        for part in fields(spec):
            yield from _kinds(getattr(spec, part.name))
