"""Files that nobody should send: a few hundred, the same ones each time, by name.

`REFUSED` can be read in no way; `DAMAGED` are good recordings with something broken, which may still be heard.
"""

from __future__ import annotations

import random
import struct

import numpy as np

from ml.audio import Clip
from tests.recordings import ffmpeg_bytes, looped_bytes, soundfile_bytes, voice, wav

Files = dict[str, bytes]

SEED = 20
MUTATIONS_EACH = 12
OTHER_BOXES = ("AIFF", "AU", "CAF", "W64")


def good_files() -> Files:
    """A short voice in every container of the contract."""
    low, high, telephone = voice(), voice(rate_hz=48_000), voice(rate_hz=8_000)
    return {
        "wav": wav(low),
        "wav-24": wav(low, subtype="PCM_24"),
        "wav-float": wav(low, subtype="FLOAT"),
        "wav-alaw": wav(telephone, subtype="ALAW"),
        "wavex": soundfile_bytes(low.samples, low.rate_hz, container="WAVEX", subtype="PCM_16"),
        "rf64": soundfile_bytes(low.samples, low.rate_hz, container="RF64", subtype="PCM_16"),
        "flac": soundfile_bytes(low.samples, low.rate_hz, container="FLAC"),
        "vorbis": soundfile_bytes(low.samples, low.rate_hz, container="OGG", subtype="VORBIS"),
        "opus": soundfile_bytes(low.samples, low.rate_hz, container="OGG", subtype="OPUS"),
        "mp3": soundfile_bytes(low.samples, low.rate_hz, container="MP3", subtype="MPEG_LAYER_III"),
        "m4a": ffmpeg_bytes(high, container="ipod", codec="aac"),
        "adts": ffmpeg_bytes(high, container="adts", codec="aac"),
        "webm": ffmpeg_bytes(high, container="webm", codec="libopus"),
    }


def refused() -> Files:
    """Everything that must be answered with a reason."""
    return {**scripts(), **strangers(), **disguises(), **lying_headers(), **bombs(), **empty_shells()}


def damaged() -> Files:
    """Good recordings, cut, bent and spliced by chance."""
    chance = random.Random(SEED)
    bent = {
        f"{name} {number} {mutation.__name__}": mutation(data, chance)
        for name, data in good_files().items()
        for number in range(MUTATIONS_EACH)
        for mutation in [chance.choice(MUTATIONS)]
    }
    boxes = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz", b"stts", b"stsc", b"stco", b"mdat")
    huge = {f"m4a with a huge {box.decode()}": _inflated(good_files()["m4a"], box) for box in boxes}
    return {**bent, **huge, "wav of 4 GB": wav_bytes(good_files()["wav"][44:], claimed=2**32 - 1)}


def scripts() -> Files:
    """Texts that make a player open something else, bare and behind the beginnings of recordings."""
    texts = {
        "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "hls-crypt": b'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file:///etc/passwd"\n#EXTINF:1,\ndata:,x\n',
        "m3u": b"http://127.0.0.1:8000/metrics\n",
        "pls": b"[playlist]\nFile1=/etc/passwd\nNumberOfEntries=1\n",
        "sdp": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n",
        "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "xspf": b'<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"><location>file:///etc/passwd</location>',
        "dash": b'<?xml version="1.0"?><MPD><Period><BaseURL>file:///etc/passwd</BaseURL></Period></MPD>',
        "rtsp": b"rtsptext\nrtsp://127.0.0.1/\n",
        "ffmetadata": b";FFMETADATA1\ntitle=x\n",
        "entities": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>',
        "script": b"#!/bin/sh\ncat /etc/passwd\n",
        "page": b"<!doctype html><script>alert(1)</script>",
    }
    fronts = {
        "": b"",
        "RIFF ": b"RIFF\xff\xff\xff\xffWAVE",
        "ID3 ": b"ID3\x04\x00\x00\x00\x00\x00\x00",
        "blank ": bytes(4096),
        "ftyp ": b"\x00\x00\x00\x14ftypM4A \x00\x00\x00\x00M4A ",
        "ebml ": good_files()["webm"][:40],
        "mp3 ": b"\xff\xfb\x90\x00",
        "adts ": b"\xff\xf1\x50\x80\x01\x1f\xfc",
        "ogg ": b"OggS\x00\x02" + bytes(22) + b"\x01vorbis",
        "flac ": b"fLaC",
    }
    return {f"{front}{name}": start + text for front, start in fronts.items() for name, text in texts.items()}


