"""Listening to a recording of any length: what is heard in it over time, and on each side of a call.

It is read once and in blocks, and at most a minute of each side is in memory. A recording of one window gives the very
vector, and so the answer, that `Recogniser.classify` gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml.audio import Clip, Conditioning, cut, level, resample, speech_span, trim
from ml.decoders import Source
from ml.decoding import Channel, Sides, read_channels, sides
from ml.errors import AudioError
from ml.features.sets import Vector
from ml.limits import Limits
from ml.phrases import Phrase, PhraseFinder
from ml.pieces import no_speech
from ml.recogniser import Recogniser
from ml.results import Channels, Prediction, ranked
from ml.speech import is_speech
from ml.stopwatch import Stopwatch
from ml.timeline import HeardPhrase, overall, segments
from ml.traits import CONDITIONING as DESCRIBED
from ml.traits import mean_traits
from ml.trimming import Span
from ml.voice import Voice
from ml.windows import LONGEST_WINDOW_S, windows_over

OWN_VOICE_FROM_S = 60.0
OWN_VOICE_UP_TO_S = 600.0
"""A baseline from the recording itself is the mean of the first so much speech: more of it would only cost memory."""

SAME_ON_BOTH_SIDES = "Both channels hold the same sound, so there are no two sides to part; it was heard as one."
ONE_CHANNEL = "This recording has one channel only, so there are no two sides to part."
VOICE_OF_ONE = (
    "The normal voice was left out: it is one person's, and the sides of a call are two people's. To use it, listen to "
    "that person's side alone (left or right)."
)
OWN_VOICE = (
    "The speaker's normal voice was taken from this recording: what is usual in it counts as ordinary. "
    "Someone who is angry from beginning to end would not sound angry."
)


@dataclass(frozen=True, eq=False)
class _Measured:
    """A phrase with the vectors of its windows [shape=(windows, features)]."""

    phrase: Phrase
    windows_s: np.ndarray
    vectors: Vector
    traits: Vector
    speech_s: float


class Listener:
    """Listens to one channel while it is read.

    Parameters
    ----------
    recogniser : Recogniser
    rate_hz : int
    voice : Voice, optional
        The speaker's normal voice.
    own_voice : bool
        Whether to take it from the recording.
    stopwatch : Stopwatch
    """

    def __init__(
        self, recogniser: Recogniser, rate_hz: int, *, voice: Voice | None, own_voice: bool, stopwatch: Stopwatch
    ) -> None:
        self.recogniser = recogniser
        self.voice = voice
        self.warnings: list[str] = []
        self._used: Voice | None = None
        self._seeks_voice = own_voice
        self._stopwatch = stopwatch
        self._finder = PhraseFinder(rate_hz)
        self._waiting: list[_Measured] = []
        self._heard: list[HeardPhrase] = []
        self._traits: list[Vector] = []
        self._strangeness: list[float] = []
        self._speech_s = 0.0

    def push(self, samples: np.ndarray) -> None:
        """Listen on."""
        with self._stopwatch.stage("condition"):
            phrases = list(self._finder.push(samples))
        self._hear(phrases)

    def finish(self, *, timeline: bool) -> Prediction:
        """What was heard.

        Raises
        ------
        AudioError
            `no_speech`.
        """
        with self._stopwatch.stage("condition"):
            phrases = self._single_window() or list(self._finder.finish())
        self._hear(phrases)
        if self._seeks_voice:
            self._settle_voice()
        self._score()
        if not self._heard:
            raise no_speech()
        answer = self.recogniser.answer(
            overall(self._heard),
            traits=np.mean(self._traits, axis=0, dtype=np.float32),
            voice=self._used,
            strangeness=float(np.mean(self._strangeness)),
            duration_s=self._finder.duration_s,
            speech_s=self._speech_s,
        )
        course = segments(self._heard, self.recogniser.emotions, self._finder.duration_s) if timeline else ()
        return replace(answer, timeline=course, warnings=(*self.warnings, *answer.warnings))

    def _single_window(self) -> list[Phrase]:
        """The whole recording as one phrase, where what is said in it fits one window."""
        whole = self._finder.whole
        if whole is None:
            return []
        span = speech_span(whole, self.recogniser.conditioning)
        if span.end - span.start > LONGEST_WINDOW_S * whole.rate_hz:
            return []
        return [Phrase(whole, 0.0, span.start / whole.rate_hz, span.end / whole.rate_hz, np.zeros(0))]

    def _hear(self, phrases: Iterable[Phrase]) -> None:
        for phrase in phrases:
            try:
                self._waiting.append(self._measured(phrase))
            except AudioError as error:
                if error.code != "no_speech":
                    raise
        if self._seeks_voice and sum(measured.speech_s for measured in self._waiting) >= OWN_VOICE_UP_TO_S:
            self._settle_voice()
        if not self._seeks_voice:
            self._score()

    def _measured(self, phrase: Phrase) -> _Measured:
        """A phrase's features; raises `AudioError` (`no_speech`) where it is silence or something else than speech."""
        recogniser, rate_hz = self.recogniser, phrase.clip.rate_hz
        with self._stopwatch.stage("condition"):
            span = _span(phrase, recogniser.conditioning)
            spoken = cut(phrase.clip, span, recogniser.conditioning)
            if not is_speech(spoken):
                raise no_speech()
            even = level(spoken, recogniser.conditioning)
        with self._stopwatch.stage("features"):
            windows = windows_over(len(spoken.samples), rate_hz)
            vectors = recogniser.features.extract_windows(even, windows)
            traits = mean_traits([spoken if recogniser.conditioning == DESCRIBED else _described(phrase.clip)])
        windows_s = phrase.offset_s + (np.array(windows) + span.start) / rate_hz
        return _Measured(phrase, windows_s, vectors, traits, span.speech_s)

    def _score(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        with self._stopwatch.stage("predict"):
            scores, used = self.recogniser.scores(np.concatenate([item.vectors for item in waiting]), self.voice)
        self._used = used or self._used
        ends = np.cumsum([len(item.vectors) for item in waiting])[:-1]
        for item, rows in zip(waiting, np.split(scores, ends), strict=True):
            phrase = item.phrase
            self._heard.append(
                HeardPhrase(phrase.start_s, phrase.end_s, item.windows_s, rows, phrase.levels_db, phrase.offset_s)
            )
            self._traits.append(item.traits)
            self._strangeness.append(self.recogniser.strangeness(item.vectors))
            self._speech_s += item.speech_s

    def _settle_voice(self) -> None:
        """Make a normal voice of what was said so far, where that is enough."""
        self._seeks_voice = False
        speech_s = sum(item.speech_s for item in self._waiting)
        if not self.recogniser.takes_voice:
            self.warnings.append("This model cannot use a speaker's normal voice.")
        elif speech_s < OWN_VOICE_FROM_S:
            self.warnings.append(
                f"There are {speech_s:.0f} seconds of speech in this, too few to take a normal voice from "
                f"({OWN_VOICE_FROM_S:.0f} are needed); it was heard without one."
            )
        else:
            vectors = np.concatenate([item.vectors for item in self._waiting])
            traits: Vector = np.mean([item.traits for item in self._waiting], axis=0, dtype=np.float32)
            baseline = self.recogniser.estimator.baseline(vectors)
            self.voice = Voice(baseline, traits, clips=len(self._waiting), speech_s=speech_s)
            self.warnings.append(OWN_VOICE)


def listen(
    recogniser: Recogniser,
    audio: Source,
    *,
    timeline: bool = True,
    channels: Channels = "mix",
    voice: Voice | None = None,
    own_voice: bool = False,
    limits: Limits | None = None,
    stopwatch: Stopwatch | None = None,
) -> Prediction:
    """Hear what a recording says over time.

    Parameters
    ----------
    recogniser : Recogniser
    audio : bytes or binary file
    timeline : bool
        Whether the answer holds the segments, or what they come to alone.
    channels : str
        `mix` (the mean of all channels), `left`, `right`, or `split`: both sides, each for itself.
    voice : Voice, optional
        The speaker's normal voice; two sides of a call, each heard for itself, are heard without it.
    own_voice : bool
        Take the speaker's normal voice from the recording itself, where it holds enough speech.
    limits : Limits, optional
    stopwatch : Stopwatch, optional
        Told how long each stage took.

    Raises
    ------
    AudioError
    """
    stopwatch = stopwatch or Stopwatch()
    with stopwatch.stage("decode"):
        wanted, warnings = _wanted(audio, channels, limits)
        rate_hz, blocks = read_channels(audio, wanted=wanted, limits=limits, rate_hz=recogniser.conditioning.rate_hz)
    if voice and len(wanted) > 1:
        voice = None
        warnings.append(VOICE_OF_ONE)
    listeners = [Listener(recogniser, rate_hz, voice=voice, own_voice=own_voice, stopwatch=stopwatch) for _ in wanted]
    while True:
        with stopwatch.stage("decode"):
            block = next(blocks, None)
        if block is None:
            break
        for listener, samples in zip(listeners, block, strict=True):
            listener.push(samples)
    answers, silent = _answers(listeners, wanted, timeline=timeline)
    answer = answers[0] if len(wanted) == 1 else _together(answers, recogniser)
    return replace(answer, warnings=(*warnings, *silent, *answer.warnings))


def _span(phrase: Phrase, conditioning: Conditioning) -> Span:
    """Where a phrase is speech: trimming knows less of the room than the detector, so it never cuts more."""
    span = speech_span(phrase.clip, conditioning)
    start, end = (
        round((bound_s - phrase.offset_s) * phrase.clip.rate_hz) for bound_s in (phrase.start_s, phrase.end_s)
    )
    return replace(span, start=min(span.start, start), end=max(span.end, end))


def _described(clip: Clip) -> Clip:
    """What is said in a phrase, trimmed for the traits: how a voice is described must not depend on the model."""
    return trim(resample(clip, DESCRIBED.rate_hz), DESCRIBED)


def _wanted(audio: Source, channels: Channels, limits: Limits | None) -> tuple[tuple[Channel, ...], list[str]]:
    """The channels to listen to, and what must be said where those that were asked for are not there."""
    if channels == "mix":
        return ("mix",), []
    found = sides(audio, limits=limits)
    if found is not Sides.DIFFERENT:
        return ("mix",), [SAME_ON_BOTH_SIDES if found is Sides.SAME else ONE_CHANNEL]
    return ("left", "right") if channels == "split" else (channels,), []


def _answers(
    listeners: Sequence[Listener], wanted: Sequence[Channel], *, timeline: bool
) -> tuple[list[Prediction], list[str]]:
    """What was heard on each side, and on which nobody spoke."""
    answers, silent = [], []
    for listener, channel in zip(listeners, wanted, strict=True):
        try:
            answers.append(replace(listener.finish(timeline=timeline), channel=channel))
        except AudioError as error:
            if error.code != "no_speech" or len(wanted) == 1:
                raise
            silent.append(f"No speech was found in the {channel} channel.")
    if not answers:
        raise no_speech()
    return answers, silent


def _together(answers: Sequence[Prediction], recogniser: Recogniser) -> Prediction:
    """Both sides of a call in one answer, each second of speech counting alike; what is told of each stays with it."""
    by_label = [{score.label: score.score for score in answer.scores} for answer in answers]
    weights = [answer.speech_s for answer in answers]
    scores = np.average(
        [[found[label] for label in recogniser.emotions] for found in by_label], axis=0, weights=weights
    )
    listed = ranked(recogniser.emotions, scores)
    with_voice = any(answer.voice_used for answer in answers)
    return replace(
        answers[0],
        emotion=listed[0].label,
        confidence=listed[0].score,
        uncertain=recogniser.is_uncertain(listed[0].score, with_voice=with_voice)
        or all(answer.uncertain for answer in answers),
        scores=listed,
        why=(),
        voice_used=with_voice,
        speech_s=round(sum(weights), 3),
        channel="split",
        timeline=(),
        channels=tuple(answers),
        warnings=(),
    )
