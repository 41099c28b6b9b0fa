"""One short-time Fourier transform that all feature families share.

The same numbers as librosa's own functions give one by one (a test holds them together), computed once, in float32
and in batches of frames, so that a ten-minute recording's spectrum never stands in memory whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import librosa
import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.signal

from ml.audio import Clip

Matrix = npt.NDArray[np.float32]

BATCH_FRAMES = 64  # what is computed of them then stays in the processor's cache
N_MELS = 128
MELS_TOGETHER = 16


@dataclass(frozen=True, kw_only=True)
class Frames:
    """How a clip is cut into frames: centred, Hann window; librosa's defaults.

    Attributes
    ----------
    n_fft : int
        Length of a frame and of its Fourier transform, in samples.
    hop_length : int
        Samples from one frame to the next.
    """

    n_fft: int = 2048
    hop_length: int = 512


@lru_cache(maxsize=32)
def mel_filters(rate_hz: int, n_fft: int) -> Matrix:
    """Slaney's mel filters as librosa builds them [shape=(1 + n_fft/2, 128)]."""
    return np.ascontiguousarray(librosa.filters.mel(sr=rate_hz, n_fft=n_fft, n_mels=N_MELS).T)


@lru_cache(maxsize=32)
def _mel_groups(rate_hz: int, n_fft: int) -> tuple[tuple[slice, Matrix], ...]:
    """The same filters in groups of neighbours: the bins where a group is not zero, and its weights there."""
    filters = mel_filters(rate_hz, n_fft)
    groups = []
    for first in range(0, N_MELS, MELS_TOGETHER):
        group = filters[:, first : first + MELS_TOGETHER]
        used = np.flatnonzero(group.any(axis=1))
        bins = slice(used[0], used[-1] + 1) if len(used) else slice(0)
        groups.append((bins, np.ascontiguousarray(group[bins])))
    return tuple(groups)


@lru_cache(maxsize=32)
def chroma_filters(rate_hz: int, n_fft: int) -> Matrix:
    """Librosa's chroma filters without tuning correction [shape=(1 + n_fft/2, 12)]: speech has no concert pitch."""
    return np.ascontiguousarray(librosa.filters.chroma(sr=rate_hz, n_fft=n_fft, tuning=0.0).T)


@lru_cache(maxsize=32)
def _hann(n_fft: int) -> Matrix:
    window: Matrix = scipy.signal.get_window("hann", n_fft, fftbins=True).astype(np.float32)
    return window


@dataclass(frozen=True)
class Batch:
    """Some consecutive frames of a clip and what several families need of them, each computed once.

    Attributes
    ----------
    frames : np.ndarray [shape=(t, n_fft)]
        Samples, before the window.
    rate_hz : int
    """

    frames: Matrix
    rate_hz: int

    @property
    def n_fft(self) -> int:
        """Length of a frame in samples."""
        return int(self.frames.shape[1])

    @cached_property
    def power(self) -> Matrix:
        """|STFT|² [shape=(t, 1 + n_fft/2)]."""
        transform = scipy.fft.rfft(self.frames * _hann(self.n_fft))
        power: Matrix = transform.real**2
        power += transform.imag**2
        return power

    @cached_property
    def magnitude(self) -> Matrix:
        """|STFT| [shape=(t, 1 + n_fft/2)]."""
        return np.sqrt(self.power)

    @cached_property
    def mel_power(self) -> Matrix:
        """Power in 128 mel bands [shape=(t, 128)]."""
        groups = _mel_groups(self.rate_hz, self.n_fft)
        return np.concatenate([self.power[:, bins] @ weights for bins, weights in groups], axis=1)


def batches(clip: Clip, frames: Frames) -> Iterator[Batch]:
    """Cut a clip into batches of centred frames, zeros beyond its ends."""
    padded = np.pad(clip.samples, frames.n_fft // 2)
    framed = np.lib.stride_tricks.sliding_window_view(padded, frames.n_fft)[:: frames.hop_length]
    for start in range(0, len(framed), BATCH_FRAMES):
        yield Batch(framed[start : start + BATCH_FRAMES], clip.rate_hz)
