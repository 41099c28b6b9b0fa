"""Sounds that are no speech, made by arithmetic: what must never be given an emotion with confidence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.signal

Signal = npt.NDArray[np.float64]
Make = Callable[[np.random.Generator], Signal]

RATE_HZ = 16_000
LENGTH_S = 3.0
TIME_S: Signal = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
PENTATONIC_SEMITONES = (0, 2, 4, 7, 9)


def sine(frequency_hz: float | Signal) -> Signal:
    """A tone, steady or moving."""
    swept: Signal = np.sin(2 * np.pi * np.cumsum(np.broadcast_to(frequency_hz, TIME_S.shape)) / RATE_HZ)
    return swept


def coloured(rng: np.random.Generator, exponent: float) -> Signal:
    """Noise whose power falls with the frequency to this exponent: 0 is white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(len(TIME_S)))
    frequencies_hz = np.maximum(np.fft.rfftfreq(len(TIME_S), 1 / RATE_HZ), 20.0)
    noise: Signal = np.fft.irfft(spectrum * frequencies_hz ** (-exponent / 2), len(TIME_S))
    return noise


def pulsed(sound: Signal, *, on_s: float, off_s: float) -> Signal:
    """A sound that comes and goes."""
    return sound * (TIME_S % (on_s + off_s) < on_s)


def note(pitch_hz: float, *, harmonics: int, decay_s: float) -> Signal:
    """A plucked string."""
    partials = [sine(pitch_hz * k) / k for k in range(1, harmonics + 1) if pitch_hz * k < RATE_HZ / 2]
    plucked: Signal = np.sum(partials, axis=0) * np.exp(-TIME_S / decay_s)
    return plucked


def tune(rng: np.random.Generator) -> Signal:
    """Notes of a scale, three a second."""
    sound = np.zeros_like(TIME_S)
    for start in range(0, len(TIME_S), RATE_HZ // 3):
        pitch_hz = 220 * 2 ** ((rng.choice(PENTATONIC_SEMITONES) + 12 * rng.integers(0, 2)) / 12)
        sound[start:] += note(pitch_hz, harmonics=8, decay_s=0.3)[: len(TIME_S) - start]
    return sound


def chords(rng: np.random.Generator) -> Signal:
    """Three notes at once, a new chord each second."""
    sound = np.zeros_like(TIME_S)
    for start in range(0, len(TIME_S), RATE_HZ):
        root_hz = 130 * 2 ** (rng.integers(0, 12) / 12)
        chord = sum(note(root_hz * ratio, harmonics=6, decay_s=0.8) for ratio in (1, 5 / 4, 3 / 2))
        sound[start:] += np.asarray(chord)[: len(TIME_S) - start]
    return sound


def drums(rng: np.random.Generator) -> Signal:
    """Strokes of falling pitch and of noise, in turn."""
    sound = np.zeros_like(TIME_S)
    for beat, start in enumerate(range(0, len(TIME_S), RATE_HZ // 4)):
        stroke = sine(60 + 90 * np.exp(-TIME_S / 0.03)) if beat % 2 == 0 else rng.standard_normal(len(TIME_S))
        sound[start:] += (stroke * np.exp(-TIME_S / 0.06))[: len(TIME_S) - start]
    return sound


def claps(rng: np.random.Generator) -> Signal:
    """Short bursts of noise at odd moments."""
    sound = np.zeros_like(TIME_S)
    for start in rng.integers(0, len(TIME_S), 12):
        sound[start:] += (rng.standard_normal(len(TIME_S)) * np.exp(-TIME_S / 0.015))[: len(TIME_S) - start]
    return sound


def hum(rng: np.random.Generator) -> Signal:
    """Mains hum with its odd harmonics, over a little noise."""
    mains: Signal = np.sum([sine(50 * k) / k for k in (1, 3, 5, 7, 9)], axis=0)
    return mains + 0.02 * rng.standard_normal(len(TIME_S))


def engine(rng: np.random.Generator) -> Signal:
    """Pulses of a motor through a body's resonance, over rumble."""
    pulses = np.diff(np.floor(np.cumsum(np.full(len(TIME_S), 38.0)) / RATE_HZ), prepend=0.0)
    body = scipy.signal.butter(2, (60, 400), "bandpass", fs=RATE_HZ, output="sos")
    motor, rumble = scipy.signal.sosfilt(body, pulses), coloured(rng, 2)
    running: Signal = motor / np.abs(motor).max() + 0.3 * rumble / np.abs(rumble).max()
    return running


def clicks(rng: np.random.Generator) -> Signal:
    """Single samples, at random."""
    return (rng.random(len(TIME_S)) < 3e-3) * rng.standard_normal(len(TIME_S))


def keyboard(rng: np.random.Generator) -> Signal:
    """Somebody types."""
    sound = np.zeros_like(TIME_S)
    for start in np.cumsum(rng.uniform(0.08, 0.25, 20)):
        first = round(start * RATE_HZ)
        if first < len(TIME_S):
            stroke = scipy.signal.lfilter([1, -0.9], [1], rng.standard_normal(len(TIME_S))) * np.exp(-TIME_S / 0.008)
            sound[first:] += stroke[: len(TIME_S) - first]
    return sound


def rain(rng: np.random.Generator) -> Signal:
    """Noise whose level wanders."""
    level = np.interp(TIME_S, np.linspace(0, LENGTH_S, 8), rng.uniform(0.5, 1.0, 8))
    return coloured(rng, 0.5) * level


NO_SPEECH: dict[str, Make] = {
    "digital silence": lambda _: np.zeros_like(TIME_S),
    "a constant": lambda _: np.full_like(TIME_S, 0.5),
    "one click": lambda _: np.eye(1, len(TIME_S), RATE_HZ)[0],
    "clicks": clicks,
    "white noise": lambda rng: coloured(rng, 0),
    "pink noise": lambda rng: coloured(rng, 1),
    "brown noise": lambda rng: coloured(rng, 2),
    "noise in bursts": lambda rng: pulsed(coloured(rng, 0), on_s=0.2, off_s=0.15),
    "rain": rain,
    "mains hum": hum,
    "an engine": engine,
    "a pure tone": lambda _: sine(440.0),
    "a low tone": lambda _: sine(120.0),
    "a European dial tone": lambda _: sine(425.0),
    "an American dial tone": lambda _: sine(350.0) + sine(440.0),
    "a busy tone": lambda _: pulsed(sine(480.0) + sine(620.0), on_s=0.5, off_s=0.5),
    "a ringing tone": lambda _: pulsed(sine(440.0) + sine(480.0), on_s=2.0, off_s=4.0),
    "dialled digits": lambda _: pulsed(sine(770.0) + sine(1336.0), on_s=0.1, off_s=0.1),
    "a siren": lambda _: sine(700 + 250 * np.sign(np.sin(2 * np.pi * TIME_S))),
    "a sweep": lambda _: sine(np.geomspace(100, 6_000, len(TIME_S))),
    "an alarm clock": lambda _: pulsed(np.sign(sine(1_000.0)), on_s=0.1, off_s=0.2),
    "a tune": tune,
    "chords": chords,
    "drums": drums,
    "claps": claps,
    "a keyboard": keyboard,
}


def no_speech(kind: str, *, seed: int = 0, rms: float = 0.05) -> npt.NDArray[np.float32]:
    """Three seconds of a kind of `NO_SPEECH`, at one level [shape=(n,)]."""
    sound = NO_SPEECH[kind](np.random.default_rng(seed))
    level = np.sqrt(np.mean(np.square(sound)))
    return (sound * (rms / level if level else 1.0)).clip(-1, 1).astype(np.float32)