def strangers() -> Files:
    """Other kinds of file, and formats that a decoder knows and the contract does not."""
    said, high = voice(rate_hz=8_000), voice(rate_hz=48_000)
    beginnings = {
        "png": b"\x89PNG\r\n\x1a\n",
        "gif": b"GIF89a",
        "pdf": b"%PDF-1.7\n",
        "zip": b"PK\x03\x04",
        "gzip": b"\x1f\x8b\x08\x00",
        "elf": b"\x7fELF\x02\x01\x01",
        "midi": b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x00\x60MTrk",
        "amr": b"#!AMR\n",
        "wma": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"),
        "avi": b"RIFF\x00\x10\x00\x00AVI LIST",
        "flv": b"FLV\x01\x05\x00\x00\x00\x09",
        "mpeg-ts": b"G\x40\x00\x10" * 200,
        "real": b".RMF\x00\x00\x00\x12",
        "tta": b"TTA1\x01\x00\x01\x00",
        "ape": b"MAC \x96\x0f\x00\x00",
        "wavpack": b"wvpk\x00\x10\x00\x00",
        "dsf": b"DSD \x1c\x00\x00\x00",
    }
    noise = np.random.default_rng(SEED).bytes(4096)
    foreign = {
        f"{box} {codec}": soundfile_bytes(said.samples, said.rate_hz, container=box, subtype=codec)
        for box, codec in [("WAV", "IMA_ADPCM"), ("WAV", "GSM610"), *((box, "PCM_16") for box in OTHER_BOXES)]
    }
    return {
        **{name: start + noise for name, start in beginnings.items()},
        **foreign,
        "matroska": ffmpeg_bytes(high, container="matroska", codec="libopus"),
        "ogg-flac": ffmpeg_bytes(high, container="ogg", codec="flac"),
        "mp4-ac3": ffmpeg_bytes(high, container="mp4", codec="ac3"),
        "nothing": b"",
        "one byte": b"R",
        "noise": noise,
        "zeros": bytes(100_000),
    }


def disguises() -> Files:
    """The beginning of one container before the body of another."""
    good = good_files()
    heads = {"wav": 12, "flac": 4, "opus": 47, "m4a": 32, "webm": 40}
    return {
        f"{body} behind the head of {head}": good[head][:size] + good[body]
        for head, size in heads.items()
        for body in ("flac", "mp3", "m4a", "webm")
        if body != head and (head, body) != ("m4a", "webm")
    }


