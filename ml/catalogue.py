"""The models that are served together."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import soundfile

from ml import store
from ml.decoders import Source
from ml.errors import ModelError, RequestError
from ml.limits import Limits
from ml.listening import listen
from ml.recogniser import Recogniser
from ml.results import Channels, NormalVoice, Prediction
from ml.stopwatch import Stopwatch
from ml.synthesis import STYLES, speak
from ml.voice import Voice


class Catalogue:
    """Every model that was found, verified and loaded.

    Attributes
    ----------
    default : str
        Name of the model that answers when none is asked for.
    warnings : tuple of str
        Why other models were refused.
    unreadable : tuple of str
        What was passed over because it may not be read; shipped models of the same names are served in its place.
    """

    def __init__(
        self,
        recognisers: dict[str, Recogniser],
        *,
        default: str,
        warnings: tuple[str, ...] = (),
        unreadable: tuple[str, ...] = (),
    ) -> None:
        self.recognisers = recognisers
        self.default = default
        self.warnings = warnings
        self.unreadable = unreadable

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
        unreadable = tuple(store.unreadable(model_dir))
        return cls(recognisers, default=default, warnings=tuple(warnings), unreadable=unreadable)

    def rehearse(self) -> None:
        """Hear a synthesised voice with every model: a process is slower at what it does for the first time."""
        file = io.BytesIO()
        voice = speak(STYLES["neutral"])
        soundfile.write(file, voice.samples, voice.rate_hz, format="WAV")
        for name in self.recognisers:
            self.classify(file.getvalue(), model=name)

    def summaries(self) -> list[dict[str, Any]]:
        """What is told of each model served, the default first."""
        return [
            {**recogniser.manifest.summary(), "labels": recogniser.emotions, "default": name == self.default}
            for name, recogniser in self.recognisers.items()
        ]

    def classify(self, audio: Source, **asked: Any) -> Prediction:
        """Ask one model; see `classify_timed`."""
        return self.classify_timed(audio, **asked)[0]

    def classify_timed(
        self,
        audio: Source,
        *,
        model: str | None = None,
        voice: str | None = None,
        timeline: bool = False,
        channels: Channels = "mix",
        own_voice: bool = False,
        max_seconds: float = Limits.max_seconds,
    ) -> tuple[Prediction, dict[str, float]]:
        """Ask one model, and say how many seconds each stage took.

        Parameters
        ----------
        audio : bytes or binary file
        model : str, optional
        voice : str, optional
            The `data` that `normal_voice` gave.
        timeline : bool
            Whether the answer holds what is heard over time.
        channels : str
            One of `ml.results.CHANNELS`.
        own_voice : bool
            Take the speaker's normal voice from the recording.
        max_seconds : float

        Raises
        ------
        AudioError
        RequestError
            `unknown_model` or `invalid_voice`.
        """
        recogniser, stopwatch = self._find(model), Stopwatch()
        told: dict[str, Any] = {
            "voice": _voice_for(recogniser, voice),
            "limits": Limits(max_seconds=max_seconds),
            "stopwatch": stopwatch,
        }
        if timeline or own_voice or channels != "mix":
            prediction = listen(recogniser, audio, timeline=timeline, channels=channels, own_voice=own_voice, **told)
        else:
            prediction = recogniser.classify(audio, **told)
        return prediction, stopwatch.seconds

    def normal_voice(self, recordings: Sequence[bytes], *, max_seconds: float = Limits.max_seconds) -> NormalVoice:
        """What every model remembers of a speaker's normal voice.

        Raises
        ------
        AudioError
            Where a recording cannot be used, or all together hold too little speech (`too_short`).
        RequestError
            Where no model served can use a normal voice.
        """
        limits = Limits(max_seconds=max_seconds)
        voices = {
            name: recogniser.normal_voice(recordings, limits=limits)
            for name, recogniser in self.recognisers.items()
            if recogniser.takes_voice
        }
        if not voices:
            raise RequestError("invalid_voice", "None of the models served here can use a speaker's normal voice.")
        speech_s = min(voice.speech_s for voice in voices.values())
        models = {
            name: {"version": self.recognisers[name].manifest.version, **voice.as_dict()}
            for name, voice in voices.items()
        }
        return NormalVoice(len(recordings), round(speech_s, 2), json.dumps(models))

    def _find(self, model: str | None) -> Recogniser:
        recogniser = self.recognisers.get(model or self.default)
        if recogniser is None:
            raise RequestError(
                "unknown_model", f"There is no model of that name; there is {', '.join(self.recognisers)}."
            )
        return recogniser


def _voice_for(recogniser: Recogniser, voice: str | None) -> Voice | None:
    if voice is None or not recogniser.takes_voice:
        return None
    remembered = json.loads(voice).get(recogniser.manifest.name)
    if remembered is None or remembered["version"] != recogniser.manifest.version:
        raise RequestError(
            "invalid_voice",
            "Your normal voice was recorded for another version of the model. Please record it again.",
        )
    return Voice.from_dict(remembered)
