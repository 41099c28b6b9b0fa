"""A loaded model: a clip in, a prediction out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ml import store
from ml.audio import Clip, Conditioning, level, resample
from ml.decoders import Source
from ml.decoding import decode
from ml.emotions import emotion_of
from ml.errors import AudioError, ModelError, RequestError
from ml.features.sets import Vector, WindowedSet, feature_set_from
from ml.limits import Limits
from ml.pieces import Spoken
from ml.results import ModelId, Prediction, ranked
from ml.stopwatch import Stopwatch
from ml.synthesis import STYLES, speak
from ml.traits import mean_traits
from ml.voice import MOST_CLIPS, Voice
from ml.why import Reference, explain

KNOWN_STYLES = ("neutral", "happy", "sad", "angry")
KNOWN_TOLERANCE = 0.01
LEAST_NORMAL_SPEECH_S = 1.0
LEAST_SPEECH_S = 1.2
"""In less than this, models guess, and are sure of it: of half a second of known voices they heard 16 % right."""

STRANGE = "This sounds unlike the voices that the model learned from, so it cannot be sure."


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
            self.features: WindowedSet = feature_set_from(manifest.features)
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
        audio: Source,
        *,
        voice: Voice | None = None,
        limits: Limits | None = None,
        stopwatch: Stopwatch | None = None,
    ) -> Prediction:
        """Hear the emotion in a recording.

        Parameters
        ----------
        audio : bytes or binary file
            In one of the formats of `ml.containers`.
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
            spoken = Spoken.of(resample(clip, self.conditioning.rate_hz), self.conditioning)
        with stopwatch.stage("features"):
            vectors, traits = self._measured(spoken)
        with stopwatch.stage("predict"):
            scores, used = self.scores(vectors, voice)
        return self.answer(
            scores.mean(axis=0),
            traits=traits,
            voice=used,
            strangeness=self.strangeness(vectors),
            duration_s=clip.duration_s,
            speech_s=spoken.speech_s,
        )

    @property
    def emotions(self) -> list[str]:
        """What it answers: nobody is told their gender, so a model's labels count for their emotions alone."""
        return list(dict.fromkeys(emotion_of(label) for label in self.manifest.labels))

    @property
    def takes_voice(self) -> bool:
        """Whether the model can use a speaker's normal voice."""
        return hasattr(self.estimator, "baseline")

    def normal_voice(self, recordings: Sequence[Source], *, limits: Limits | None = None) -> Voice:
        """What is remembered of a speaker's normal voice.

        Parameters
        ----------
        recordings : sequence of bytes or binary file
            With ordinary speech: one to five.
        limits : Limits, optional

        Raises
        ------
        AudioError
            Where one of them cannot be used; it tells which. Where all together hold too little speech (`too_short`).
        RequestError
            Where there are none, or too many.
        """
        if not 1 <= len(recordings) <= MOST_CLIPS:
            raise RequestError(
                "invalid_voice", f"A normal voice is made of 1 to {MOST_CLIPS} recordings, not of {len(recordings)}."
            )
        heard = []
        for number, audio in enumerate(recordings, 1):  # one after another: they may all be long
            try:
                heard.append(self._ordinary(audio, limits))
            except AudioError as error:
                which = number if len(recordings) > 1 else None
                raise AudioError(error.code, error.message, recording=which) from error
        vectors, traits, described, seconds = zip(*heard, strict=True)
        if (speech_s := sum(seconds)) < LEAST_NORMAL_SPEECH_S:
            raise AudioError(
                "too_short",
                f"There are only {speech_s:.1f} seconds of speech in this; at least {LEAST_NORMAL_SPEECH_S:g} are "
                "needed. Please say a few sentences as you normally speak.",
            )
        return Voice(
            baseline=self.estimator.baseline(np.concatenate(vectors)),
            traits=np.average(traits, axis=0, weights=described).astype(np.float32),
            clips=len(recordings),
            speech_s=speech_s,
        )

    def _ordinary(self, audio: Source, limits: Limits | None) -> tuple[Vector, Vector, int, float]:
        """The features of each piece of a recording, its traits and of how many pieces, and its seconds of speech."""
        spoken = Spoken.of(decode(audio, limits=limits, rate_hz=self.conditioning.rate_hz), self.conditioning)
        return *self._measured(spoken), len(spoken.described), spoken.speech_s

    def _measured(self, spoken: Spoken) -> tuple[Vector, Vector]:
        """The features of each piece [shape=(pieces, features)], and the mean traits [shape=(traits,)]."""
        vectors, traits = [], []
        for piece in spoken.pieces:
            vectors.append(self.features.extract(level(piece, self.conditioning)))
            if spoken.described is spoken.pieces:  # as long as the piece is there, its contours serve both
                traits.append(mean_traits([piece]))
        if spoken.described is not spoken.pieces:
            traits.append(mean_traits(spoken.described))
        return np.stack(vectors), np.mean(traits, axis=0, dtype=np.float32)

    def scores(self, vectors: Vector, voice: Voice | None) -> tuple[np.ndarray, Voice | None]:
        """What is heard in each of several vectors, and the normal voice that took part in it.

        Parameters
        ----------
        vectors : np.ndarray [shape=(n, features)]
        voice : Voice or None

        Returns
        -------
        scores : np.ndarray [shape=(n, emotions)]
            In the order of `emotions`; each row sums to 1.
        voice : Voice or None
            None where there is none, or the model cannot use it here.
        """
        used = voice if voice and self.takes_voice and self.estimator.uses_voice(vectors).any() else None
        by_label = (
            self.estimator.predict_proba(vectors, used.baseline) if used else self.estimator.predict_proba(vectors)
        )
        by_emotion = np.zeros((len(vectors), len(self.emotions)))
        for label, column in zip(self.manifest.labels, by_label.T, strict=True):
            by_emotion[:, self.emotions.index(emotion_of(label))] += column
        return by_emotion, used

    def strangeness(self, vectors: Vector) -> float:
        """How unlike what the model learned from several vectors are on average: above 1 is unlike nearly all of it."""
        return float(np.mean(self.estimator.strangeness(vectors))) if hasattr(self.estimator, "strangeness") else 0.0

    def answer(
        self,
        scores: np.ndarray,
        *,
        traits: Vector,
        voice: Voice | None,
        strangeness: float,
        duration_s: float,
        speech_s: float,
    ) -> Prediction:
        """Put scores [shape=(emotions,)] into words, with what is true of the sound and what speaks against them."""
        listed = ranked(self.emotions, scores)
        doubts = _doubts(speech_s, strangeness)
        return Prediction(
            emotion=listed[0].label,
            confidence=listed[0].score,
            uncertain=bool(doubts) or self.is_uncertain(listed[0].score, with_voice=voice is not None),
            scores=listed,
            why=explain(traits, self.reference, normal=voice.traits if voice else None),
            voice_used=voice is not None,
            duration_s=round(duration_s, 3),
            speech_s=round(speech_s, 3),
            model=ModelId(self.manifest.name, self.manifest.version, self.manifest.features["name"]),
            warnings=doubts,
        )

    def is_uncertain(self, confidence: float, *, with_voice: bool) -> bool:
        """Whether an answer of this confidence is below the model's threshold."""
        calibration = self.manifest.calibration
        threshold = calibration["uncertain_below"]
        if with_voice:  # where it was trained on, nobody may have had two neutral clips to measure that with
            threshold = calibration.get("uncertain_below_with_voice", threshold)
        return bool(confidence < threshold)

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


def _doubts(speech_s: float, strangeness: float) -> tuple[str, ...]:
    """What forbids to be sure of an answer, however high its score."""
    doubts = []
    if speech_s < LEAST_SPEECH_S:
        doubts.append(f"There is only {speech_s:.1f} s of speech in this: too little to be sure of an emotion.")
    if strangeness > 1:
        doubts.append(STRANGE)
    return tuple(doubts)
