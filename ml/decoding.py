"""Bytes to samples, through an allowlist and within limits.

What a file is called decides nothing: its first bytes choose the decoder. Both decoders are C libraries with a history
of memory errors, so only the formats of the contract ever reach them, only from memory, and in blocks that stop at
the limits: headers lie (a 0.7 MB FLAC can decode to 42 GB).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import av
import numpy as np
import soundfile
from av.audio.resampler import AudioResampler

from ml.audio import Clip, Samples, StreamResampler
from ml.errors import AudioError

BLOCK_FRAMES = 1 << 16
PEAK_LIMIT = 1e5  # float files sometimes hold integer-sized values, which are fine; beyond that squares overflow


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a recording may be, whatever its header claims.

    Attributes
    ----------
    min_seconds, max_seconds : float
        Shortest and longest recording.
    min_rate_hz, max_rate_hz : int
        Sampling rates that can carry speech and are really used.
    max_channels : int
    """

    min_seconds: float = 0.5
    max_seconds: float = 600.0
    min_rate_hz: int = 4_000
    max_rate_hz: int = 384_000
    max_channels: int = 32
    densest_hz: int = 96_000

    def check_shape(self, *, rate_hz: int, channels: int) -> None:
        """Refuse absurd rates and channel counts.

        Raises
        ------
        AudioError
            `unusable_signal`.
        """
        if not self.min_rate_hz <= rate_hz <= self.max_rate_hz:
            raise AudioError(
                "unusable_signal",
                f"This recording claims {rate_hz:,} samples a second; it must be between "
                f"{self.min_rate_hz:,} and {self.max_rate_hz:,}.",
            )
        if not 1 <= channels <= self.max_channels:
            raise AudioError(
                "unusable_signal",
                f"This recording claims {channels:,} channels; at most {self.max_channels} can be read.",
            )

    def check_length(self, frames: int, *, rate_hz: int, channels: int) -> None:
        """Refuse a recording of which so much was read already.

        Raises
        ------
        AudioError
            `too_long`.
        """
        if frames > self.max_seconds * rate_hz:
            raise AudioError(
                "too_long",
                f"This recording is longer than {self.max_seconds:g} seconds. Please send a shorter part of it.",
            )
        if frames * channels > self.max_seconds * self.densest_hz:
            raise AudioError(
                "too_long",
                f"This recording holds too many samples: with {channels} channels of {rate_hz:,} a second it may be "
                f"{self.max_seconds * self.densest_hz / channels / rate_hz:,.0f} seconds long. "
                "Please send a shorter part of it.",
            )

    def too_short(self) -> AudioError:
        """The answer to a recording under the limit."""
        return AudioError(
            "too_short", f"This recording is shorter than {self.min_seconds:g} seconds. Please record a whole sentence."
        )


class Container(StrEnum):
    """The containers of the contract."""

    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    MP3 = "mp3"
    AAC = "aac"
    MP4 = "mp4"
    WEBM = "webm"


# FFmpeg's demuxer and the codecs allowed in it, for what libsndfile cannot read.
FFMPEG_DEMUXERS = {
    Container.AAC: ("aac", {"aac"}),
    Container.MP4: ("mov", {"aac", "alac", "mp3", "opus", "flac"}),
    Container.WEBM: ("matroska", {"opus", "vorbis"}),
}

# WAVE format tags: PCM, IEEE float, A-law, µ-law (Microsoft mmreg.h); 0xFFFE carries one of them in its sub-format.
WAV_TAGS = {0x0001, 0x0003, 0x0006, 0x0007}
WAV_EXTENSIBLE = 0xFFFE
WAV_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def sniff(data: bytes) -> Container:
    """Name the container by its content.

    Raises
    ------
    AudioError
        `unsupported_format` for everything outside the contract.
    """
    if data[:4] in {b"RIFF", b"RF64"} and data[8:12] == b"WAVE":
        return _require(_wav_tag_allowed(data), Container.WAV)
    if data[:4] == b"fLaC":
        return Container.FLAC
    if data[:4] == b"OggS":
        return _require(any(codec in data[:128] for codec in (b"OpusHead", b"\x01vorbis")), Container.OGG)
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return _require(b"webm" in data[:128], Container.WEBM)
    if data[4:8] == b"ftyp":
        return Container.MP4
    return _sniff_mpeg(data)


def _require(condition: bool, container: Container) -> Container:
    if not condition:
        raise _unsupported()
    return container


def _unsupported() -> AudioError:
    return AudioError(
        "unsupported_format",
        "This file is none of the formats that can be read: WAV, FLAC, OGG (Opus or Vorbis), MP3, M4A/MP4/AAC or WebM.",
    )


def _wav_tag_allowed(data: bytes) -> bool:
    position = 12
    while position + 8 <= len(data):
        name, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        if name == b"fmt ":
            body = data[position + 8 : position + 8 + min(size, 40)]
            tag = int.from_bytes(body[:2], "little")
            if tag == WAV_EXTENSIBLE:
                return body[26:40] == WAV_GUID_TAIL and int.from_bytes(body[24:26], "little") in WAV_TAGS
            return tag in WAV_TAGS
        position += 8 + size + size % 2
    return False


def _sniff_mpeg(data: bytes) -> Container:
    start = 0
    if data[:3] == b"ID3":  # ID3v2: ten bytes of header with a size in four 7-bit bytes
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=False))
    # Encoders pad the tag with zeros; a frame starts with eleven set bits, then version and layer.
    while start < len(data) and data[start] == 0 and start < 1 << 16:
        start += 1
    header = data[start : start + 3]
    if len(header) == 3 and header[0] == 0xFF and header[1] & 0xE0 == 0xE0:
        version, layer, bitrate = (header[1] >> 3) & 3, (header[1] >> 1) & 3, header[2] >> 4
        if layer == 0 and header[1] & 0xF0 == 0xF0:
            return Container.AAC
        if layer == 1 and version != 1 and bitrate != 15:
            return Container.MP3
    raise _unsupported()


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
            raise _unsupported()
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
