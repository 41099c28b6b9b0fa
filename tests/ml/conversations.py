"""Long recordings made of synthesised voices, with known pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.audio import Samples
from tests.recordings import voice

RATE_HZ = 16_000


@dataclass(frozen=True)
class Conversation:
    """What is said one after another, and from when to when."""

    samples: Samples
    spoken_s: tuple[tuple[float, float], ...]

    @property
    def duration_s(self) -> float:
        return len(self.samples) / RATE_HZ


def conversation(
    styles: Sequence[str], *, pause_s: float = 1.0, speech_s: float = 1.6, noise_db: float | None = None
) -> Conversation:
    """Sentences in these styles with pauses before, between and after them.

    Parameters
    ----------
    styles : sequence of str
    pause_s, speech_s : float
    noise_db : float, optional
        White noise so far under the speech; by default the pauses are silent.
    """
    rng = np.random.default_rng(0)
    pause = np.zeros(round(pause_s * RATE_HZ), np.float32)
    parts, spoken, at_s = [pause], [], pause_s
    for number, style in enumerate(styles):
        said = _bare(voice(style, speech_s=speech_s, seed=number % 2).samples)
        parts += [said, pause]
        spoken.append((at_s, at_s + len(said) / RATE_HZ))
        at_s = spoken[-1][1] + pause_s
    samples = np.concatenate(parts)
    if noise_db is not None:
        power = np.mean([np.mean(np.square(part)) for part in parts[1::2]])
        noise = rng.standard_normal(len(samples)) * np.sqrt(power / 10 ** (noise_db / 10))
        samples = (samples + noise).astype(np.float32)
    return Conversation(samples, tuple(spoken))


def _bare(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]