def lying_headers() -> Files:
    """Headers that claim what cannot be."""
    samples = bytes(32_000)
    return {
        "1 Hz": wav_bytes(samples, rate_hz=1),
        "0 Hz": wav_bytes(samples, rate_hz=0),
        "4 GHz": wav_bytes(samples, rate_hz=2**32 - 1),
        "no channel": wav_bytes(samples, channels=0),
        "65,535 channels": wav_bytes(samples, channels=65_535),
        "no bits": wav_bytes(samples, bits=0),
        "255 bits": wav_bytes(samples, bits=255),
        "float of 7 bits": wav_bytes(samples, tag=3, bits=7),
        "an unknown codec": wav_bytes(samples, tag=0x2000),
        "MP3 in WAV": wav_bytes(samples, tag=0x55),
        "a format of 4 GB": wav_bytes(samples).replace(b"fmt \x10\0\0\0", b"fmt \xff\xff\xff\xff"),
        "no format": b"RIFF\xff\xff\xff\xffWAVEdata" + struct.pack("<I", len(samples)) + samples,
        "chunks without end": b"RIFF\xff\xff\xff\xffWAVE" + b"junk\0\0\0\0" * 50_000,
        "not a number": wav_bytes(np.full(16_000, np.nan, "<f4").tobytes(), tag=3, bits=32),
        "infinite": wav_bytes(np.full(16_000, np.inf, "<f4").tobytes(), tag=3, bits=32),
        "flac at 0 Hz": flac_of_silence(2, rate_hz=0),
        "flac of 2**36 samples and none": flac_of_silence(0, total=2**36 - 1),
        "flac with a picture of 16 MB": good_files()["flac"][:4] + b"\x06\xff\xff\xff" + bytes(1000),
        "a tag of 256 MB": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + good_files()["mp3"],
        "m4a with a box of -1 bytes": b"\0\0\0\x14ftypM4A \0\0\0\0M4A \0\0\0\1moov" + b"\xff" * 8 + bytes(64),
        "m4a of boxes in boxes": b"\0\0\0\x14ftypM4A \0\0\0\0M4A " + _nested(b"moov", 2000),
        "webm of unknown sizes": good_files()["webm"][:40] + (b"\x18\x53\x80\x67" + b"\x01" + b"\xff" * 7) * 2000,
    }


def bombs() -> Files:
    """Small files that unfold: past the length, past the memory, past the patience of whoever reads them."""
    minute = Clip(np.zeros(60 * 48_000, np.float32), 48_000)
    return {
        "eleven hours of flac": flac_of_silence(40_000, rate_hz=65_535),
        "flac of eight channels": flac_of_silence(20_000, channels=8, rate_hz=48_000),
        "flac of eight channels at 384 kHz": flac_of_silence(20_000, channels=8, rate_hz=384_000),
        "flac just under ten minutes at 384 kHz": flac_of_silence(3_500, rate_hz=384_000),
        "ten minutes of silence": flac_of_silence(430, rate_hz=48_000),
        "ten minutes of silence in stereo": flac_of_silence(430, channels=2, rate_hz=48_000),
        "half an hour of mp3": _mp3_of_silence(1_800),
        "half an hour of opus": looped_bytes(minute, container="webm", codec="libopus", times=30),
        "half an hour of opus in ogg": looped_bytes(minute, container="ogg", codec="libopus", times=30),
        "opus in crumbs": looped_bytes(minute, container="webm", codec="libopus", times=4, frame_duration="2.5"),
        "a film of three million boxes": b"\0\0\0\x14ftypM4A \0\0\0\0M4A " + b"\0\0\0\x08moof" * 3_000_000,
        "half an hour of aac": looped_bytes(minute, container="ipod", codec="aac", times=30),
        "half an hour of bare aac": looped_bytes(minute, container="adts", codec="aac", times=30),
        "twenty-four megabytes of zeros as wav": wav_bytes(bytes(24 * 2**20), rate_hz=384_000),
        "an hour of 8-bit silence": wav_bytes(b"\x80" * (3_600 * 4_000), rate_hz=4_000, bits=8),
        "ten minutes of a tone": _tone(599),
    }


def empty_shells() -> Files:
    """The head of each container, and nothing or noise behind it."""
    noise = np.random.default_rng(SEED).bytes(20_000)
    heads = {"flac": 42, "m4a": 36, "webm": 48, "vorbis": 90, "opus": 47}
    good = good_files()
    return {
        **{f"{name} without a body": good[name][:size] for name, size in heads.items()},
        **{f"{name} with a body of noise": good[name][:size] + noise for name, size in heads.items()},
        "wav without samples": good["wav"][:44],
    }


def wav_bytes(
    samples: bytes,
    *,
    tag: int = 1,
    channels: int = 1,
    rate_hz: int = 16_000,
    bits: int = 16,
    claimed: int | None = None,
) -> bytes:
    """A WAV file that claims anything."""
    align = channels * bits // 8 & 0xFFFF
    fields = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * align & 0xFFFFFFFF, align, bits)
    size = len(samples) if claimed is None else claimed
    head = b"fmt " + struct.pack("<I", len(fields)) + fields + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", min(4 + len(head) + size, 2**32 - 1)) + b"WAVE" + head + samples


