"""Which files are let in, by their content alone."""

from __future__ import annotations

import numpy as np
import pytest

from ml.containers import MOST_MP4_BOXES, MOST_MP4_EDITS, MOST_WAV_CHUNKS, sniff
from ml.decoding import decode
from ml.errors import AudioError
from tests.ml.files import GOOD, code_of
from tests.recordings import ffmpeg_bytes, soundfile_bytes, voice, wav

TEXTS = {
    "an HLS playlist": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "a playlist": b"http://127.0.0.1:8000/metrics\n",
    "a PLS playlist": b"[playlist]\nFile1=/etc/passwd\nNumberOfEntries=1\n",
    "a session description": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n",
    "an FFmpeg concat script": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a web page": b"<!doctype html><title>Not found</title>",
    "an XSPF playlist": b'<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"></playlist>',
    "nothing": b"",
    "one byte": b"R",
    "random bytes": np.random.default_rng(0).bytes(4096),
    "zeros": bytes(100_000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "a zip": b"PK\x03\x04" + bytes(64),
    "an empty tag": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
}


CONTAINERS = {
    **dict.fromkeys(("wav", "wav24", "float", "alaw", "rf64"), "wav"),
    **dict.fromkeys(("vorbis", "opus"), "ogg"),
    "flac": "flac",
    "mp3": "mp3",
    "m4a": "mp4",
    "adts": "aac",
    "webm": "webm",
}


@pytest.mark.parametrize(("name", "container"), CONTAINERS.items())
def test_it_names_each_container_by_its_first_bytes(name: str, container: str) -> None:
    assert sniff(GOOD[name][:256]) == container


@pytest.mark.parametrize("name", TEXTS)
def test_it_refuses_what_is_no_recording(name: str) -> None:
    assert code_of(TEXTS[name]) == "unsupported_format"


@pytest.mark.parametrize(
    ("container", "subtype"),
    [
        ("WAV", "IMA_ADPCM"),
        ("WAV", "MS_ADPCM"),
        ("WAV", "GSM610"),
        ("WAV", "G721_32"),
        ("AIFF", "PCM_16"),
        ("AU", "PCM_16"),
        ("CAF", "PCM_16"),
        ("W64", "PCM_16"),
        ("VOC", "PCM_16"),
    ],
)
def test_it_refuses_formats_that_libsndfile_would_read_but_the_contract_does_not_name(
    container: str, subtype: str
) -> None:
    said = voice(rate_hz=8_000)
    assert code_of(soundfile_bytes(said.samples, 8_000, container=container, subtype=subtype)) == "unsupported_format"


@pytest.mark.parametrize(
    ("container", "codec"),
    [("matroska", "libopus"), ("ogg", "flac"), ("mp4", "ac3"), ("nut", "aac"), ("wav", "libmp3lame")],
)
def test_it_refuses_formats_that_ffmpeg_would_read_but_the_contract_does_not_name(container: str, codec: str) -> None:
    assert code_of(ffmpeg_bytes(voice(rate_hz=48_000), container=container, codec=codec)) == "unsupported_format"


def test_it_refuses_a_matroska_film() -> None:
    film = ffmpeg_bytes(voice(rate_hz=48_000), container="matroska", codec="libopus", with_picture=True)
    assert code_of(film) == "unsupported_format"


def test_a_second_format_chunk_does_not_smuggle_in_another_codec() -> None:
    said = voice(rate_hz=8_000)
    honest, adpcm = wav(said), soundfile_bytes(said.samples, 8_000, subtype="IMA_ADPCM")
    smuggled = adpcm[:12] + honest[12:36] + adpcm[12:]
    with pytest.raises(AudioError):
        decode(smuggled)


def test_it_looks_for_the_format_of_a_wav_file_behind_so_many_chunks_and_no_more() -> None:
    honest, junk = wav(voice()), b"junk" + bytes(4)
    assert decode(honest[:12] + junk * (MOST_WAV_CHUNKS - 1) + honest[12:]).duration_s == decode(honest).duration_s
    assert code_of(honest[:12] + junk * MOST_WAV_CHUNKS + honest[12:]) == "unsupported_format"


def box(name: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4) + name + content


FTYP = box(b"ftyp", b"M4A \0\0\0\0M4A ")


def test_a_film_may_be_sent_in_many_fragments_and_not_in_millions() -> None:
    honest, empty = GOOD["m4a"], box(b"free", b"")
    assert decode(honest + empty * 5_000).duration_s == decode(honest).duration_s
    assert code_of(honest + empty * MOST_MP4_BOXES) == "unsupported_format"
    assert code_of(FTYP + box(b"moov", empty * MOST_MP4_BOXES)) == "unsupported_format"


@pytest.mark.parametrize("size", [0, 1])
def test_a_box_of_unusual_size_is_looked_into(size: int) -> None:
    edits = box(b"edts", box(b"elst", bytes(4) + (MOST_MP4_EDITS + 1).to_bytes(4)))
    trak = box(b"trak", edits)
    head = b"moov" + (16 + len(trak)).to_bytes(8) if size else b"moov"
    assert code_of(FTYP + size.to_bytes(4) + head + trak) == "unsupported_format"
