"""The models that are served together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ml import store
from ml.decoding import Limits
from ml.errors import ModelError, RequestError
from ml.recogniser import Recogniser, Stopwatch
from ml.results import Prediction


class Catalogue:
    """Every model that was found, verified and loaded.

    Attributes
    ----------
    default : str
        Name of the model that answers when none is asked for.
    warnings : tuple of str
        Why other models were refused.
    """

    def __init__(self, recognisers: dict[str, Recogniser], *, default: str, warnings: tuple[str, ...] = ()) -> None:
        self.recognisers = recognisers
        self.default = default
        self.warnings = warnings

    @classmethod
    def load(
        cls, *, model_dir: Path, default: str, shipped_dir: Path = store.SHIPPED_DIR, pinned_sha256: str | None = None
    ) -> Catalogue:
        """Load all models of a folder, and of the shipped ones those that it lacks.

        Parameters
        ----------
        model_dir, shipped_dir : Path
        default : str
        pinned_sha256 : str, optional
            One or more hashes of pickles, separated by commas.

        Raises
        ------
        ModelError
            Where the default model cannot be served; another's refusal becomes a warning.
        """
        roots = (model_dir, shipped_dir)
        pins = store.parse_pins(pinned_sha256)
        recognisers, warnings = {}, []
        for name in dict.fromkeys([default, *store.names(roots)]):
            try:
                recognisers[name] = Recogniser.load(store.find(name, roots=roots), pinned_sha256=pins)
            except ModelError as error:
                if name == default:
                    raise
                warnings.append(error.message)
        return cls(recognisers, default=default, warnings=tuple(warnings))

    def summaries(self) -> list[dict[str, Any]]:
        """What is told of each model served, the default first."""
        return [
            {
                "name": name,
                "version": recogniser.manifest.version,
                "default": name == self.default,
                "labels": recogniser.manifest.labels,
                "features": recogniser.manifest.features["name"],
                "figures": recogniser.manifest.figures,
                "calibration": recogniser.manifest.calibration,
                "corpora": recogniser.manifest.corpora,
                "licence": recogniser.manifest.licence,
            }
            for name, recogniser in self.recognisers.items()
        ]

    def classify(
        self, audio: bytes, *, model: str | None = None, max_seconds: float = Limits.max_seconds
    ) -> Prediction:
        """Ask one model; see `Recogniser.classify`.

        Raises
        ------
        AudioError
        RequestError
            `unknown_model`.
        """
        return self.classify_timed(audio, model=model, max_seconds=max_seconds)[0]

    def classify_timed(
        self, audio: bytes, *, model: str | None = None, max_seconds: float = Limits.max_seconds
    ) -> tuple[Prediction, dict[str, float]]:
        """Ask one model, and say how many seconds each stage took."""
        recogniser = self.recognisers.get(model or self.default)
        if recogniser is None:
            raise RequestError(
                "unknown_model", f"There is no model of that name; there is {', '.join(self.recognisers)}."
            )
        stopwatch = Stopwatch()
        prediction = recogniser.classify(audio, limits=Limits(max_seconds=max_seconds), stopwatch=stopwatch)
        return prediction, stopwatch.seconds
