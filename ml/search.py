"""Where hyperparameters are looked for when they are tuned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol


class Trial(Protocol):
    """What suggests values: Optuna's trial, or one that asks it under longer names."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number from low to high, both included."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number from low to high; in equal ratios where `log` is set."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of the choices."""


class Within:
    """The trial as one of several parts sees it: its names begin with the part's.

    Parameters
    ----------
    trial : Trial
    part : str
    """

    def __init__(self, trial: Trial, part: str) -> None:
        self._trial = trial
        self._part = part

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """See `Trial`."""
        return self._trial.suggest_int(f"{self._part}.{name}", low, high, log=log)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """See `Trial`."""
        return self._trial.suggest_float(f"{self._part}.{name}", low, high, log=log)

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """See `Trial`."""
        return self._trial.suggest_categorical(f"{self._part}.{name}", choices)


def layers(trial: Trial) -> tuple[int, ...]:
    """Units of one or two hidden layers."""
    count = trial.suggest_int("layers", 1, 2)
    return tuple(trial.suggest_int(f"units_{number}", 32, 512, log=True) for number in range(1, count + 1))


def _forest(trial: Trial) -> dict[str, Any]:
    return {
        "n_estimators": trial.suggest_int("n_estimators", 100, 600, log=True),
        "max_depth": trial.suggest_int("max_depth", 4, 40, log=True),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 8),
        "max_features": trial.suggest_categorical("max_features", ["sqrt", "log2", 0.2]),
    }


def _knn(trial: Trial) -> dict[str, Any]:
    return {
        "n_neighbors": trial.suggest_int("n_neighbors", 1, 30, log=True),
        "weights": trial.suggest_categorical("weights", ["uniform", "distance"]),
        "p": trial.suggest_int("p", 1, 2),
    }


def _lightgbm(trial: Trial) -> dict[str, Any]:
    return {
        "n_estimators": trial.suggest_int("n_estimators", 50, 400, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 4, 64, log=True),
        "min_child_samples": trial.suggest_int("min_child_samples", 5, 60, log=True),
        "reg_lambda": trial.suggest_float("reg_lambda", 1e-3, 30.0, log=True),
    }


def _logistic(trial: Trial) -> dict[str, Any]:
    return {"C": trial.suggest_float("C", 1e-4, 1e2, log=True)}


def _mlp(trial: Trial) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": layers(trial),
        "alpha": trial.suggest_float("alpha", 1e-4, 10.0, log=True),
    }


def _tree(trial: Trial) -> dict[str, Any]:
    return {
        "max_depth": trial.suggest_int("max_depth", 3, 30, log=True),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 30, log=True),
    }


def _xgboost(trial: Trial) -> dict[str, Any]:
    return {
        "n_estimators": trial.suggest_int("n_estimators", 50, 400, log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
        "max_depth": trial.suggest_int("max_depth", 2, 10),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "reg_lambda": trial.suggest_float("reg_lambda", 1e-3, 30.0, log=True),
    }


SETTINGS: Mapping[str, Callable[[Trial], dict[str, Any]]] = {
    "forest": _forest,
    "knn": _knn,
    "lightgbm": _lightgbm,
    "logistic": _logistic,
    "mlp": _mlp,
    "tree": _tree,
    "xgboost": _xgboost,
}
"""Settings of libraries' classifiers, by the kinds of `ml.library`."""
