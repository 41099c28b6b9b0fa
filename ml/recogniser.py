"""A loaded model: a clip in, a prediction out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml import store
from ml.audio import Clip, Conditioning, condition
from ml.decoding import Limits, decode
from ml.errors import ModelError
from ml.features.sets import FeatureSet, feature_set_from
from ml.results import ModelId, Prediction, Score
from ml.speech import require_speech
from ml.synthesis import STYLES, speak

KNOWN_STYLES = ("neutral", "happy", "sad", "angry")
KNOWN_TOLERANCE = 0.01


@dataclass
class Stopwatch:
    """Seconds that each stage of a request took."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as one stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - start


class Recogniser:
    """A verified, loaded model.

    Parameters
    ----------
    manifest : Manifest
    estimator : object
        Its `predict_proba` takes vectors [shape=(n, features)] and gives scores [shape=(n, labels)].
    """

    def __init__(self, manifest: store.Manifest, estimator: Any) -> None:
        self.manifest = manifest
        self.estimator = estimator
        self.conditioning = Conditioning.from_dict(manifest.conditioning)
        try:
            self.features: FeatureSet = feature_set_from(manifest.features)
        except ValueError as error:
            raise ModelError(f"{manifest.name} {manifest.version} must be retrained. {error}") from error

    @classmethod
    def load(cls, stored: store.StoredModel, *, pinned_sha256: frozenset[str] = frozenset()) -> Recogniser:
        """Verify, unpickle and try a model on the clips whose answers it must remember.

        Raises
        ------
        ModelError
        """
        try:
            recogniser = cls(stored.manifest, store.load_pickle(stored, pinned_sha256=pinned_sha256))
            recogniser.check_known_answers()
        except ModelError:
            raise
        except Exception as error:  # a manifest and a pickle that do not fit each other can fail in any way
            raise ModelError(f"{stored.manifest.name} {stored.manifest.version} does not work: {error!r}.") from error
        return recogniser

    def classify(self, audio: bytes, *, limits: Limits | None = None, stopwatch: Stopwatch | None = None) -> Prediction:
        """Hear the emotion in a recording.

        Parameters
        ----------
        audio : bytes
            A file in one of the formats of `ml.decoding`.
        limits : Limits, optional
        stopwatch : Stopwatch, optional
            Told how long each stage took.

        Raises
        ------
        AudioError
        """
        stopwatch = stopwatch or Stopwatch()
        with stopwatch.stage("decode"):
            clip = decode(audio, limits=limits, rate_hz=self.conditioning.rate_hz)
        return self.classify_clip(clip, stopwatch=stopwatch)

    def classify_clip(self, clip: Clip, *, stopwatch: Stopwatch | None = None) -> Prediction:
        """Hear the emotion in samples.

        Raises
        ------
        AudioError
            `no_speech` or `too_short`.
        """
        stopwatch = stopwatch or Stopwatch()
        with stopwatch.stage("condition"):
            speech = condition(clip, self.conditioning)
            require_speech(speech)
        with stopwatch.stage("features"):
            vector = self.features.extract(speech)
        with stopwatch.stage("predict"):
            scores = self.estimator.predict_proba(vector[np.newaxis])[0]
        return self._prediction(clip, speech, scores)

    def _prediction(self, clip: Clip, speech: Clip, scores: np.ndarray) -> Prediction:
        manifest = self.manifest
        ranked = sorted(
            (Score(label, float(score)) for label, score in zip(manifest.labels, scores, strict=True)),
            key=lambda score: -score.score,
        )
        return Prediction(
            emotion=ranked[0].label,
            confidence=ranked[0].score,
            uncertain=ranked[0].score < manifest.calibration["uncertain_below"],
            scores=tuple(ranked),
            why=(),
            voice_used=False,
            duration_s=round(clip.duration_s, 3),
            speech_s=round(speech.speech_s or 0.0, 3),
            model=ModelId(manifest.name, manifest.version, manifest.features["name"]),
        )

    def known_answers(self) -> list[dict[str, Any]]:
        """What the model says of a few synthesised voices, to be remembered in its manifest."""
        return [
            {
                "style": style,
                "scores": {score.label: score.score for score in self.classify_clip(speak(STYLES[style])).scores},
            }
            for style in KNOWN_STYLES
        ]

    def check_known_answers(self) -> None:
        """Refuse to serve where other library versions or another machine give other answers than at training.

        Raises
        ------
        ModelError
        """
        for remembered, now in zip(self.manifest.known_answers, self.known_answers(), strict=True):
            worst = np.max([abs(now["scores"][label] - score) for label, score in remembered["scores"].items()])
            if not worst <= KNOWN_TOLERANCE:  # neither more, nor not a number
                raise ModelError(
                    f"{self.manifest.name} {self.manifest.version} gives other answers here than when it was trained "
                    f"(a score differs by {worst:.3f}): it must be retrained with the installed libraries."
                )
