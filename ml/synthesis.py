"""Voices made by arithmetic: a small source-filter synthesiser (Fant 1960; formants from Peterson & Barney 1952).

Its voices are the site's samples, the clips whose answers every model must remember, and the miniature corpus of the
tests. They say nothing, but they have what emotion is heard in: pitch and its movement, pace, energy, tension.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.signal
import soundfile

from ml.audio import Clip, Samples

Signal = npt.NDArray[np.float64]

# First three formants of five vowels spoken by men, in Hz.
VOWELS = {
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
FORMANT_BANDWIDTHS_HZ = (60, 90, 150)


@dataclass(frozen=True, kw_only=True)
class Style:
    """A way of speaking.

    Attributes
    ----------
    pitch : float
        Mean pitch against the speaker's own.
    range_semitones : float
        How far the pitch moves from its mean.
    slope_semitones : float
        How far it rises (or falls) from the first to the last syllable.
    syllables_per_s : float
    level_db : float
        Against a moderate voice.
    tilt : float
        Pole of the low-pass that softens the voice, in [0, 1): 0 is tense and bright, 0.98 dull.
    breath : float
        Share of noise in the source.
    tremor : float
        Depth of a 6 Hz tremor, in semitones.
    """

    pitch: float = 1.0
    range_semitones: float = 2.0
    slope_semitones: float = -1.0
    syllables_per_s: float = 4.0
    level_db: float = 0.0
    tilt: float = 0.93
    breath: float = 0.02
    tremor: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """A throat: its pitch, and its size against a man's (women's formants lie about 15 % higher)."""

    pitch_hz: float = 115.0
    formant_scale: float = 1.0


STYLES = {
    "neutral": Style(),
    "calm": Style(pitch=0.94, range_semitones=1.2, syllables_per_s=3.2, level_db=-4, tilt=0.95, breath=0.05),
    "happy": Style(pitch=1.35, range_semitones=5, slope_semitones=1, syllables_per_s=4.8, level_db=5, tilt=0.88),
    "sad": Style(
        pitch=0.98, range_semitones=1.5, slope_semitones=-3, syllables_per_s=2.7, level_db=-7, tilt=0.965, breath=0.1
    ),
    "angry": Style(pitch=1.4, range_semitones=4, slope_semitones=-2, syllables_per_s=5, level_db=10, tilt=0.75),
    "fearful": Style(pitch=1.65, range_semitones=3, syllables_per_s=5.5, level_db=4, tilt=0.9, breath=0.12, tremor=0.9),
    "disgust": Style(
        pitch=0.9, range_semitones=3, slope_semitones=-4, syllables_per_s=3, level_db=1, tilt=0.85, breath=0.06
    ),
    "surprised": Style(pitch=1.5, range_semitones=7, slope_semitones=7, syllables_per_s=4.4, level_db=5, tilt=0.87),
}


def speak(
    style: Style,
    *,
    speaker: Speaker | None = None,
    seed: int = 0,
    speech_s: float = 1.8,
    pause_s: float = 0.5,
    rate_hz: int = 16_000,
) -> Clip:
    """Say a sentence of vowels.

    Parameters
    ----------
    style : Style
    speaker : Speaker, optional
    seed : int
        Which sentence: the same arguments give the same samples.
    speech_s, pause_s : float
        Length of the speech, and of the near-silence before and after it.
    rate_hz : int

    Returns
    -------
    Clip
    """
    speaker = speaker or Speaker()
    rng = np.random.default_rng(seed)
    n = round(speech_s * rate_hz)
    syllables = max(2, round(speech_s * style.syllables_per_s))
    position = np.linspace(0, syllables, n, endpoint=False)
    source = _source(_pitch_hz(style, speaker, position / syllables, rate_hz, rng), style, rate_hz, rng)
    voice = _articulate(source, position, speaker, rate_hz, rng) * _loudness(position, rng)
    voice *= 0.06 * 10 ** (style.level_db / 20) / np.sqrt(np.mean(voice**2))
    quiet = np.zeros(round(pause_s * rate_hz))
    sound = np.concatenate([quiet, voice, quiet])
    sound += 3e-5 * rng.standard_normal(len(sound))
    return Clip(_softly_limited(sound), rate_hz)


def _pitch_hz(style: Style, speaker: Speaker, progress: Signal, rate_hz: int, rng: np.random.Generator) -> Signal:
    knots = rng.uniform(-1, 1, 6) * style.range_semitones
    semitones = np.interp(progress, np.linspace(0, 1, 6), knots) + style.slope_semitones * (progress - 0.5)
    semitones += (
        0.5 * style.range_semitones * np.sin(2 * np.pi * style.syllables_per_s * np.arange(len(progress)) / rate_hz)
    )
    semitones += style.tremor * np.sin(2 * np.pi * 6 * np.arange(len(progress)) / rate_hz)
    pitch: Signal = speaker.pitch_hz * style.pitch * 2 ** (semitones / 12)
    return pitch


def _source(pitch_hz: Signal, style: Style, rate_hz: int, rng: np.random.Generator) -> Signal:
    phase = np.cumsum(pitch_hz) / rate_hz
    pulses = np.diff(np.floor(phase), prepend=0.0)
    noise = style.breath * rng.standard_normal(len(phase))
    source: Signal = scipy.signal.lfilter([1 - style.tilt], [1, -style.tilt], pulses + noise)
    return source


def _articulate(source: Signal, position: Signal, speaker: Speaker, rate_hz: int, rng: np.random.Generator) -> Signal:
    """Pass the source through one vowel's formants after another, cross-faded."""
    vowels = rng.choice(list(VOWELS), int(position[-1]) + 1)
    spoken = np.zeros_like(source)
    for vowel in VOWELS:
        wanted = (vowels[position.astype(int)] == vowel).astype(float)
        share = scipy.signal.lfilter([0.01], [1, -0.99], wanted)
        spoken += share * _resonate(source, VOWELS[vowel], speaker.formant_scale, rate_hz)
    return spoken


