"""Long recordings stitched from the clips of a corpus, so that it is known who says what, how and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ml.audio import Clip, Samples
from ml.corpora import Corpus
from ml.decoding import decode
from ml.trimming import BandTrim

RATE_HZ = 16_000
TUNED_ON = (2, 15, 16, 18, 3, 5, 7, 24)
"""RAVDESS actors on whom the parameters of detection and timelines were chosen: no figure is theirs."""


@dataclass(frozen=True)
class Said:
    """One clip in a stitched recording: from when to when its speech lasts, its emotion, and the clip as it was."""

    start_s: float
    end_s: float
    emotion: str
    clip: Clip


@dataclass(frozen=True, eq=False)
class Stitched:
    """A recording and the truth about it."""

    samples: Samples
    said: tuple[Said, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / RATE_HZ

    def boundaries_s(self) -> list[float]:
        """Where speech begins, ends, or changes its emotion without a pause."""
        bounds = [self.said[0].start_s]
        for before, after in pairwise(self.said):
            if after.start_s - before.end_s >= 0.4:
                bounds += [before.end_s, after.start_s]
            elif before.emotion != after.emotion:
                bounds.append((before.end_s + after.start_s) / 2)
        return [*bounds, self.said[-1].end_s]

    def is_spoken(self, times_s: np.ndarray) -> np.ndarray:
        """Whether somebody speaks at each time."""
        spoken = np.zeros(len(times_s), bool)
        for said in self.said:
            spoken |= (times_s >= said.start_s) & (times_s < said.end_s)
        return spoken


def clips_of(corpus: Corpus, actor: int) -> list[tuple[Clip, str]]:
    """An actor's clips at 16 kHz with their emotions."""
    own = [utterance for utterance in corpus.utterances if utterance.speaker == f"ravdess-{actor:02}"]
    return [(decode(utterance.file.read(), rate_hz=RATE_HZ), utterance.emotion) for utterance in own]


def stitch(
    clips: Sequence[tuple[Clip, str]],
    rng: np.random.Generator,
    *,
    pauses_s: tuple[float, float],
    noise_db: float | None = None,
) -> Stitched:
    """The speech of clips in a random order, with pauses of random lengths before, between and after it.

    Parameters
    ----------
    clips : sequence of (Clip, str)
    rng : np.random.Generator
    pauses_s : tuple of float
        Shortest and longest.
    noise_db : float, optional
        Pink noise so far under the mean power of the speech; else the pauses are silent.
    """
    parts, said, at = [_silence(rng, pauses_s)], [], 0
    for index in rng.permutation(len(clips)):
        clip, emotion = clips[index]
        span = BandTrim().span(clip.samples, RATE_HZ)
        speech = clip.samples[span.start : span.end]
        at += len(parts[-1])
        said.append(Said(at / RATE_HZ, (at + len(speech)) / RATE_HZ, emotion, clip))
        parts += [speech, _silence(rng, pauses_s)]
        at += len(speech)
    samples = np.concatenate(parts)
    if noise_db is not None:
        power = np.mean(np.square(np.concatenate(parts[1::2]), dtype=np.float64))
        samples = samples + _pink(rng, len(samples)) * np.float32(np.sqrt(power / 10 ** (noise_db / 10)))
    return Stitched(samples, tuple(said))


def _silence(rng: np.random.Generator, pauses_s: tuple[float, float]) -> Samples:
    return np.zeros(round(rng.uniform(*pauses_s) * RATE_HZ), np.float32)


def _pink(rng: np.random.Generator, length: int) -> Samples:
    """Noise with a power of 1 and the same power in every octave."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, length)
    unit: Samples = (noise / noise.std()).astype(np.float32)
    return unit
