"""Bytes to samples, within limits.

Only what `ml.containers` recognises reaches a decoder, only from memory, and in blocks that stop at the limits:
headers lie (a 0.7 MB FLAC can decode to 42 GB).
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import av
import numpy as np
import soundfile
from av.audio.resampler import AudioResampler

from ml.audio import Clip, Samples, StreamResampler
from ml.containers import Container, sniff, unsupported
from ml.errors import AudioError
from ml.limits import Limits

BLOCK_FRAMES = 1 << 16
PEAK_LIMIT = 1e5  # float files sometimes hold integer-sized values, which are fine; beyond that squares overflow

# FFmpeg's demuxer and the codecs allowed in it, for what libsndfile cannot read.
FFMPEG_DEMUXERS = {
    Container.AAC: ("aac", {"aac"}),
    Container.MP4: ("mov", {"aac", "alac", "mp3", "opus", "flac"}),
    Container.WEBM: ("matroska", {"opus", "vorbis"}),
}


def decode(data: bytes, *, limits: Limits | None = None, rate_hz: int | None = None) -> Clip:
    """Decode a whole recording to one channel.

    Parameters
    ----------
    data : bytes
        The file.
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
    limits = limits or Limits()
    native_hz, blocks = open_blocks(data, limits=limits)
    resampler = StreamResampler(native_hz, rate_hz or native_hz)
    tape, frames = _Tape(), 0
    for block in blocks:
        frames += len(block)
        limits.check_length(frames, rate_hz=native_hz, channels=block.shape[1])
        tape.append(resampler.push(_checked(_mixed(block))))
    if frames < limits.min_seconds * native_hz:
        raise limits.too_short()
    tape.append(resampler.finish())
    return Clip(tape.cut(), resampler.rate_hz)


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


def _checked(samples: Samples) -> Samples:
    """Refuse NaN, infinities and absurd levels, which would spread through every feature."""
    peak = np.max(np.abs(samples), initial=0.0)
    if not peak < PEAK_LIMIT:
        raise AudioError(
            "unusable_signal", "This recording holds values that are not sound (NaN, infinite or absurdly large)."
        )
    return samples


def open_blocks(data: bytes, *, limits: Limits) -> tuple[int, Iterator[Samples]]:
    """Open a recording for reading in blocks.

    Returns
    -------
    rate_hz : int
    blocks : iterator of np.ndarray [shape=(frames, channels)]
        float32; raises `AudioError` (`undecodable`) where the file is broken.
    """
    container = sniff(data)
    if container in FFMPEG_DEMUXERS:
        return _open_with_ffmpeg(data, container, limits)
    return _open_with_sndfile(data, limits)


def _undecodable() -> AudioError:
    return AudioError("undecodable", "This file is damaged or incomplete and cannot be read as sound.")


class _Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is only read onwards: one written to a pipe does not know its length, and cannot be sought in."""

    def seekable(self) -> bool:
        """Never, so that soundfile does not try."""
        return False


def _open_with_sndfile(data: bytes, limits: Limits) -> tuple[int, Iterator[Samples]]:
    try:
        sound = _Forward(io.BytesIO(data))
    except (soundfile.SoundFileError, TypeError, ValueError) as error:
        raise _undecodable() from error
    try:
        limits.check_shape(rate_hz=sound.samplerate, channels=sound.channels)
    except AudioError:
        sound.close()
        raise
    return sound.samplerate, _sndfile_blocks(sound)


def _sndfile_blocks(sound: soundfile.SoundFile) -> Iterator[Samples]:
    with sound:
        while True:
            try:
                block = sound.read(BLOCK_FRAMES // sound.channels + 1, dtype="float32", always_2d=True)
            except soundfile.SoundFileError as error:
                raise _undecodable() from error
            if not len(block):
                return
            yield block


def _open_with_ffmpeg(data: bytes, container: Container, limits: Limits) -> tuple[int, Iterator[Samples]]:
    demuxer, codecs = FFMPEG_DEMUXERS[container]
    options = {"format_whitelist": demuxer, "protocol_whitelist": ""}
    try:
        source = av.open(io.BytesIO(data), "r", format=demuxer, options=options, metadata_errors="ignore")
    except (av.FFmpegError, ValueError) as error:
        raise _undecodable() from error
    try:
        context = source.streams.audio[0].codec_context if source.streams.audio else None
        if context is None or context.codec.canonical_name not in codecs:  # none for a codec that FFmpeg does not know
            raise unsupported()
        limits.check_shape(rate_hz=context.sample_rate or 0, channels=context.layout.nb_channels)
    except AudioError:
        source.close()
        raise
    return context.sample_rate, _ffmpeg_blocks(source, context.sample_rate, context.layout.nb_channels)


def _ffmpeg_blocks(source: av.container.InputContainer, rate_hz: int, channels: int) -> Iterator[Samples]:
    # The resampler only makes floats, interleaved (PyAV reads no further than eight planes, but does not say so):
    # rate and layout stay, since FFmpeg's rate conversion shifts features.
    as_floats = AudioResampler(format="flt")
    with source:
        try:
            for frame in source.decode(audio=0):
                if (frame.sample_rate, frame.layout.nb_channels) != (rate_hz, channels):  # damaged frames claim others
                    raise _undecodable()
                for floats in as_floats.resample(frame):
                    yield np.asarray(floats.to_ndarray(), dtype=np.float32).reshape(-1, channels)
        except (av.FFmpegError, ValueError) as error:
            raise _undecodable() from error