def _resonate(source: Signal, formants_hz: tuple[int, ...], scale: float, rate_hz: int) -> Signal:
    sound = source
    for formant_hz, bandwidth_hz in zip(formants_hz, FORMANT_BANDWIDTHS_HZ, strict=True):
        radius = np.exp(-np.pi * bandwidth_hz / rate_hz)
        angle = 2 * np.pi * formant_hz * scale / rate_hz
        poles = [1, -2 * radius * np.cos(angle), radius**2]
        sound = scipy.signal.lfilter([sum(poles)], poles, sound)
    return sound


def _loudness(position: Signal, rng: np.random.Generator) -> Signal:
    """Each syllable swells from a near closure and dies away; some are stressed."""
    stress = rng.uniform(0.5, 1.0, int(position[-1]) + 1)
    loudness: Signal = stress[position.astype(int)] * (0.01 + np.sin(np.pi * (position % 1)) ** 1.5)
    return loudness


def _softly_limited(sound: Signal) -> Samples:
    return np.tanh(sound).astype(np.float32)


SAMPLE_VOICES = {
    "gentle": ("calm", Speaker(pitch_hz=205, formant_scale=1.16)),
    "excited": ("happy", Speaker(pitch_hz=195, formant_scale=1.15)),
    "weary": ("sad", Speaker()),
    "furious": ("angry", Speaker(pitch_hz=125)),
}


def write_samples(folder: Path) -> None:
    """Write the four sample voices of the site as 16-bit WAV files."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, (style, speaker)) in enumerate(SAMPLE_VOICES.items()):
        clip = speak(STYLES[style], speaker=speaker, seed=seed, speech_s=2.6)
        soundfile.write(folder / f"{name}.wav", clip.samples, clip.rate_hz, subtype="PCM_16")


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]))
