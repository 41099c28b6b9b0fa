"""Clips, and what is done to every one of them before its features are taken."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import soxr

from ml.errors import AudioError

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

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self.rate_hz = to_hz
        self._stream = None
        if from_hz != to_hz:
            self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")

    def push(self, samples: Samples) -> Samples:
        """What the resampler has ready after these samples; it may be empty."""
        return samples if self._stream is None else self._stream.resample_chunk(samples)

    def finish(self) -> Samples:
        """The rest; call it once."""
        nothing = np.zeros(0, dtype=np.float32)
        return nothing if self._stream is None else self._stream.resample_chunk(nothing, last=True)


def resample(clip: Clip, rate_hz: int | None) -> Clip:
    """The clip at another rate; `None` leaves it as it is."""
    if rate_hz is None or rate_hz == clip.rate_hz:
        return clip
    resampler = StreamResampler(clip.rate_hz, rate_hz)
    return Clip(np.concatenate([resampler.push(clip.samples), resampler.finish()]), rate_hz)


@dataclass(frozen=True, kw_only=True)
class Trim:
    """Where speech begins and ends.

    Frames are active down to `depth_db` under loud speech, or down to `margin_db` over the noise floor where the
    recording is noisy, but never closer than `least_db` to loud speech.
    """

    depth_db: float = 30.0
    margin_db: float = 10.0
    least_db: float = 12.0


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
    trim : Trim or None
        None cuts nothing.
    levelling : Levelling or None
        None leaves the level.
    """

    VERSION: ClassVar[int] = 1  # raised whenever the same parameters give other samples: cached vectors depend on it

    rate_hz: int | None = None
    trim: Trim | None = None
    levelling: Levelling | None = None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Conditioning:
        """The inverse of `dataclasses.asdict`."""
        trim, levelling = data.get("trim"), data.get("levelling")
        return cls(
            rate_hz=data.get("rate_hz"),
            trim=Trim(**trim) if trim else None,
            levelling=Levelling(**levelling) if levelling else None,
        )


FRAME_S = 0.030
HOP_S = 0.010
SILENCE_DB = -80.0  # some last bits of 16-bit sound, as a muted microphone delivers: nothing was recorded


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
    if _is_silent(clip):
        raise AudioError(
            "no_speech", "There is only silence in this recording. Please check the microphone and try again."
        )
    samples, speech_s = clip.samples, clip.duration_s
    if conditioning.trim is not None:
        active = np.flatnonzero(is_active(frame_levels_db(clip), conditioning.trim))
        samples = samples[_span(active, clip.rate_hz)]
        speech_s = min(len(active) * HOP_S, clip.duration_s)
    if conditioning.levelling is not None:
        samples = _levelled(samples, conditioning.levelling, clip.rate_hz)
    return Clip(samples, clip.rate_hz, speech_s)


def _is_silent(clip: Clip) -> bool:
    offset = clip.samples.sum() / max(1, len(clip.samples))  # a constant, as cheap sound cards add, is no sound
    return bool(frame_levels_db(Clip(clip.samples - offset, clip.rate_hz)).max() < SILENCE_DB)


def frame_levels_db(clip: Clip) -> npt.NDArray[np.float64]:
    """Level of each 30 ms frame, every 10 ms, in dB against full scale [shape=(frames,)]."""
    hop, width = round(HOP_S * clip.rate_hz), round(FRAME_S * clip.rate_hz)
    energy = _running_energy(clip.samples)
    starts = np.arange(0, max(1, len(clip.samples) - width + 1), hop)
    ends = np.minimum(starts + width, len(clip.samples))
    return 10 * np.log10(np.maximum((energy[ends] - energy[starts]) / width, 1e-20))


def _running_energy(samples: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])


def is_active(levels_db: npt.NDArray[np.float64], trim: Trim) -> npt.NDArray[np.bool_]:
    """Which frames are loud enough to be speech [shape=(frames,)]."""
    # Digital silence says nothing about the room, so the percentiles leave it out.
    floor_db, loud_db = np.percentile(levels_db[levels_db > levels_db.max() - 60], (10, 95))
    threshold_db = max(loud_db - trim.depth_db, min(floor_db + trim.margin_db, loud_db - trim.least_db))
    active: npt.NDArray[np.bool_] = levels_db >= threshold_db
    return active


def _span(active: npt.NDArray[np.int64], rate_hz: int) -> slice:
    return slice(round(active[0] * HOP_S * rate_hz), round((active[-1] * HOP_S + FRAME_S) * rate_hz))


def _levelled(samples: Samples, levelling: Levelling, rate_hz: int) -> Samples:
    power = np.square(samples, dtype=np.float64)
    least = levelling.floor * power.mean()
    for _ in range(2):
        power = _moving_average(power, round(levelling.window_s * rate_hz) | 1)
    even = samples * np.maximum(power, least) ** (-levelling.strength / 2)
    even *= levelling.rms / np.sqrt(np.mean(np.square(even)))
    levelled: Samples = even.astype(np.float32)
    return levelled


def _moving_average(values: npt.NDArray[np.float64], width: int) -> npt.NDArray[np.float64]:
    total = np.concatenate([[0.0], np.cumsum(values)])
    centres = np.arange(len(values))
    starts, ends = np.maximum(centres - width // 2, 0), np.minimum(centres + width // 2 + 1, len(values))
    average: npt.NDArray[np.float64] = (total[ends] - total[starts]) / (ends - starts)
    return average
