"""A good file of each kind, and what is said of a bad one."""

from __future__ import annotations

import pytest

from ml.decoding import decode
from ml.errors import AudioError
from tests.recordings import ffmpeg_bytes, soundfile_bytes, voice, wav

GOOD = {
    "wav": wav(voice()),
    "wav24": wav(voice(), subtype="PCM_24"),
    "float": wav(voice(), subtype="FLOAT"),
    "alaw": wav(voice(rate_hz=8_000), subtype="ALAW"),
    "rf64": soundfile_bytes(voice().samples, 16_000, container="RF64", subtype="PCM_16"),
    "flac": soundfile_bytes(voice().samples, 16_000, container="FLAC"),
    "vorbis": soundfile_bytes(voice().samples, 16_000, container="OGG", subtype="VORBIS"),
    "opus": soundfile_bytes(voice().samples, 16_000, container="OGG", subtype="OPUS"),
    "mp3": soundfile_bytes(voice().samples, 16_000, container="MP3", subtype="MPEG_LAYER_III"),
    "m4a": ffmpeg_bytes(voice(rate_hz=48_000), container="ipod", codec="aac"),
    "adts": ffmpeg_bytes(voice(rate_hz=48_000), container="adts", codec="aac"),
    "webm": ffmpeg_bytes(voice(rate_hz=48_000), container="webm", codec="libopus"),
}


def code_of(data: bytes, **how: object) -> str:
    with pytest.raises(AudioError) as caught:
        decode(data, **how)  # type: ignore[arg-type]
    assert caught.value.message.endswith(".")
    return caught.value.code
