"""Which file it is, by its content: only the containers of the contract are let in, whatever a file is called.

Checked before a decoder opens anything, since both decoders are C libraries with a history of memory errors and would
read far more than this: playlists, say, that make them read other files.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from enum import StrEnum

from ml.errors import AudioError

Content = bytes | mmap.mmap


class Container(StrEnum):
    """The containers of the contract."""

    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    MP3 = "mp3"
    AAC = "aac"
    MP4 = "mp4"
    WEBM = "webm"


# WAVE format tags: PCM, IEEE float, A-law, µ-law (Microsoft mmreg.h); 0xFFFE carries one of them in its sub-format.
WAV_TAGS = {0x0001, 0x0003, 0x0006, 0x0007}
WAV_EXTENSIBLE = 0xFFFE
MP4_PARTS = frozenset({b"moov", b"trak", b"edts"})
MOST_MP4_BOXES = 30_000  # a recording that was sent while it was made has some for each second
MOST_MP4_EDITS = 1_000  # recorders make one or two
MOST_WAV_CHUNKS = 1_000  # before the format: real files have a handful, and each costs time
WAV_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def sniff(data: Content) -> Container:
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
        return _require(_mp4_allowed(data), Container.MP4)
    return _sniff_mpeg(data)


def _require(condition: bool, container: Container) -> Container:
    if not condition:
        raise unsupported()
    return container


def unsupported() -> AudioError:
    """The answer to everything outside the contract."""
    return AudioError(
        "unsupported_format",
        "This file is none of the formats that can be read: WAV, FLAC, OGG (Opus or Vorbis), MP3, M4A/MP4/AAC or WebM.",
    )


def _wav_tag_allowed(data: Content) -> bool:
    position = 12
    for _ in range(MOST_WAV_CHUNKS):
        name, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        if name == b"fmt ":
            body = data[position + 8 : position + 8 + min(size, 40)]
            tag = int.from_bytes(body[:2], "little")
            if tag == WAV_EXTENSIBLE:
                return body[26:40] == WAV_GUID_TAIL and int.from_bytes(body[24:26], "little") in WAV_TAGS
            return tag in WAV_TAGS
        position += 8 + size + size % 2
    return False


def _mp4_allowed(data: Content) -> bool:
    """Whether FFmpeg will be done with the boxes soon: it takes long over millions of empty ones, and over edits."""
    boxes = 0
    parts = [(0, len(data))]
    while parts:
        for name, start, end in _boxes(data, *parts.pop()):
            boxes += 1
            edits = int.from_bytes(data[start + 4 : start + 8]) if name == b"elst" else 0
            if boxes > MOST_MP4_BOXES or edits > MOST_MP4_EDITS:
                return False
            if name in MP4_PARTS:
                parts.append((start, end))
    return True


def _boxes(data: Content, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """The name of each box, and where its content begins and ends."""
    while start + 8 <= stop:
        size, name, head = int.from_bytes(data[start : start + 4]), bytes(data[start + 4 : start + 8]), 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16]), 16
        end = start + max(size, head) if size else stop
        yield name, start + head, min(end, stop)
        start = end


def _sniff_mpeg(data: Content) -> Container:
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
    raise unsupported()
