"""A loaded model: a clip in, a prediction out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml import store
from ml.audio import Clip, Conditioning, level, resample, split, trim
from ml.decoding import decode
from ml.emotions import emotion_of
from ml.errors import AudioError, ModelError
from ml.features.sets import FeatureSet, Vector, feature_set_from
from ml.limits import Limits
from ml.results import ModelId, Prediction, Score
from ml.speech import is_speech
from ml.synthesis import STYLES, speak
from ml.traits import mean_traits
from ml.voice import Voice
from ml.why import Reference, explain

KNOWN_STYLES = ("neutral", "happy", "sad", "angry")
KNOWN_TOLERANCE = 0.01
LONGEST_PIECE_S = 10.0  # models are trained on single sentences, and memory is bounded


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
        self.reference = Reference.from_dict(manifest.traits)
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

    def classify(
        self,
        audio: bytes,
        *,
        voice: Voice | None = None,
        limits: Limits | None = None,
        stopwatch: Stopwatch | None = None,
    ) -> Prediction:
        """Hear the emotion in a recording.

        Parameters
        ----------
        audio : bytes
            A file in one of the formats of `ml.containers`.
        voice : Voice, optional
            The speaker's normal voice, as `normal_voice` gave it.
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
        return self.classify_clip(clip, voice=voice, stopwatch=stopwatch)

    def classify_clip(
        self, clip: Clip, *, voice: Voice | None = None, stopwatch: Stopwatch | None = None
    ) -> Prediction:
        """Hear the emotion in samples; see `classify`."""
        stopwatch = stopwatch or Stopwatch()
        with stopwatch.stage("condition"):
            pieces = self._pieces_of_speech(resample(clip, self.conditioning.rate_hz))
        with stopwatch.stage("features"):
            vectors, traits = self._measured(pieces)
        with stopwatch.stage("predict"):
            voice = voice if self.takes_voice else None
            used = voice is not None and bool(self.estimator.uses_voice(vectors).any())
            scores = self._scores(vectors, voice if used else None)
        why = explain(traits, self.reference, normal=voice.traits if voice and used else None)
        return self._prediction(clip, pieces, np.mean(scores, axis=0), why=why, voice_used=used)

    @property
    def emotions(self) -> list[str]:
        """What it answers: nobody is told their gender, so a model's labels count for their emotions alone."""
        return list(dict.fromkeys(emotion_of(label) for label in self.manifest.labels))

    @property
    def takes_voice(self) -> bool:
        """Whether the model can use a speaker's normal voice."""
        return hasattr(self.estimator, "baseline")

    def normal_voice(self, recordings: Sequence[bytes], *, limits: Limits | None = None) -> Voice:
        """What is remembered of a speaker's normal voice.

        Parameters
        ----------
        recordings : sequence of bytes
            Files with ordinary speech.
        limits : Limits, optional

        Raises
        ------
        AudioError
            Where one of them cannot be used.
        """
        clips = [decode(audio, limits=limits, rate_hz=self.conditioning.rate_hz) for audio in recordings]
        pieces = [piece for clip in clips for piece in self._pieces_of_speech(clip)]
        vectors, traits = self._measured(pieces)
        return Voice(
            baseline=self.estimator.baseline(vectors),
            traits=traits,
            clips=len(recordings),
            speech_s=sum(piece.speech_s or 0.0 for piece in pieces),
        )

    def _pieces_of_speech(self, clip: Clip) -> list[Clip]:
        """A trimmed clip, in pieces where it is long; music and noise between them are left out."""
        trimmed = trim(clip, self.conditioning)
        pieces = [piece for piece in split(trimmed, LONGEST_PIECE_S) if is_speech(piece)]
        if not pieces:
            raise AudioError(
                "no_speech", "No speech was found in this recording. Please record a voice, close and clear."
            )
        return pieces

    def _measured(self, pieces: list[Clip]) -> tuple[Vector, Vector]:
        """The features of each piece [shape=(pieces, features)], and the traits of all together."""
        vectors = np.stack([self.features.extract(level(piece, self.conditioning)) for piece in pieces])
        return vectors, mean_traits(pieces)

    def _scores(self, vectors: Vector, voice: Voice | None) -> np.ndarray:
        if voice is None:
            scores: np.ndarray = self.estimator.predict_proba(vectors)
        else:
            scores = self.estimator.predict_proba(vectors, voice.baseline)
        return scores

    def _prediction(
        self, clip: Clip, pieces: list[Clip], scores: np.ndarray, *, why: tuple[str, ...], voice_used: bool
    ) -> Prediction:
        manifest = self.manifest
        by_emotion = dict.fromkeys(self.emotions, 0.0)
        for label, score in zip(manifest.labels, scores, strict=True):
            by_emotion[emotion_of(label)] += float(score)
        ranked = sorted((Score(*item) for item in by_emotion.items()), key=lambda score: -score.score)
        threshold = "uncertain_below_with_voice" if voice_used else "uncertain_below"
        return Prediction(
            emotion=ranked[0].label,
            confidence=ranked[0].score,
            uncertain=ranked[0].score < manifest.calibration[threshold],
            scores=tuple(ranked),
            why=why,
            voice_used=voice_used,
            duration_s=round(clip.duration_s, 3),
            speech_s=round(sum(piece.speech_s or 0.0 for piece in pieces), 3),
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
