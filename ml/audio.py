"""Clips, and what is done to every one of them before its features are taken."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import soxr
from scipy.ndimage import uniform_filter1d

from ml.errors import AudioError
from ml.trimming import SILENCE_DB, Span, Trim, frame_levels_db, trim_from_dict

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Clip:
    """One channel of sound.

    Attributes
    ----------
    samples : np.ndarray [shape=(n,)]
        float32, nominally in [-1, 1].
    rate_hz : int
    speech_s : float or None
        How much of it is speech, in seconds, once that was looked for.
    """

    samples: Samples
    rate_hz: int
    speech_s: float | None = None

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate_hz

    @cached_property
    def digest(self) -> str:
        """Hash of the samples and their rate: two files that sound the same to the bit share it."""
        return hashlib.blake2b(self.samples.tobytes(), digest_size=16, key=str(self.rate_hz).encode()).hexdigest()


class StreamResampler:
    """soxr's high-quality resampler (the one librosa uses), fed in blocks.

    Parameters
    ----------
    from_hz, to_hz : int
        Equal rates pass blocks through untouched.
    """

    EDGE_S: ClassVar[float] = 0.02  # of sound is waited for, to know the offset that a recording begins on

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self.rate_hz = to_hz
        self._stream = None
        self._edge = round(self.EDGE_S * from_hz)
        self._begun: Samples = np.zeros(0, dtype=np.float32)
        self._offset: np.float32 | None = None
        if from_hz != to_hz:
            self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")

    def push(self, samples: Samples) -> Samples:
        """What the resampler has ready after these samples; it may be empty."""
        return samples if self._stream is None else self._resampled(self._stream, samples, last=False)

    def finish(self) -> Samples:
        """The rest; call it once."""
        nothing = np.zeros(0, dtype=np.float32)
        return nothing if self._stream is None else self._resampled(self._stream, nothing, last=True)

    def _resampled(self, stream: soxr.ResampleStream, samples: Samples, *, last: bool) -> Samples:
        if self._offset is None:
            samples = np.concatenate([self._begun, samples]) if len(self._begun) else samples
            if len(samples) < self._edge and not last:
                self._begun = samples.copy()
                return samples[:0]
            self._offset = _edge_offset(samples[: self._edge])
        if not self._offset:
            return stream.resample_chunk(samples, last=last)
        return stream.resample_chunk(samples - self._offset, last=last) + self._offset


def _edge_offset(edge: Samples) -> np.float32:
    """What a recording begins on: soxr takes what is around for zeros, and an offset would be a click."""
    offset = np.float32(edge.mean(dtype=np.float64)) if len(edge) else np.float32(0)
    return offset if abs(offset) > 10 ** (SILENCE_DB / 20) else np.float32(0)


def resample(clip: Clip, rate_hz: int | None) -> Clip:
    """The clip at another rate; `None` leaves it as it is."""
    if rate_hz is None or rate_hz == clip.rate_hz:
        return clip
    resampler = StreamResampler(clip.rate_hz, rate_hz)
    return Clip(np.concatenate([resampler.push(clip.samples), resampler.finish()]), rate_hz, clip.speech_s)


@dataclass(frozen=True, kw_only=True)
class Levelling:
    """Automatic gain: the clip is divided by its own smoothed level, so that loud and soft syllables weigh alike.

    Attributes
    ----------
    window_s : float
        Length of the moving average of the power, which is applied twice.
    strength : float
        1 makes every moment equally loud; above it, soft moments come out louder than loud ones.
    floor : float
        Share of the mean power under which nothing is raised further.
    rms : float
        Root mean square of the result.
    """

    window_s: float = 0.1
    strength: float = 1.3
    floor: float = 0.01
    rms: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Conditioning:
    """What is done to a clip before its features are taken, the same in training and in serving.

    Attributes
    ----------
    rate_hz : int or None
        Working rate; None keeps the clip's own.
    trim : LevelTrim, BandTrim or None
        Where speech begins and ends (`ml.trimming`), and what is kept loses its constant offset; None cuts nothing and
        leaves the offset.
    levelling : Levelling or None
        None leaves the level.
    """

    VERSION: ClassVar[int] = 4  # raised whenever the same parameters give other samples: cached vectors depend on it

    rate_hz: int | None = None
    trim: Trim | None = None
    levelling: Levelling | None = None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Conditioning:
        """The inverse of `dataclasses.asdict`."""
        trim, levelling = data.get("trim"), data.get("levelling")
        return cls(
            rate_hz=data.get("rate_hz"),
            trim=trim_from_dict(trim) if trim else None,
            levelling=Levelling(**levelling) if levelling else None,
        )


def condition(clip: Clip, conditioning: Conditioning) -> Clip:
    """Prepare a clip, already at its working rate, for feature extraction.

    Parameters
    ----------
    clip : Clip
    conditioning : Conditioning

    Raises
    ------
    AudioError
        `no_speech`.
    """
    return level(trim(clip, conditioning), conditioning)


def trim(clip: Clip, conditioning: Conditioning) -> Clip:
    """Cut what is before and after speech, and say how much of the rest is speech.

    Raises
    ------
    AudioError
        `no_speech` where there is only silence.
    """
    return cut(clip, speech_span(clip, conditioning), conditioning)


def cut(clip: Clip, span: Span, conditioning: Conditioning) -> Clip:
    """What lies in a span; where the conditioning trims, without the constant offset that cheap sound cards add."""
    samples = clip.samples[span.start : span.end]
    return Clip(samples - constant_offset(samples, conditioning), clip.rate_hz, span.speech_s)


def constant_offset(samples: Samples, conditioning: Conditioning) -> np.float32:
    """What is to be taken from each sample of what was trimmed."""
    return np.float32(0) if conditioning.trim is None else np.float32(samples.mean(dtype=np.float64))


def speech_span(clip: Clip, conditioning: Conditioning) -> Span:
    """What `trim` keeps of a clip; raises what it raises."""
    if frame_levels_db(clip.samples, clip.rate_hz).max() < SILENCE_DB:
        raise AudioError(
            "no_speech", "There is only silence in this recording. Please check the microphone and try again."
        )
    if conditioning.trim is None:
        return Span(0, len(clip.samples), clip.duration_s)
    span = conditioning.trim.span(clip.samples, clip.rate_hz)
    return replace(span, end=min(span.end, len(clip.samples)), speech_s=min(span.speech_s, clip.duration_s))


def level(clip: Clip, conditioning: Conditioning) -> Clip:
    """Bring a clip to an even loudness, where the conditioning asks for it."""
    if conditioning.levelling is None:
        return clip
    return Clip(_levelled(clip.samples, conditioning.levelling, clip.rate_hz), clip.rate_hz, clip.speech_s)


def split(clip: Clip, longest_s: float) -> list[Clip]:
    """Cut a long clip into equal pieces, each at most so long: what is heard in one does not depend on the others."""
    count = max(1, ceil(clip.duration_s / longest_s))
    bounds = np.linspace(0, len(clip.samples), count + 1).round().astype(int)
    speech_s = clip.duration_s if clip.speech_s is None else clip.speech_s
    return [Clip(clip.samples[a:b], clip.rate_hz, speech_s / count) for a, b in pairwise(bounds)]


def _levelled(samples: Samples, levelling: Levelling, rate_hz: int) -> Samples:
    power = np.square(samples, dtype=np.float64)
    least = levelling.floor * power.mean()
    for _ in range(2):
        power = uniform_filter1d(power, round(levelling.window_s * rate_hz) | 1, mode="constant")
    even = samples * np.maximum(power, least) ** (-levelling.strength / 2)
    even *= levelling.rms / np.sqrt(np.mean(np.square(even)))
    return even.astype(np.float32)
