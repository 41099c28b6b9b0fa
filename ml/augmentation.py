"""Training copies: the same clip as another voice, or over another line, would have delivered it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import librosa
import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.signal

from ml.audio import Clip, resample
from ml.rooms import diffuse_room, shoebox_room
from ml.trimming import LevelTrim, frame_levels_db

Signal = npt.NDArray[np.float64]

COPIES = "training-2"
"""What tells these copies from others in the cache: another number whenever a name gives another copy."""

TELEPHONE_HZ = 8_000
TELEPHONE_BAND_HZ = (300, 3_400)  # ITU-T G.712
MU = 255  # ITU-T G.711
NOISE_BELOW_DB = (8, 30)
DEGRADATION_ODDS = (0.4, 0.5, 0.4)
SOMETIMES = 0.3
TALKERS = 6
TALKERS_SPEED = (0.8, 1.25)
TALKERS_TILT = (-0.5, 0.5)
TALKERS_BELOW_DB = (10, 25)
TALKERS_PIECE_S = 0.3
SMALLEST_ROOM_M, LARGEST_ROOM_M = (2.5, 2.2, 2.2), (8.0, 6.0, 3.5)


def play_at_speed(clip: Clip, *, factor: float) -> Clip:
    """The clip played faster or slower, like a tape: pitch, formants and pace move together, as another throat would.

    Parameters
    ----------
    clip : Clip
    factor : float
        Above 1 is faster and higher.
    """
    replayed = resample(clip, round(clip.rate_hz / factor))
    return Clip(replayed.samples, clip.rate_hz)


def over_telephone(clip: Clip) -> Clip:
    """The clip through a telephone line: 8 kHz, 300 to 3,400 Hz, µ-law."""
    narrow = resample(clip, TELEPHONE_HZ)
    band = scipy.signal.butter(3, TELEPHONE_BAND_HZ, "bandpass", fs=TELEPHONE_HZ, output="sos")
    expanded = _mu_law(scipy.signal.sosfilt(band, narrow.samples))
    return resample(Clip(expanded.astype(np.float32), TELEPHONE_HZ), clip.rate_hz)


def at_telephone_rate(clip: Clip) -> Clip:
    """The clip without anything above 4 kHz."""
    return resample(resample(clip, TELEPHONE_HZ), clip.rate_hz)


def in_noise(clip: Clip, *, colour: float) -> Clip:
    """The clip with stationary noise under it, 8 to 30 dB below the speech: its own samples decide how far and which.

    Parameters
    ----------
    clip : Clip
    colour : float
        Exponent of the noise's amplitude over frequency: 0 is white, 0.5 pink.
    """
    rng = np.random.default_rng(int(clip.digest[:8], 16))
    below_db = rng.uniform(*NOISE_BELOW_DB)
    noise = _coloured_noise(rng, len(clip.samples), clip.rate_hz, colour=colour, flat_below_hz=20.0)
    noise *= speech_rms(clip) * 10 ** (-below_db / 20) / np.sqrt(np.mean(np.square(noise)))
    return Clip(clip.samples + noise.astype(np.float32), clip.rate_hz)


def without_silence(clip: Clip) -> Clip:
    """The clip from where the voice begins to where it ends."""
    span = LevelTrim().span(clip.samples, clip.rate_hz)
    return Clip(clip.samples[span.start : span.end], clip.rate_hz)


def with_raised_pitch(clip: Clip, *, semitones: float) -> Clip:
    """The clip at another pitch and the same pace."""
    raised = librosa.effects.pitch_shift(clip.samples, sr=clip.rate_hz, n_steps=semitones)
    return Clip(raised.astype(np.float32), clip.rate_hz)


def degraded(clip: Clip, *, draw: int) -> Clip:
    """The clip as it might arrive from life: through a room, over noise, along a narrow line, in any combination.

    Parameters
    ----------
    clip : Clip
        Its samples, with `draw`, decide what happens.
    draw : int
    """
    rng = np.random.default_rng([int(clip.digest[:8], 16), draw])
    with_room, over_noise, on_a_line = rng.random(3) < DEGRADATION_ODDS
    if not (with_room or over_noise or on_a_line):
        with_room, over_noise, on_a_line = np.eye(3, dtype=bool)[rng.integers(3)]
    samples = clip.samples.astype(np.float64)
    if with_room:
        samples = scipy.signal.fftconvolve(samples, diffuse_room(rng, clip.rate_hz))
    if over_noise:
        samples = _over_noise(samples, rng, clip.rate_hz)
    if on_a_line:
        samples = _through_a_line(samples, rng, clip.rate_hz)
    return Clip(samples.astype(np.float32), clip.rate_hz)


def in_a_room(clip: Clip) -> Clip:
    """The clip from near or far in a room of any kind, sometimes over noise."""
    rng = np.random.default_rng([int(clip.digest[:8], 16), 20])
    over_noise = rng.random() < SOMETIMES
    room = diffuse_room(rng, clip.rate_hz, longest_s=0.7, direct_db=(-12, 8))
    samples = scipy.signal.fftconvolve(clip.samples.astype(np.float64), room)
    if over_noise:
        samples = _over_noise(samples, rng, clip.rate_hz)
    return Clip(samples.astype(np.float32), clip.rate_hz)


def between_walls(clip: Clip) -> Clip:
    """The clip from anywhere in a room with six walls, sometimes over noise: such a room colours a voice, too."""
    rng = np.random.default_rng([int(clip.digest[:8], 16), 40])
    size_m = rng.uniform(SMALLEST_ROOM_M, LARGEST_ROOM_M)
    source_m, microphone_m = (size_m * rng.uniform(0.15, 0.85, 3) for _ in range(2))
    room = shoebox_room(
        clip.rate_hz,
        size_m=size_m,
        source_m=source_m,
        microphone_m=microphone_m,
        reflection=rng.uniform(0.5, 0.9),
        orders=6,
        duration_s=0.4,
    )
    samples = scipy.signal.fftconvolve(clip.samples.astype(np.float64), room)
    if rng.random() < SOMETIMES:
        samples = _over_noise(samples, rng, clip.rate_hz)
    return Clip(samples.astype(np.float32), clip.rate_hz)


def over_some_telephone(clip: Clip) -> Clip:
    """The clip along a line of 8 kHz with limits of its own, sometimes over noise; above 4 kHz nothing is left."""
    rng = np.random.default_rng([int(clip.digest[:8], 16), 30])
    samples = clip.samples.astype(np.float64)
    if rng.random() < SOMETIMES:
        samples = _over_noise(samples, rng, clip.rate_hz)
    narrow = resample(Clip(samples.astype(np.float32), clip.rate_hz), TELEPHONE_HZ)
    heard = _through_a_line(
        narrow.samples.astype(np.float64), rng, TELEPHONE_HZ, upper_hz=(3_000, 3_900), companded=0.7, quietest=0.1
    )
    return resample(Clip(heard.astype(np.float32), TELEPHONE_HZ), clip.rate_hz)


def among_talkers(clip: Clip) -> Clip:
    """The clip among other people talking, 10 to 25 dB below it.

    They are made of the clip itself, played at other speeds, backwards and in pieces: no other recording is needed, and
    nobody who is tested can be heard in it.
    """
    rng = np.random.default_rng([int(clip.digest[:8], 16), 50])
    speech = without_silence(clip)
    talkers = sum(_talker(speech, rng, len(clip.samples)) for _ in range(TALKERS))
    scale = speech_rms(clip) * 10 ** (-rng.uniform(*TALKERS_BELOW_DB) / 20) / np.sqrt(np.mean(np.square(talkers)))
    return Clip((clip.samples + scale * talkers).astype(np.float32), clip.rate_hz)


def _talker(speech: Clip, rng: np.random.Generator, length: int) -> Signal:
    """Somebody else who talks all the time, at unit power."""
    other = play_at_speed(speech, factor=rng.uniform(*TALKERS_SPEED)).samples[::-1].astype(np.float64)
    other = scipy.signal.lfilter([1, rng.uniform(*TALKERS_TILT)], [1], other)
    piece = int(TALKERS_PIECE_S * speech.rate_hz)
    pieces = [other[start : start + piece] for start in range(0, len(other), piece)]
    shuffled = np.concatenate([pieces[number] for number in rng.permutation(len(pieces))])
    talker: Signal = np.roll(np.resize(shuffled, length), rng.integers(length))
    return talker / np.sqrt(np.mean(talker**2) + 1e-12)


def _over_noise(samples: Signal, rng: np.random.Generator, rate_hz: int) -> Signal:
    level = speech_rms(Clip(samples.astype(np.float32), rate_hz)) * 10 ** (-rng.uniform(8, 28) / 20)
    return samples + level * _moving_noise(rng, len(samples), rate_hz)


def _moving_noise(rng: np.random.Generator, length: int, rate_hz: int) -> Signal:
    """Noise between white and brown at unit power; half the time its level moves, as voices and traffic do."""
    noise = _coloured_noise(rng, length, rate_hz, colour=rng.choice([0, 0.5, 0.75, 1]), flat_below_hz=50.0)
    if rng.random() < 0.5:
        knots_s = np.arange(0, length / rate_hz + 0.1, 0.1)
        noise *= np.interp(np.arange(length) / rate_hz, knots_s, np.abs(rng.standard_normal(len(knots_s))) + 0.2)
    unit: Signal = noise / np.sqrt(np.mean(noise**2))
    return unit


def _coloured_noise(
    rng: np.random.Generator, length: int, rate_hz: int, *, colour: float, flat_below_hz: float
) -> Signal:
    """Noise whose amplitude falls as frequency to the power `colour`."""
    n_fft = scipy.fft.next_fast_len(length, real=True)  # a length that is a prime takes ten times as long
    spectrum = scipy.fft.rfft(rng.standard_normal(n_fft))
    spectrum *= np.maximum(scipy.fft.rfftfreq(n_fft, 1 / rate_hz), flat_below_hz) ** -colour
    noise: Signal = scipy.fft.irfft(spectrum, n_fft)[:length]
    return noise


def _through_a_line(
    samples: Signal,
    rng: np.random.Generator,
    rate_hz: int,
    *,
    upper_hz: tuple[float, float] = (2_800, 4_000),
    companded: float = 0.6,
    quietest: float = 0.2,
) -> Signal:
    """Low-pass, often high-pass, often µ-law at some level."""
    high = scipy.signal.butter(int(rng.integers(3, 9)), rng.uniform(*upper_hz), fs=rate_hz, output="sos")
    samples = scipy.signal.sosfilt(high, samples)
    if rng.random() < 0.7:
        low = scipy.signal.butter(int(rng.integers(2, 5)), rng.uniform(80, 400), "high", fs=rate_hz, output="sos")
        samples = scipy.signal.sosfilt(low, samples)
    if rng.random() < companded:
        samples = _mu_law(samples / max(np.abs(samples).max(), 1e-9) * rng.uniform(quietest, 0.9))
    return samples


def _mu_law(samples: Signal) -> Signal:
    """Through the 8-bit companding of telephones and back (ITU-T G.711)."""
    limited = np.clip(samples, -1, 1)
    companded = np.round(127 * np.sign(limited) * np.log1p(MU * np.abs(limited)) / np.log1p(MU)) / 127
    expanded: Signal = np.sign(companded) * np.expm1(np.abs(companded) * np.log1p(MU)) / MU
    return expanded


def speech_rms(clip: Clip) -> float:
    """Root mean square of the frames within 30 dB of the loudest: what noise is measured against."""
    powers = 10 ** (frame_levels_db(clip.samples, clip.rate_hz) / 10)
    return float(np.sqrt(np.mean(powers[powers >= powers.max() / 1000])))


AUGMENTATIONS: dict[str, Callable[[Clip], Clip]] = {
    **{f"speed-{factor}": partial(play_at_speed, factor=factor) for factor in (0.83, 0.9, 1.1, 1.2)},
    "white-noise": partial(in_noise, colour=0.0),
    "pink-noise": partial(in_noise, colour=0.5),
    **{f"degraded-{draw}": partial(degraded, draw=draw) for draw in range(1, 4)},
    "room": in_a_room,
    "walls": between_walls,
    "talkers": among_talkers,
    "some-telephone": over_some_telephone,
    "trimmed": without_silence,
    "raised-pitch": partial(with_raised_pitch, semitones=2),
    "telephone": over_telephone,
    "telephone-rate": at_telephone_rate,
}


def training_copy(clip: Clip, name: str, rate_hz: int | None) -> Clip:
    """A clip at the working rate after augmentations by name, joined by `+` in the order in which they happen."""
    copy = _resampled(clip, rate_hz)
    for step in name.split("+"):
        copy = AUGMENTATIONS[step](copy)
    return copy


@lru_cache(maxsize=1)
def _resampled(clip: Clip, rate_hz: int | None) -> Clip:
    """The one that all copies of a clip begin with, made for the first of them."""
    return resample(clip, rate_hz)
