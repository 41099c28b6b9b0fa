"""The two decoders, libsndfile and FFmpeg: what `ml.containers` recognised, as blocks of samples.

Both read from memory, or from a file that is already open, and know no names: nothing that a recording says makes
them open anything else.
"""

from __future__ import annotations

import io
import mmap
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

import av
import numpy as np
import soundfile
from av.audio.resampler import AudioResampler

from ml.audio import Samples
from ml.containers import Container, sniff, unsupported
from ml.errors import AudioError
from ml.limits import Limits

BLOCK_FRAMES = 1 << 16
SNIFFED_BYTES = 1 << 25  # what lies before the sound in some files: pictures, texts

# FFmpeg's demuxer and the codecs allowed in it, for what libsndfile cannot read.
FFMPEG_DEMUXERS = {
    Container.AAC: ("aac", {"aac"}),
    Container.MP4: ("mov", {"aac", "alac", "mp3", "opus", "flac"}),
    Container.WEBM: ("matroska", {"opus", "vorbis"}),
}

PROBED = {Container.AAC: {"probesize": str(1 << 20)}}  # all frames say the same: not five megabytes of them

ENDS_S = 1.0  # decoders leave out less than this at the ends
MOST_PACKETS_PER_S = 150
FIRST_PACKETS = 1_000
"""Most recorders make ten to a hundred packets a second; each costs time, even if it holds nothing."""

CRUMBS = "This recording is cut into too many small packets. Please save it as WAV and try again."

Source = bytes | BinaryIO


def open_blocks(data: Source, *, limits: Limits) -> tuple[int, Iterator[Samples]]:
    """Open a recording for reading in blocks.

    Returns
    -------
    rate_hz : int
    blocks : iterator of np.ndarray [shape=(frames, channels)]
        float32; raises `AudioError` (`undecodable`) where the file is broken.
    """
    if isinstance(data, bytes):
        return _open(io.BytesIO(data), sniff(data), limits)
    return _open(data, _sniff_file(data), limits)


def _open(file: BinaryIO, container: Container, limits: Limits) -> tuple[int, Iterator[Samples]]:
    if container in FFMPEG_DEMUXERS:
        return _open_with_ffmpeg(file, container, limits)
    return _open_with_sndfile(file, container, limits)


def _sniff_file(file: BinaryIO) -> Container:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        raise unsupported()
    with mmap.mmap(file.fileno(), min(size, SNIFFED_BYTES), access=mmap.ACCESS_READ) as start:
        return sniff(start)


def _undecodable() -> AudioError:
    return AudioError("undecodable", "This file is damaged or incomplete and cannot be read as sound.")


class _Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is only read onwards: one written to a pipe does not know its length, and cannot be sought in."""

    def seekable(self) -> bool:
        """Never, so that soundfile does not try."""
        return False


def _open_with_sndfile(file: BinaryIO, container: Container, limits: Limits) -> tuple[int, Iterator[Samples]]:
    try:
        sound = _Forward(file)
    except (soundfile.SoundFileError, TypeError, ValueError) as error:
        raise _undecodable() from error
    try:
        limits.check_shape(rate_hz=sound.samplerate, channels=sound.channels)
        if container is Container.OGG:  # each of its pages says when it plays; the heads of other files may lie
            limits.check_length(sound.frames, rate_hz=sound.samplerate, channels=sound.channels)
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


def _open_with_ffmpeg(file: BinaryIO, container: Container, limits: Limits) -> tuple[int, Iterator[Samples]]:
    _, codecs = FFMPEG_DEMUXERS[container]
    with _demuxed(file, container) as source:
        context = source.streams.audio[0].codec_context if source.streams.audio else None
        if context is None or context.codec.canonical_name not in codecs:  # none for a codec that FFmpeg does not know
            raise unsupported()
        rate_hz, channels = context.sample_rate or 0, context.layout.nb_channels
        limits.check_shape(rate_hz=rate_hz, channels=channels)
        _check_packets(source, limits, rate_hz, channels)
    return rate_hz, _ffmpeg_blocks(file, container, rate_hz, channels)


def _demuxed(file: BinaryIO, container: Container) -> av.container.InputContainer:
    demuxer, _ = FFMPEG_DEMUXERS[container]
    options = {"format_whitelist": demuxer, "protocol_whitelist": "", **PROBED.get(container, {})}
    file.seek(0)
    try:
        return av.open(file, "r", format=demuxer, options=options, metadata_errors="ignore")
    except (av.FFmpegError, ValueError) as error:
        raise _undecodable() from error


def _check_packets(source: av.container.InputContainer, limits: Limits, rate_hz: int, channels: int) -> None:
    """Refuse by its packets what plays for too long, or is cut too small, in a tenth of the time of decoding them."""
    tick_s = float(source.streams.audio[0].time_base or 0)
    played_s = 0.0
    with suppress(av.FFmpegError, ValueError):  # what is damaged is found, and told, by decoding
        for number, packet in enumerate(source.demux(audio=0)):
            played_s += max(packet.duration or 0, 0) * tick_s
            frames = round((played_s - ENDS_S) * rate_hz)
            limits.check_length(frames, rate_hz=rate_hz, channels=channels)
            if number > FIRST_PACKETS + MOST_PACKETS_PER_S * played_s:
                raise AudioError("unusable_signal", CRUMBS)


def _ffmpeg_blocks(file: BinaryIO, container: Container, rate_hz: int, channels: int) -> Iterator[Samples]:
    # The resampler only makes floats, interleaved (PyAV reads no further than eight planes, but does not say so):
    # rate and layout stay, since FFmpeg's rate conversion shifts features.
    as_floats = AudioResampler(format="flt")
    with _demuxed(file, container) as source:
        try:
            for frame in source.decode(audio=0):
                if (frame.sample_rate, frame.layout.nb_channels) != (rate_hz, channels):  # damaged frames claim others
                    raise _undecodable()
                for floats in as_floats.resample(frame):
                    yield np.asarray(floats.to_ndarray(), dtype=np.float32).reshape(-1, channels)
        except (av.FFmpegError, ValueError) as error:
            raise _undecodable() from error
