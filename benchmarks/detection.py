"""How well speech is found in noise, beside WebRTC's detector: what `benchmarks.timeline` reports of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import webrtcvad

from benchmarks.stitching import RATE_HZ, TUNED_ON, Stitched, clips_of, stitch
from ml.activity import find_speech
from ml.corpora import Corpus
from ml.protocols import RAVDESS_FOLDS

Spoken = npt.NDArray[np.bool_]
HOP = RATE_HZ // 100
BRIDGED_HOPS = 30


def f1(found: Spoken, truth: Spoken) -> float:
    """Harmonic mean of precision and recall over frames."""
    return float(2 * np.sum(found & truth) / (found.sum() + truth.sum()))


def ours(recording: Stitched, times_s: np.ndarray) -> Spoken:
    """Where our detector finds speech."""
    spans = np.array(find_speech(recording.samples, RATE_HZ))
    found: Spoken = np.any((times_s[:, np.newaxis] >= spans[:, 0]) & (times_s[:, np.newaxis] < spans[:, 1]), axis=1)
    return found


def webrtc(recording: Stitched, *, mode: int) -> Spoken:
    """Where WebRTC's detector does, in frames of 10 ms; pauses under 0.3 s bridged as ours does."""
    detector, hop = webrtcvad.Vad(mode), HOP
    pcm = (np.clip(recording.samples / np.abs(recording.samples).max() / 2, -1, 1) * 32767).astype("<i2")
    frames = [pcm[i : i + hop].tobytes() for i in range(0, len(pcm) - hop + 1, hop)]
    found = np.array([detector.is_speech(frame, RATE_HZ) for frame in frames])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], found.astype(int), [0]]))).reshape(-1, 2)
    for (_, end), (start, _) in pairwise(edges):
        if start - end < BRIDGED_HOPS:
            found[end:start] = True
    return found


def measure_detection(corpus: Corpus) -> dict[str, dict[str, float]]:
    """F1 of both detectors in silence and noise, over all actors but those of the tuning."""
    found: dict[str, dict[str, list[float]]] = {}
    for actor in sorted({actor for fold in RAVDESS_FOLDS for actor in fold} - set(TUNED_ON)):
        clips = clips_of(corpus, actor)
        for noise_db in (None, 30.0, 20.0, 10.0):
            recording = stitch(clips, np.random.default_rng(actor), pauses_s=(0.4, 2.0), noise_db=noise_db)
            times_s = (np.arange(len(recording.samples) // HOP) + 0.5) / 100
            truth, row = recording.is_spoken(times_s), "silence" if noise_db is None else f"{noise_db:.0f} dB"
            scores = {"ours": ours(recording, times_s)} | {
                f"WebRTC, mode {mode}": webrtc(recording, mode=mode)[: len(times_s)] for mode in (1, 2, 3)
            }
            for name, speech in scores.items():
                found.setdefault(row, {}).setdefault(name, []).append(f1(speech, truth))
    return {row: {name: float(np.mean(values)) for name, values in cells.items()} for row, cells in found.items()}


def detection_table(found: dict[str, dict[str, float]]) -> list[str]:
    """F1 by noise and detector."""
    detectors = list(next(iter(found.values())))
    rows = [
        f"| {noise} | " + " | ".join(f"{cells[name]:.3f}" for name in detectors) + " |"
        for noise, cells in found.items()
    ]
    return [f"| Noise | {' | '.join(detectors)} |", "|---" * (1 + len(detectors)) + "|", *rows]
