"""Feature families: the groups of numbers that experimenters switch on and off.

Each is the mean over frames of what librosa's function of the same name gives with its default parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import librosa
import numpy as np
import scipy.fft

from ml.errors import AudioError
from ml.features.spectrum import N_MELS, Batch, Matrix, chroma_filters

N_MFCC = 40
CONTRAST_ABOVE_HZ = 12_800  # librosa's highest band begins at 6,400 Hz
PITCH_CLASSES = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")


def _mean(per_frame: Matrix) -> Matrix:
    mean: Matrix = per_frame.mean(axis=0)
    return mean


@dataclass(frozen=True)
class Family:
    """One group of numbers.

    Attributes
    ----------
    names : tuple of str
        A name for each number.
    per_frame : callable
        Batch of t frames to values [shape=(t, k)].
    summarise : callable
        All frames' values to the family's numbers [shape=(len(names),)].
    """

    names: tuple[str, ...]
    per_frame: Callable[[Batch], Matrix]
    summarise: Callable[[Matrix], Matrix] = _mean


def _chroma(batch: Batch) -> Matrix:
    return batch.magnitude @ chroma_filters(batch.rate_hz, batch.n_fft)


def _mean_of_normalised(per_frame: Matrix) -> Matrix:
    return _mean(librosa.util.normalize(per_frame, norm=np.inf, axis=1))


def _mfcc(mel_power: Matrix) -> Matrix:
    # The 80 dB floor hangs from the loudest band of the whole clip, so it waits until all frames are there. The cosine
    # transform is linear: transforming the mean of the frames is the mean of the transforms.
    decibels = librosa.power_to_db(mel_power).mean(axis=0)
    return np.asarray(scipy.fft.dct(decibels, type=2, norm="ortho")[:N_MFCC], dtype=np.float32)


def _centroid(batch: Batch) -> Matrix:
    return _of_magnitude(librosa.feature.spectral_centroid, batch)


def _bandwidth(batch: Batch) -> Matrix:
    return _of_magnitude(librosa.feature.spectral_bandwidth, batch)


def _contrast(batch: Batch) -> Matrix:
    if batch.rate_hz <= CONTRAST_ABOVE_HZ:
        raise AudioError(
            "unusable_signal", f"Spectral contrast needs more than {CONTRAST_ABOVE_HZ:,} samples a second."
        )
    return _of_magnitude(librosa.feature.spectral_contrast, batch)


def _rolloff(batch: Batch) -> Matrix:
    return _of_magnitude(librosa.feature.spectral_rolloff, batch)


def _of_magnitude(function: Callable[..., Matrix], batch: Batch) -> Matrix:
    per_frame: Matrix = function(S=batch.magnitude.T, sr=batch.rate_hz, n_fft=batch.n_fft).T
    return per_frame


def _rms(batch: Batch) -> Matrix:
    per_frame: Matrix = np.sqrt(np.mean(np.square(batch.frames), axis=1, keepdims=True))
    return per_frame


def _zero_crossing_rate(batch: Batch) -> Matrix:
    negative = np.signbit(np.where(np.abs(batch.frames) < 1e-10, 0, batch.frames))
    crossings = negative[:, 1:] != negative[:, :-1]
    per_frame: Matrix = (crossings.sum(axis=1, keepdims=True) / batch.n_fft).astype(np.float32)
    return per_frame


FAMILIES = {
    "mfcc": Family(tuple(f"mfcc_{i:02}" for i in range(1, N_MFCC + 1)), lambda batch: batch.mel_power, _mfcc),
    "chroma": Family(tuple(f"chroma_{name}" for name in PITCH_CLASSES), _chroma, _mean_of_normalised),
    "mel": Family(tuple(f"mel_{i:03}" for i in range(1, N_MELS + 1)), lambda batch: batch.mel_power),
    "centroid": Family(("centroid_hz",), _centroid),
    "bandwidth": Family(("bandwidth_hz",), _bandwidth),
    "contrast": Family(tuple(f"contrast_{i}_db" for i in range(1, 8)), _contrast),
    "rolloff": Family(("rolloff_hz",), _rolloff),
    "rms": Family(("rms",), _rms),
    "zcr": Family(("zero_crossing_rate",), _zero_crossing_rate),
}
