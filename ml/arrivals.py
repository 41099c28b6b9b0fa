"""How clips arrive from life, to test a trained model on: along lines and in rooms that no training copy knows."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import cast

import av
import numpy as np
import numpy.typing as npt
import scipy.signal
import soundfile
from av.audio.stream import AudioStream

from ml.audio import Clip, Conditioning, Samples, resample, trim
from ml.augmentation import speech_rms
from ml.corpora import Utterance
from ml.decoding import decode
from ml.limits import Limits
from ml.rooms import shoebox_room
from ml.trimming import LevelTrim

Signal = npt.NDArray[np.float64]

BABBLE_RATE_HZ = 16_000
BABBLE_VOICES = 6
BABBLE_CLIPS = 60


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Makes the conditions of the robustness table.

    Attributes
    ----------
    babble : np.ndarray [shape=(n,)]
        Six voices at once, at 16 kHz and unit power.
    """

    babble: Samples

    @property
    def name(self) -> str:
        """Tells these conditions from others, whose babble is of other voices."""
        return f"arrivals-{Clip(self.babble, BABBLE_RATE_HZ).digest[:8]}"

    def __call__(self, clip: Clip, name: str, rate_hz: int | None) -> Clip:
        """A clip, at its own rate, under a condition, at the working rate."""
        rng = np.random.default_rng(int(clip.digest[:8], 16))
        kind, _, amount = name.removesuffix("dB").partition("-")
        if kind == "babble":
            arrived = _over(clip, self._babble_for(clip, int(rng.integers(len(self.babble)))), float(amount))
        elif kind == "white":
            arrived = _over(clip, rng.standard_normal(len(clip.samples)), float(amount))
        else:
            arrived = CONDITIONS[name](clip)
        return resample(arrived, rate_hz)

    def _babble_for(self, clip: Clip, start: int) -> Samples:
        length = ceil(clip.duration_s * BABBLE_RATE_HZ) + BABBLE_RATE_HZ
        heard = np.take(np.asarray(self.babble), np.arange(start, start + length), mode="wrap")
        return resample(Clip(heard, BABBLE_RATE_HZ), clip.rate_hz).samples[: len(clip.samples)]


def make_arrivals(utterances: Sequence[Utterance]) -> Arrivals:
    """Conditions for a corpus, with babble made of its own voices."""
    chosen = utterances[:: max(1, len(utterances) // BABBLE_CLIPS)][:BABBLE_CLIPS]
    voices = [
        trim(
            decode(item.file.read(), limits=Limits(min_seconds=0), rate_hz=BABBLE_RATE_HZ),
            Conditioning(trim=LevelTrim()),
        )
        for item in chosen
    ]
    unit = [voice.samples / np.sqrt(np.mean(np.square(voice.samples))) for voice in voices]
    tracks = [np.concatenate(unit[start::BABBLE_VOICES]) for start in range(min(BABBLE_VOICES, len(unit)))]
    longest = max(len(track) for track in tracks)
    babble = sum(np.resize(track, longest) for track in tracks)
    return Arrivals((babble / np.sqrt(np.mean(np.square(babble)))).astype(np.float32))


def _over(clip: Clip, noise: npt.NDArray[np.floating], below_db: float) -> Clip:
    scale = speech_rms(clip) * 10 ** (-below_db / 20) / np.sqrt(np.mean(np.square(noise)))
    return Clip((clip.samples + scale * noise).astype(np.float32), clip.rate_hz)


def _louder(clip: Clip) -> Clip:
    return Clip(np.clip(clip.samples * np.float32(10 ** (12 / 20)), -1, 1), clip.rate_hz)


def _quieter(clip: Clip) -> Clip:
    return _through_wav(Clip(clip.samples * np.float32(10 ** (-12 / 20)), clip.rate_hz), "PCM_16")


def _after_silence(clip: Clip) -> Clip:
    return Clip(np.concatenate([np.zeros(clip.rate_hz, np.float32), clip.samples]), clip.rate_hz)


def _stereo(clip: Clip) -> Clip:
    file = io.BytesIO()
    soundfile.write(file, np.stack([clip.samples, 0.8 * clip.samples], axis=1), clip.rate_hz, "FLOAT", format="WAV")
    return decode(file.getvalue(), limits=Limits(min_seconds=0))


def _through_wav(clip: Clip, subtype: str) -> Clip:
    file = io.BytesIO()
    soundfile.write(file, clip.samples, clip.rate_hz, subtype, format="WAV")
    return decode(file.getvalue(), limits=Limits(min_seconds=0))


def _telephone(clip: Clip) -> Clip:
    narrow = resample(clip, 8_000)
    band = scipy.signal.firwin(129, (300, 3_400), pass_zero=False, fs=8_000)
    heard = scipy.signal.fftconvolve(narrow.samples, band, "same")
    heard *= 0.5 / max(np.abs(heard).max(), 1e-9)
    return _through_wav(Clip(heard.astype(np.float32), 8_000), "ULAW")


def _through_codec(clip: Clip, *, container: str, codec: str, bits_per_s: int) -> Clip:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = cast("AudioStream", output.add_stream(codec, rate=clip.rate_hz))
        encoder = stream.codec_context
        encoder.layout = "mono"
        encoder.bit_rate = bits_per_s
        samples = np.ascontiguousarray(clip.samples[np.newaxis])
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = clip.rate_hz
        cutter = av.AudioResampler(encoder.format, "mono", clip.rate_hz, encoder.frame_size)
        for part in [*cutter.resample(frame), *cutter.resample(None), None]:
            output.mux(stream.encode(part))
    return decode(file.getvalue(), limits=Limits(min_seconds=0))


def _mp3(clip: Clip) -> Clip:
    return _through_codec(clip, container="mp3", codec="libmp3lame", bits_per_s=64_000)


def _opus(clip: Clip) -> Clip:
    return _through_codec(resample(clip, 48_000), container="webm", codec="libopus", bits_per_s=24_000)


def _in_a_room(clip: Clip) -> Clip:
    heard = scipy.signal.fftconvolve(clip.samples, _room(clip.rate_hz))
    return Clip(heard[: len(clip.samples) + clip.rate_hz // 4].astype(np.float32), clip.rate_hz)


@lru_cache(maxsize=4)
def _room(rate_hz: int) -> Signal:
    return shoebox_room(
        rate_hz,
        size_m=(4.2, 3.3, 2.6),
        source_m=(1.1, 1.2, 1.4),
        microphone_m=(2.6, 2.1, 1.2),
        reflection=0.82,
        orders=10,
        duration_s=0.5,
    )


CONDITIONS: dict[str, Callable[[Clip], Clip]] = {
    "louder-12dB": _louder,
    "quieter-12dB": _quieter,
    "silence-1s-before": _after_silence,
    "stereo": _stereo,
    "rate-44.1kHz": lambda clip: resample(clip, 44_100),
    "rate-16kHz": lambda clip: resample(clip, 16_000),
    "mp3-64kbps": _mp3,
    "opus-24kbps": _opus,
    "telephone": _telephone,
    "room": _in_a_room,
}
ARRIVALS = (*CONDITIONS, "white-20dB", "white-10dB", "babble-20dB", "babble-10dB")
