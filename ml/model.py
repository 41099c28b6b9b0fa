"""Undertone from Python: `from ml import load_model`."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import soundfile
from joblib import Parallel, delayed

from ml import store
from ml.decoders import Source
from ml.errors import AudioError, RequestError, UndertoneError
from ml.limits import Limits
from ml.listening import listen
from ml.recogniser import Recogniser
from ml.results import Channels, Prediction
from ml.voice import Voice

Audio = str | os.PathLike[str] | bytes | npt.NDArray[np.number]
"""A file by its path or its bytes, or samples [shape=(n,) or (n, channels)]: floats in [-1, 1], or signed integers.

The axis of the channels may also be the first, as librosa has it: it is the shorter one.
"""

DEFAULT_MODEL = "expressive"
LONGEST_S = 600.0
LONGEST_TIMELINE_S = 7 * 24 * 3600.0


def load_model(name: str = DEFAULT_MODEL, *, model_dir: str | os.PathLike[str] | None = None) -> Model:
    """Load a model, once its pickle was verified.

    Parameters
    ----------
    name : str
        `expressive`, `classic`, or one that `manage.py train_model` made.
    model_dir : path, optional
        Where models of one's own are; the shipped ones are found without it.

    Raises
    ------
    ml.errors.ModelError

    Examples
    --------
    >>> from ml import load_model
    >>> sorted(load_model("classic").labels)
    ['angry', 'calm', 'disgust', 'fearful', 'happy', 'neutral', 'sad', 'surprised']
    """
    folder = model_dir or os.environ.get("MODEL_DIR") or store.SHIPPED_DIR
    return Model(Recogniser.load(store.find(name, roots=(Path(folder), store.SHIPPED_DIR))))


class Model:
    """A loaded model; made by `load_model`.

    Its answers are `ml.results.Prediction`: `emotion`, `confidence`, `uncertain`, `scores` and more, the same as the
    API's. `as_dict()` makes plain data of one.
    """

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    @property
    def name(self) -> str:
        """Its name."""
        return self._recogniser.manifest.name

    @property
    def version(self) -> str:
        """Its version."""
        return self._recogniser.manifest.version

    @property
    def labels(self) -> list[str]:
        """The emotions it knows."""
        return self._recogniser.emotions

    def classify(self, audio: Audio, *, rate_hz: int | None = None, voice: Voice | None = None) -> Prediction:
        """Hear the emotion in a recording of up to ten minutes.

        Parameters
        ----------
        audio : path, bytes or np.ndarray
            See `Audio`.
        rate_hz : int, optional
            Samples a second; needed with an array, and only then.
        voice : Voice, optional
            The speaker's normal voice, from `normal_voice`.

        Raises
        ------
        ml.errors.UndertoneError
            The recording cannot be used; `code` and `message` say why.

        Examples
        --------
        >>> from ml import load_model
        >>> model = load_model()
        >>> heard = model.classify("samples/furious.wav")
        >>> heard.emotion in model.labels, heard.duration_s
        (True, 3.6)

        Samples work as well, with their rate:

        >>> import soundfile
        >>> samples, rate_hz = soundfile.read("samples/furious.wav")
        >>> model.classify(samples, rate_hz=rate_hz) == heard
        True
        """
        with _opened(audio, rate_hz) as source:
            return self._recogniser.classify(source, voice=voice, limits=Limits(max_seconds=LONGEST_S))

    def timeline(
        self,
        audio: Audio,
        *,
        rate_hz: int | None = None,
        channels: Channels = "mix",
        voice: Voice | Literal["recording"] | None = None,
    ) -> Prediction:
        """Hear what a recording of any length says over time; a file is read in blocks and never whole.

        Parameters
        ----------
        audio, rate_hz
            As in `classify`.
        channels : str
            `mix` (the mean of all channels), `left`, `right`, or `split`: both sides, each for itself in the answer's
            `channels`. In the European Union, leave out the side of somebody at work (AI Act, Article 5(1)(f)).
        voice : Voice or str, optional
            The speaker's normal voice, from `normal_voice`; or `recording`, to take it from the recording itself, where
            it holds a minute of one person's speech. The answer's `warnings` then say what that means.

        Raises
        ------
        ml.errors.UndertoneError

        Examples
        --------
        >>> from ml import load_model
        >>> heard = load_model().timeline("samples/furious.wav")
        >>> for segment in heard.timeline:
        ...     print(f"{segment.start_s:.1f} to {segment.end_s:.1f} s:", "speech" if segment.speech else "pause")
        0.0 to 0.5 s: pause
        0.5 to 3.1 s: speech
        3.1 to 3.6 s: pause
        """
        own_voice = voice == "recording"
        with _opened(audio, rate_hz) as source:
            return listen(
                self._recogniser,
                source,
                channels=channels,
                voice=voice if isinstance(voice, Voice) else None,
                own_voice=own_voice,
                limits=Limits(max_seconds=LONGEST_TIMELINE_S),
            )

    def classify_many(
        self, recordings: Iterable[Audio], *, rate_hz: int | None = None, voice: Voice | None = None, jobs: int = 1
    ) -> Iterator[Prediction | UndertoneError]:
        """Classify recordings one after another: an answer or an error for each, in their order.

        Parameters
        ----------
        recordings : iterable of path, bytes or np.ndarray
            Read as they are needed.
        rate_hz, voice
            As in `classify`.
        jobs : int
            Processes, each with a copy of the model; -1 for one a core.

        Examples
        --------
        >>> from ml import load_model
        >>> from ml.errors import UndertoneError
        >>> for heard in load_model().classify_many(["samples/weary.wav", "README.md"]):
        ...     print(heard if isinstance(heard, UndertoneError) else f"{heard.duration_s} seconds")
        3.6 seconds
        This file is none of the formats that can be read: WAV, FLAC, OGG (Opus or Vorbis), MP3, M4A/MP4/AAC or WebM.
        """
        parallel = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="2*n_jobs")
        answers: Iterator[Prediction | UndertoneError] = parallel(
            delayed(self._outcome)(audio, rate_hz, voice) for audio in recordings
        )
        return answers

    def normal_voice(self, recordings: Sequence[Audio], *, rate_hz: int | None = None) -> Voice:
        """What to remember of a speaker's normal voice, from one to five recordings of their ordinary speech.

        Raises
        ------
        ml.errors.AudioError
            Where a recording cannot be used, or all together hold too little speech (`too_short`).
        ml.errors.RequestError
            Where there are none, or more than five, or the model cannot use a normal voice (`invalid_voice`).

        Examples
        --------
        >>> from ml import load_model
        >>> model = load_model()
        >>> voice = model.normal_voice(["samples/gentle.wav", "samples/weary.wav"])
        >>> model.classify("samples/furious.wav", voice=voice).voice_used
        True
        """
        if not self._recogniser.takes_voice:
            raise RequestError("invalid_voice", f"The model {self.name} cannot use a speaker's normal voice.")
        with ExitStack() as opened:
            return self._recogniser.normal_voice(
                [opened.enter_context(_opened(audio, rate_hz)) for audio in recordings]
            )

    def _outcome(self, audio: Audio, rate_hz: int | None, voice: Voice | None) -> Prediction | UndertoneError:
        try:
            return self.classify(audio, rate_hz=rate_hz, voice=voice)
        except UndertoneError as error:
            return error


def _opened(audio: Audio, rate_hz: int | None) -> AbstractContextManager[Source]:
    """What is behind it, ready to be read."""
    if isinstance(audio, np.ndarray):
        if rate_hz is None:
            message = "Samples need their rate: say rate_hz=16000, or whatever it is."
            raise TypeError(message)
        return nullcontext(_wav(audio, rate_hz))
    if isinstance(audio, bytes):
        return nullcontext(audio)
    try:
        return Path(audio).open("rb")
    except OSError as error:
        raise AudioError("unreadable", f"{os.fspath(audio)} cannot be read ({error.strerror}).") from error


def _wav(samples: npt.NDArray[np.number], rate_hz: int) -> bytes:
    """Samples as a file, so that they go the same way as any recording, past the same checks."""
    upright = samples.T if samples.ndim == 2 and samples.shape[0] < samples.shape[1] else samples
    if samples.dtype.kind == "i":
        upright = upright / 2.0 ** (8 * samples.itemsize - 1)
    file = io.BytesIO()
    try:
        soundfile.write(file, upright.astype(np.float32), rate_hz, format="WAV", subtype="FLOAT")
    except (soundfile.SoundFileError, TypeError, ValueError) as error:
        raise AudioError("unusable_signal", f"This array holds no sound that can be read ({error}).") from error
    return file.getvalue()
