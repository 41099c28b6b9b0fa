"""What ours is compared with: the pipeline that the field's tutorials teach, and the least that any must do."""

from __future__ import annotations

import io

import librosa
import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.signal
import soundfile
import soxr

N_FFT, HOP = 2048, 512
BATCH_FRAMES = 64
HANN = scipy.signal.get_window("hann", N_FFT).astype(np.float32)


def field_vector(audio: bytes) -> npt.NDArray[np.float32]:
    """The field's 180 numbers of a WAV file, each family by a call of its own, at the file's rate, default tuning."""
    samples, rate_hz = librosa.load(io.BytesIO(audio), sr=None)
    magnitude = np.abs(librosa.stft(samples))
    mfcc = np.mean(librosa.feature.mfcc(y=samples, sr=rate_hz, n_mfcc=40).T, axis=0)
    chroma = np.mean(librosa.feature.chroma_stft(S=magnitude, sr=rate_hz).T, axis=0)
    mel = np.mean(librosa.feature.melspectrogram(y=samples, sr=rate_hz).T, axis=0)
    return np.hstack([mfcc, chroma, mel])


def floor(audio: bytes, rate_hz: int | None) -> None:
    """Read a WAV file, bring it to a rate (None leaves its own), transform its frames: no pipeline does less."""
    samples, from_hz = soundfile.read(io.BytesIO(audio), dtype="float32")
    if rate_hz is not None and rate_hz != from_hz:
        samples = soxr.resample(samples, from_hz, rate_hz, quality="HQ")
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, N_FFT // 2), N_FFT)[::HOP]
    for start in range(0, len(frames), BATCH_FRAMES):
        scipy.fft.rfft(frames[start : start + BATCH_FRAMES] * HANN)