def flac_of_silence(blocks: int, *, channels: int = 1, rate_hz: int = 48_000, total: int = 0) -> bytes:
    """FLAC (RFC 9639) of 65,535 samples of silence a block: some twenty bytes that unfold to up to two megabytes."""
    size, bits = 65_535, 16
    shape = (rate_hz << 44) | ((channels - 1) << 41) | ((bits - 1) << 36) | total
    streaminfo = struct.pack(">HH", size, size) + bytes(6) + shape.to_bytes(8, "big") + bytes(16)
    head = bytes([0xFF, 0xF8, 0x70, (channels - 1) << 4 | 0x08, 0x00]) + struct.pack(">H", size - 1)
    head += bytes([_crc(head, polynomial=0x07, width=8)])
    block = head + 3 * b"\0" * channels  # each channel is one constant, zero
    block += struct.pack(">H", _crc(block, polynomial=0x8005, width=16))
    return b"fLaC\x80" + len(streaminfo).to_bytes(3, "big") + streaminfo + block * blocks


def flipped(data: bytes, chance: random.Random) -> bytes:
    """Some bytes anywhere are others."""
    bent = bytearray(data)
    for _ in range(chance.choice([1, 8, 64, 512])):
        bent[chance.randrange(len(bent))] = chance.randrange(256)
    return bytes(bent)


def beheaded(data: bytes, chance: random.Random) -> bytes:
    """Bytes of the first two hundred, after the magic, are others."""
    bent = bytearray(data)
    for _ in range(chance.choice([1, 4, 16])):
        bent[chance.randrange(12, min(200, len(bent)))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
    return bytes(bent)


def cut(data: bytes, chance: random.Random) -> bytes:
    """It breaks off."""
    return data[: chance.randrange(16, len(data))]


def holed(data: bytes, chance: random.Random) -> bytes:
    """A part is missing."""
    start, stop = sorted(chance.sample(range(12, len(data)), 2))
    return data[:start] + data[stop:]


def stuttered(data: bytes, chance: random.Random) -> bytes:
    """A part comes many times."""
    start = chance.randrange(12, len(data) - 1)
    stop = min(len(data), start + chance.randrange(1, 4096))
    return data[:start] + data[start:stop] * chance.choice([2, 30]) + data[stop:]


def numbered(data: bytes, chance: random.Random) -> bytes:
    """A number in the head becomes an extreme one."""
    at = chance.randrange(12, min(600, len(data) - 4))
    extreme = chance.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1])
    return data[:at] + struct.pack(chance.choice("<>") + "I", extreme) + data[at + 4 :]


MUTATIONS = (flipped, beheaded, cut, holed, stuttered, numbered)


def _inflated(data: bytes, box: bytes) -> bytes:
    at = data.index(box)
    return data[: at - 4] + b"\x7f\xff\xff\xff" + data[at:]


def _nested(box: bytes, depth: int) -> bytes:
    return b"".join(struct.pack(">I", 8 * (depth - level)) + box for level in range(depth))


def _mp3_of_silence(seconds: int) -> bytes:
    frame = b"\xff\xf3\x14\xc4" + bytes(20)  # MPEG-2, 8 kbit/s, 24 kHz, mono: 576 samples in 24 bytes
    return frame * (seconds * 24_000 // 576)


def _tone(seconds: int) -> bytes:
    second = (8_000 * np.sin(2 * np.pi * 220 * np.arange(8_000) / 8_000)).astype("<i2").tobytes()
    return wav_bytes(second * seconds, rate_hz=8_000)


def _crc(data: bytes, *, polynomial: int, width: int) -> int:
    register, top = 0, 1 << (width - 1)
    for byte in data:
        register ^= byte << (width - 8)
        for _ in range(8):
            register = (register << 1) ^ (polynomial if register & top else 0)
        register &= (1 << width) - 1
    return register
