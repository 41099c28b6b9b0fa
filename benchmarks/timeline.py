"""How well timelines tell what is said, how and when: recordings stitched from the clips of strangers.

`python -m benchmarks.timeline --ravdess PATH [--write]` refits both recipes without the actors of each published fold,
stitches those actors' clips with known pauses, and compares the timelines with the truth and with what the same model
hears in the single clips; then it measures speech detection beside WebRTC's detector (`benchmarks.detection`), and the
cost. With --write the tables go into docs/timeline.md. The features of the corpus are cached; without them it takes
an hour.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.detection import detection_table, measure_detection
from benchmarks.stitching import RATE_HZ, TUNED_ON, Said, Stitched, clips_of, stitch
from ml import store
from ml.audio import Clip
from ml.corpora import Corpus
from ml.corpora.ravdess import read_ravdess
from ml.datasets import load_dataset
from ml.errors import AudioError
from ml.extraction import Extractor, default_cache_dir
from ml.listening import listen
from ml.protocols import RAVDESS_FOLDS
from ml.recipes import CLASSIC, EXPRESSIVE, Recipe
from ml.recogniser import Recogniser
from ml.results import Segment
from tests.recordings import soundfile_bytes

PAGE = Path(__file__).resolve().parent.parent / "docs" / "timeline.md"
WITHIN_S = 0.5
ROOM_S = 0.2
CONDITIONS: dict[str, dict[str, Any]] = {
    "pauses of 0.4 to 2 s, silent": {"pauses_s": (0.4, 2.0)},
    "the same, noise at 20 dB": {"pauses_s": (0.4, 2.0), "noise_db": 20.0},
    "pauses of 0 to 0.2 s": {"pauses_s": (0.0, 0.2)},
}


@dataclass
class Counts:
    """How many of how many were right."""

    right: int = 0
    asked: int = 0

    def add(self, right: int, asked: int) -> None:
        """Count more."""
        self.right += right
        self.asked += asked

    def __str__(self) -> str:
        return f"{100 * self.right / self.asked:.1f} %"


@dataclass(frozen=True)
class Quality:
    """What came of one recipe under one condition: emotions of single clips and of segments, and boundaries."""

    clips: Counts
    segments: Counts
    boundaries: Counts


def heard_at(timeline: Sequence[Segment], start_s: float, end_s: float) -> str | None:
    """The emotion that fills most of a stretch of a timeline."""
    shares: dict[str, float] = {}
    for segment in timeline:
        overlap_s = min(segment.end_s, end_s) - max(segment.start_s, start_s)
        if segment.emotion and overlap_s > 0:
            shares[segment.emotion] = shares.get(segment.emotion, 0.0) + overlap_s
    return max(shares, key=lambda emotion: shares[emotion], default=None)


def compare(recogniser: Recogniser, recording: Stitched, quality: Quality, *, noisy: bool) -> None:
    """Count what a timeline has right."""
    timeline = listen(recogniser, soundfile_bytes(recording.samples, RATE_HZ)).timeline
    right = [heard_at(timeline, said.start_s, said.end_s) == said.emotion for said in recording.said]
    quality.segments.add(sum(right), len(right))
    found_s = np.array([bound for segment in timeline for bound in (segment.start_s, segment.end_s)])
    near = [np.abs(found_s - bound_s).min() <= WITHIN_S for bound_s in recording.boundaries_s()]
    quality.boundaries.add(sum(near), len(near))
    for said in recording.said:
        alone = _cut(recording, said) if noisy else said.clip
        quality.clips.add(_emotion(recogniser, alone) == said.emotion, 1)


def _cut(recording: Stitched, said: Said) -> Clip:
    """A clip as it is in a recording with noise, with some of the room around it."""
    start, end = (round(bound_s * RATE_HZ) for bound_s in (said.start_s - ROOM_S, said.end_s + ROOM_S))
    return Clip(recording.samples[start:end], RATE_HZ)


def _emotion(recogniser: Recogniser, clip: Clip) -> str | None:
    try:
        return recogniser.classify_clip(clip).emotion
    except AudioError:
        return None


def strangers(recipe: Recipe, corpus: Corpus, folds: Sequence[Sequence[int]]) -> Iterator[tuple[Recogniser, list[int]]]:
    """For each fold a model that never heard its actors, and the actors."""
    extractor = Extractor(recipe.conditioning, recipe.feature_set, default_cache_dir())
    data = load_dataset(corpus, extractor, labels=recipe.labels, copies=recipe.copies)
    manifest = store.find(recipe.name, roots=(store.SHIPPED_DIR,)).manifest
    for fold in folds:
        known = np.flatnonzero(~np.isin(data.speakers, [f"ravdess-{actor:02}" for actor in fold]))
        model = recipe.model.fit_plain(data.rows(known), seed=0)
        yield Recogniser(manifest, model), [actor for actor in fold if actor not in TUNED_ON]


def measure_quality(recipe: Recipe, corpus: Corpus, folds: Sequence[Sequence[int]]) -> dict[str, Quality]:
    """One recipe under all conditions, over the actors of these folds."""
    found = {name: Quality(Counts(), Counts(), Counts()) for name in CONDITIONS}
    for recogniser, actors in strangers(recipe, corpus, folds):
        for actor in actors:
            clips = clips_of(corpus, actor)
            for name, how in CONDITIONS.items():
                rng = np.random.default_rng(actor)
                compare(recogniser, stitch(clips, rng, **how), found[name], noisy="noise_db" in how)
    return found


def measure_cost(corpus: Corpus) -> dict[str, list[float]]:
    """Milliseconds of processor time for a second of sound: single clips, a talk, speech without pauses."""
    clips, found = clips_of(corpus, 12), {}
    talks = [stitch(clips, np.random.default_rng(0), pauses_s=pauses_s) for pauses_s in ((0.4, 2.0), (0.0, 0.2))]
    for recipe in (CLASSIC, EXPRESSIVE):
        recogniser = Recogniser.load(store.find(recipe.name, roots=(store.SHIPPED_DIR,)))
        singly = [(partial(recogniser.classify, _wav(clip.samples)), clip.duration_s) for clip, _ in clips]
        long = [[(partial(listen, recogniser, _wav(talk.samples)), talk.duration_s)] for talk in talks]
        with threadpool_limits(1):  # as in a worker: threads that wait would count as work
            found[recipe.name] = [_ms_a_second(tasks) for tasks in (singly, *long)]
    return found


def _wav(samples: np.ndarray) -> bytes:
    return soundfile_bytes(samples, RATE_HZ)


def _ms_a_second(tasks: Sequence[tuple[Callable[[], object], float]]) -> float:
    """The best of three rounds."""
    rounds = []
    for _ in range(3):
        started = time.process_time()
        for task, _ in tasks:
            task()
        rounds.append(time.process_time() - started)
    return 1000 * min(rounds) / sum(duration_s for _, duration_s in tasks)


def quality_table(found: dict[str, dict[str, Quality]]) -> list[str]:
    """Emotions and boundaries, by model and condition."""
    rows = [
        f"| `{model}`, {condition} | {quality.clips} | {quality.segments} | {quality.boundaries} |"
        for model, conditions in found.items()
        for condition, quality in conditions.items()
    ]
    return ["| Model and recording | Single clips | Segments | Boundaries |", "|---|---|---|---|", *rows]


def cost_table(found: dict[str, list[float]]) -> list[str]:
    """Processor time of one core, and how many times faster than the sound itself that is."""
    rows = [
        f"| `{model}` | " + " | ".join(f"{ms:.1f} ms ({1000 / ms:.0f} ×)" for ms in costs) + " |"
        for model, costs in found.items()
    ]
    heading = "| Model | Single clips | Talk with pauses | Speech without pauses |"
    return [heading, "|---|---|---|---|", *rows]


def with_table(page: str, table: Sequence[str]) -> str:
    """The page with the table in the place of the one that has the same heading."""
    lines = page.splitlines()
    start = lines.index(table[0])
    end = next((at for at in range(start, len(lines)) if not lines[at].startswith("|")), len(lines))
    return "\n".join([*lines[:start], *table, *lines[end:], ""])


def main() -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravdess", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=len(RAVDESS_FOLDS), metavar="N", help="only the first N")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    corpus = read_ravdess(asked.ravdess)
    folds = RAVDESS_FOLDS[: asked.folds]
    quality = {recipe.name: measure_quality(recipe, corpus, folds) for recipe in (CLASSIC, EXPRESSIVE)}
    for table in (
        quality_table(quality),
        detection_table(measure_detection(corpus)),
        cost_table(measure_cost(corpus)),
    ):
        print("\n".join(table), end="\n\n")
        if asked.write:
            PAGE.write_text(with_table(PAGE.read_text("utf-8"), table), "utf-8")


if __name__ == "__main__":
    main()
