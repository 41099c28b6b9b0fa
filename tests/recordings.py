"""Sounds as files, in every format that people send, and in some that they should not."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import soundfile

from ml.audio import Clip, Samples
from ml.synthesis import STYLES, Speaker, speak


def voice(style: str = "happy", *, rate_hz: int = 16_000, speech_s: float = 0.8, **how: Any) -> Clip:
    """A short voice of the synthesiser."""
    return speak(STYLES[style], speech_s=speech_s, pause_s=0.2, rate_hz=rate_hz, **how)


def soundfile_bytes(samples: np.ndarray, rate_hz: int, *, container: str = "WAV", subtype: str | None = None) -> bytes:
    """A file as libsndfile writes it; samples [shape=(frames,) or (frames, channels)]."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=container, subtype=subtype)
    return file.getvalue()


def wav(clip: Clip, *, subtype: str = "PCM_16") -> bytes:
    """A clip as a WAV file."""
    return soundfile_bytes(clip.samples, clip.rate_hz, subtype=subtype)


LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def ffmpeg_bytes(clip: Clip, *, container: str, codec: str, channels: int = 1, with_picture: bool = False) -> bytes:
    """A clip as FFmpeg writes it, the same on all channels, with a moving picture beside it where wanted."""
    file = io.BytesIO()
    frame = av.AudioFrame.from_ndarray(np.tile(clip.samples, (channels, 1)), format="fltp", layout=LAYOUTS[channels])
    frame.sample_rate, frame.pts = clip.rate_hz, 0
    with av.open(file, "w", format=container) as target:
        picture = add_picture(target) if with_picture else None
        sound = cast("av.AudioStream", target.add_stream(codec, clip.rate_hz))
        sound.layout = LAYOUTS[channels]
        if picture is not None:
            target.mux([*picture.encode(av.VideoFrame(32, 32, "yuv420p")), *picture.encode(None)])
        target.mux([*sound.encode(frame), *sound.encode(None)])
    return file.getvalue()


def looped_bytes(clip: Clip, *, container: str, codec: str, times: int, **options: str) -> bytes:
    """The same as FFmpeg writes it, again and again: encoded once, so that hours of it are made in a moment."""
    file = io.BytesIO()
    frame = av.AudioFrame.from_ndarray(clip.samples[np.newaxis], format="fltp", layout="mono")
    frame.sample_rate, frame.pts = clip.rate_hz, 0
    with av.open(file, "w", format=container) as target:
        sound = cast("av.AudioStream", target.add_stream(codec, clip.rate_hz, options=options))
        sound.layout = "mono"
        packets = [*sound.encode(frame), *sound.encode(None)]
        whole = [packet for packet in packets if packet.duration == packets[0].duration]
        for number, packet in enumerate(whole * times):
            again = av.Packet(bytes(packet))
            again.stream, again.duration, again.time_base = sound, packet.duration, packet.time_base
            again.pts = again.dts = number * (packet.duration or 0)
            target.mux(again)
    return file.getvalue()


def add_picture(target: av.container.OutputContainer) -> av.VideoStream:
    """A small moving picture in a film that is being written."""
    picture = target.add_stream("mpeg4", 10)
    picture.width, picture.height = 32, 32
    return picture


def write_miniature_corpus(folder: Path, *, actors: tuple[int, ...]) -> None:
    """A RAVDESS of synthesised voices: every emotion, two statements, twice where RAVDESS has strong ones."""
    for actor in actors:
        female = actor % 2 == 0
        speaker = Speaker(
            pitch_hz=(195 if female else 105) + 3 * (actor % 7), formant_scale=1.15 if female else 1 + actor % 3 / 50
        )
        home = folder / f"Actor_{actor:02}"
        home.mkdir(parents=True)
        for number, style in enumerate(STYLES, start=1):
            for statement in (1, 2):
                clip = speak(STYLES[style], speaker=speaker, seed=100 * actor + statement, speech_s=0.8, pause_s=0.1)
                name = f"03-01-{number:02}-01-{statement:02}-01-{actor:02}.wav"
                soundfile.write(home / name, clip.samples, clip.rate_hz, subtype="PCM_16")


def stereo(samples: Samples) -> np.ndarray:
    """The same sound on both channels [shape=(frames, 2)]."""
    return np.column_stack([samples, samples])
