"""Where speech begins and ends in a recording, and how much of it there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.fft

Samples = npt.NDArray[np.float32]
Levels = npt.NDArray[np.float64]

HOP_S = 0.010
HOPS_IN_A_FRAME = 3
SILENCE_DB = -80.0  # some last bits of 16-bit sound, as a muted microphone delivers: nothing was recorded


@dataclass(frozen=True)
class Span:
    """Speech in a recording: from sample `start` to before sample `end`, `speech_s` seconds of it loud enough."""

    start: int
    end: int
    speech_s: float


@dataclass(frozen=True, kw_only=True)
class LevelTrim:
    """By the level alone.

    Frames are active down to `depth_db` under loud speech, or down to `margin_db` over the noise floor where the
    recording is noisy, but never closer than `least_db` to loud speech.
    """

    method: str = "level"
    depth_db: float = 30.0
    margin_db: float = 10.0
    least_db: float = 12.0

    def span(self, samples: Samples, rate_hz: int) -> Span:
        """Where speech is."""
        levels_db = frame_levels_db(samples, rate_hz)
        # Digital silence says nothing about the room, so the percentiles leave it out.
        floor_db, loud_db = np.percentile(levels_db[levels_db > levels_db.max() - 60], (10, 95))
        threshold_db = max(loud_db - self.depth_db, min(floor_db + self.margin_db, loud_db - self.least_db))
        active = np.flatnonzero(levels_db >= threshold_db)
        start, end = active[0] * HOP_S, (active[-1] + HOPS_IN_A_FRAME) * HOP_S
        return Span(round(start * rate_hz), round(end * rate_hz), len(active) * HOP_S)


@dataclass(frozen=True, kw_only=True)
class BandTrim:
    """By the smoothed level between 125 and 4,000 Hz, where voices are, without short bursts.

    Frames are active down to `depth_db` under loud speech; where noise is louder than that, down to `quiet_share` of
    the way from the noise to loud speech; but never closer than `least_db` to it. Bursts under `burst_s` do not count,
    and `padding_s` is kept around the rest.
    """

    method: str = "band"
    depth_db: float = 32.0
    quiet_share: float = 0.25
    least_db: float = 12.0
    burst_s: float = 0.06
    padding_s: float = 0.04

    def span(self, samples: Samples, rate_hz: int) -> Span:
        """Where speech is."""
        levels_db = voice_band_levels_db(samples, rate_hz)
        loud_db, floor_db = np.percentile(levels_db, (98, 8))
        noisy_db = floor_db + self.quiet_share * (loud_db - floor_db) + 2
        active = levels_db > max(loud_db - self.depth_db, min(noisy_db, loud_db - self.least_db))
        edges = np.diff(np.concatenate([[0], active.astype(int), [0]]))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        lasting = (ends - starts) * HOP_S >= self.burst_s - 1e-9
        if lasting.any():
            starts, ends = starts[lasting], ends[lasting]
        # A frame is centred half a hop after its number.
        start_s = (starts[0] - 0.5) * HOP_S - self.padding_s
        end_s = min(ends[-1] * HOP_S + self.padding_s, len(levels_db) * HOP_S)
        return Span(max(0, round(start_s * rate_hz)), round(end_s * rate_hz), float((ends - starts).sum() * HOP_S))


Trim = LevelTrim | BandTrim
_TRIMS: dict[str, type[LevelTrim] | type[BandTrim]] = {"level": LevelTrim, "band": BandTrim}


def trim_from_dict(data: dict[str, Any]) -> Trim:
    """The inverse of `dataclasses.asdict` for both ways of trimming."""
    return _TRIMS[data.get("method", "level")](**data)


def frame_levels_db(samples: Samples, rate_hz: int) -> Levels:
    """Level of each 30 ms frame, every 10 ms, in dB against full scale [shape=(frames,)].

    A constant offset, as cheap sound cards add, is no sound and does not count.
    """
    hop = round(HOP_S * rate_hz)
    hops = samples[: len(samples) // hop * hop].reshape(-1, hop)
    offset = hops.mean(dtype=np.float64) if hops.size else 0.0
    energy = np.einsum("ij,ij->i", hops, hops, dtype=np.float64) - 2 * offset * hops.sum(axis=1, dtype=np.float64)
    energy += hop * offset**2
    width = min(HOPS_IN_A_FRAME, max(1, len(energy)))
    frames = np.convolve(energy, np.ones(width), "valid") if len(energy) else np.zeros(1)
    return 10 * np.log10(np.maximum(frames / (width * hop), 1e-20))


def voice_band_levels_db(samples: Samples, rate_hz: int) -> Levels:
    """Level of the voice band around every 10 ms, smoothed over 50 ms, in dB [shape=(frames,)].

    A constant offset does not count: the window would let some of it into the band.
    """
    power = np.concatenate(list(_band_power(samples, rate_hz)))
    smoothed: Levels = np.convolve(np.pad(10 * np.log10(power + 1e-9), 2, mode="edge"), np.full(5, 0.2), "valid")
    return smoothed


def _band_power(samples: Samples, rate_hz: int) -> Iterator[Levels]:
    hop, width = round(HOP_S * rate_hz), round(0.025 * rate_hz)
    n_fft = 1 << (width - 1).bit_length()
    frequencies_hz = scipy.fft.rfftfreq(n_fft, 1 / rate_hz)
    band = (frequencies_hz >= 125) & (frequencies_hz < 4_000)
    window = np.hanning(width + 2)[1:-1].astype(np.float32)
    count = max(1, len(samples) // hop)
    offset = np.float32(samples.mean(dtype=np.float64)) if len(samples) else np.float32(0)
    for first in range(0, count, 2048):
        last = min(first + 2048, count) - 1
        start, end = first * hop - width // 2, last * hop - width // 2 + width
        # Only the batch is padded: a second copy of a long recording would not fit.
        part = np.pad(samples[max(start, 0) : end] - offset, (max(-start, 0), max(end - len(samples), 0)))
        frames = np.lib.stride_tricks.sliding_window_view(part, width)[::hop]
        spectrum = scipy.fft.rfft(frames * window, n_fft)[:, band]
        yield np.sum(spectrum.real**2 + spectrum.imag**2, axis=1, dtype=np.float64)
