"""Bytes to samples, within limits.

Only what `ml.containers` recognises reaches a decoder, only from memory, and in blocks that stop at the limits:
headers lie (a 0.7 MB FLAC can decode to 42 GB).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Literal

import numpy as np

from ml.audio import Clip, Samples, StreamResampler
from ml.decoders import Source, open_blocks
from ml.errors import AudioError
from ml.limits import Limits
from ml.trimming import SILENCE_DB

SAME_SOUND = 1e-3  # of the power: what coders that join both channels add to one of them
UNHEARD = 10 ** (SILENCE_DB / 10)
PEAK_LIMIT = 1e5  # float files sometimes hold integer-sized values, which are fine; beyond that squares overflow

Channel = Literal["mix", "left", "right"]


class Sides(StrEnum):
    """What a recording has left and right."""

    ONE = "one"
    SAME = "same"
    DIFFERENT = "different"


def decode(data: Source, *, limits: Limits | None = None, rate_hz: int | None = None) -> Clip:
    """Decode a whole recording to one channel.

    Parameters
    ----------
    data : bytes or binary file
    limits : Limits, optional
    rate_hz : int, optional
        Resample to this rate on the way, block by block, so that a long recording at a high rate never stands in
        memory whole. By default the recording keeps its own.

    Returns
    -------
    Clip
        The mean of all channels, float32.

    Raises
    ------
    AudioError
        `unsupported_format`, `undecodable`, `too_short`, `too_long` or `unusable_signal`.
    """
    working_hz, blocks = read_channels(data, limits=limits, rate_hz=rate_hz)
    tape = _Tape()
    for (mix,) in blocks:
        tape.append(mix)
    return Clip(tape.cut(), working_hz)


def read_channels(
    data: Source, *, wanted: Sequence[Channel] = ("mix",), limits: Limits | None = None, rate_hz: int | None = None
) -> tuple[int, Iterator[tuple[Samples, ...]]]:
    """Decode a recording of any length in blocks.

    Parameters
    ----------
    data : bytes or binary file
    wanted : sequence of str
        `mix` is the mean of all channels, `left` and `right` are the first two.
    limits : Limits, optional
    rate_hz : int, optional
        Resample to this rate. By default the recording keeps its own.

    Returns
    -------
    rate_hz : int
    blocks : iterator of tuple of np.ndarray [shape=(n,)]
        A block of each channel that is wanted; raises what `decode` raises.
    """
    limits = limits or Limits()
    native_hz, blocks = open_blocks(data, limits=limits)
    working_hz = rate_hz or native_hz
    resamplers = [StreamResampler(native_hz, working_hz) for _ in wanted]

    def read() -> Iterator[tuple[Samples, ...]]:
        frames = 0
        for block in blocks:
            frames += len(block)
            limits.check_length(frames, rate_hz=native_hz, channels=block.shape[1])
            checked = [_checked(_CHANNELS[name](block)) for name in wanted]
            yield tuple(resampler.push(part) for resampler, part in zip(resamplers, checked, strict=True))
        if frames < limits.min_seconds * native_hz:
            raise limits.too_short()
        yield tuple(resampler.finish() for resampler in resamplers)

    return working_hz, read()


class _Tape:
    """Samples that keep coming: the system moves the pages of a large array as it grows, so no second copy exists."""

    STEP = 1 << 18

    def __init__(self) -> None:
        self._samples: Samples = np.empty(0, dtype=np.float32)
        self._length = 0

    def append(self, samples: Samples) -> None:
        end = self._length + len(samples)
        if end > len(self._samples):
            self._samples.resize(max(end, len(self._samples) + self.STEP), refcheck=False)
        self._samples[self._length : end] = samples
        self._length = end

    def cut(self) -> Samples:
        self._samples.resize(self._length, refcheck=False)
        return self._samples


def _mixed(block: Samples) -> Samples:
    """The mean of all channels [shape=(frames,)]."""
    total = block[:, 0]
    for channel in block.T[1:]:  # many times as fast as numpy's mean over so short an axis
        total = total + channel
    return total / np.float32(block.shape[1]) if block.shape[1] > 1 else total


_CHANNELS: dict[Channel, Callable[[Samples], Samples]] = {
    "mix": _mixed,
    "left": lambda block: np.ascontiguousarray(block[:, 0]),
    "right": lambda block: np.ascontiguousarray(block[:, 1]),
}


def sides(data: Source, *, limits: Limits | None = None) -> Sides:
    """Whether left and right are there and differ; reads no further than to the first difference.

    Raises
    ------
    AudioError
        What `decode` raises of a file that cannot be read.
    """
    _, blocks = open_blocks(data, limits=limits or Limits())
    several = False
    for block in blocks:
        several = block.shape[1] > 1
        if not several:
            break
        difference, sound = np.square(block[:, 0] - block[:, 1]).sum(), np.square(block[:, :2]).sum()
        if difference > SAME_SOUND * sound + UNHEARD * len(block):
            return Sides.DIFFERENT
    return Sides.SAME if several else Sides.ONE


def _checked(samples: Samples) -> Samples:
    """Refuse NaN, infinities and absurd levels, which would spread through every feature."""
    peak = np.max(np.abs(samples), initial=0.0)
    if not peak < PEAK_LIMIT:
        raise AudioError(
            "unusable_signal", "This recording holds values that are not sound (NaN, infinite or absurdly large)."
        )
    return samples
