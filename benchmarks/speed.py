"""How fast it is: features beside the field's pipeline and the floor, requests, saturation, length.

`python -m benchmarks.speed [--ravdess PATH] [--write]` prints the figures; --write puts them and their charts into
docs/. Without RAVDESS it uses synthesised clips. It takes about three minutes, listens on the loopback alone, and ends
what it started. Nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks import bare, charts
from benchmarks.crowd import send
from benchmarks.field import field_vector, floor
from benchmarks.pages import PAGE, publish
from benchmarks.site import serving
from benchmarks.timing import machine, side_by_side
from benchmarks.traffic import upload, wav
from ml.corpora.ravdess import read_ravdess
from ml.decoding import decode
from ml.features.sets import feature_set
from ml.machine import cores
from ml.synthesis import STYLES, speak

MODELS = ("classic", "expressive")
LENGTHS_S = (3, 10, 30, 60, 180, 600)
SERVED_HZ = 16_000
WARM_S = 3.0

FIELD, FILE, SERVED, EXPRESSIVE = "the field's", "classic-180, file's rate", "classic-180, 16 kHz", "expressive-31988"
FLOOR_FILE, FLOOR_SERVED = "floor, file's rate", "floor, 16 kHz"

NOTES = """
![Milliseconds a clip: the field's pipeline, ours, and the floor](images/speed-features.svg)

![Milliseconds a second of audio, by the length of the recording](images/speed-length.svg)

- *The field's* pipeline ([`benchmarks/field.py`](../benchmarks/field.py)): three calls of librosa, each with a
  transform of its own, at the file's rate, with the tuning estimated for each clip.
- *The floor*: reading the file, bringing it to the rate, and transforming its frames. No pipeline does less.
- *Stages*: decoding, conditioning, features and predicting, in a process of their own.
- *Bare processes*: one a core, classifying without a site around them. The site shares the cores with its senders.
""".strip().splitlines()


def main() -> None:
    """Run, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravdess", type=Path, help="the corpus, a folder or the published zip")
    parser.add_argument("--clips", type=int, default=48, help="how many clips")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each load")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.name}")
    asked = parser.parse_args()
    publish("Speed", report(asked), write=asked.write)


def report(asked: argparse.Namespace) -> Iterator[str]:
    """The lines of the section."""
    clips = chosen(asked.ravdess, asked.clips)
    mean_s = statistics.mean(decode(clip).duration_s for clip in clips)
    of = "RAVDESS clips" if asked.ravdess else "synthesised clips at 48 kHz"
    yield f"Measured on {machine()}; {len(clips)} {of}, {mean_s:.1f} s on average; one thread a process."
    yield from ["", "| | Measured | Target |", "| --- | ---: | ---: |"]
    with threadpool_limits(1):
        took_ms = time_features(clips)
        yield from feature_rows(took_ms)
        yield from request_rows(clips, asked.seconds)
        costs_ms = {model: [cost_ms(model, length_s) for length_s in LENGTHS_S] for model in MODELS}
        yield from length_rows(costs_ms)
    if asked.write:
        charts.bars("speed-features", took_ms)
        charts.lines("speed-length", LENGTHS_S, costs_ms)
    yield from ["", *NOTES]


def row(*cells: str) -> str:
    """A row of the table."""
    return f"| {' | '.join(cells)} |"


def chosen(ravdess: Path | None, count: int) -> list[bytes]:
    """Clips from all over the corpus, or synthesised ones like them."""
    if ravdess is None:
        styles = list(STYLES.values())
        voices = [styles[number % len(styles)] for number in range(count)]
        return [
            wav(speak(style, seed=seed, speech_s=2.0, pause_s=0.8, rate_hz=48_000)) for seed, style in enumerate(voices)
        ]
    utterances = read_ravdess(ravdess).utterances
    return [utterance.file.read() for utterance in utterances[:: max(1, len(utterances) // count)][:count]]


def time_features(clips: Sequence[bytes]) -> dict[str, float]:
    """Milliseconds from a file to its vector, by the way that it takes."""
    classic, expressive = feature_set("classic-180"), feature_set("expressive-31988")
    ways = {
        FIELD: field_vector,
        FILE: lambda clip: classic.extract(decode(clip)),
        FLOOR_FILE: lambda clip: floor(clip, None),
        SERVED: lambda clip: classic.extract(decode(clip, rate_hz=SERVED_HZ)),
        FLOOR_SERVED: lambda clip: floor(clip, SERVED_HZ),
        EXPRESSIVE: lambda clip: expressive.extract(decode(clip, rate_hz=SERVED_HZ)),
    }
    return side_by_side(ways, clips, rounds=7)


def feature_rows(took_ms: Mapping[str, float]) -> Iterator[str]:
    """What features cost, beside others and alone."""
    yield row("From file to vector: the field's pipeline", f"{took_ms[FIELD]:.1f} ms", "")
    for ours, least, target in ((FILE, FLOOR_FILE, ""), (SERVED, FLOOR_SERVED, "≤ 1.6×")):
        yield row(f"{ours}", f"{took_ms[ours]:.1f} ms", "")
        yield row(f"{ours}: quicker than the field's", f"{took_ms[FIELD] / took_ms[ours]:.1f}×", "≥ 5×")
        yield row(
            f"{ours}: against the floor of {took_ms[least]:.1f} ms", f"{took_ms[ours] / took_ms[least]:.2f}×", target
        )
    yield row(f"{EXPRESSIVE}, 16 kHz, nothing trimmed", f"{took_ms[EXPRESSIVE]:.1f} ms", "≤ 60 ms")


def request_rows(clips: Sequence[bytes], seconds: float) -> Iterator[str]:
    """Whole requests, one at a time and at saturation."""
    with ProcessPoolExecutor(cores(), get_context("spawn")) as processes, serving() as site:
        for model in MODELS:
            requests = [upload(clip, model=model) for clip in clips]
            ask = partial(send, site.port, requests, rate=0.0)
            ask(seconds=WARM_S, clients=2 * cores())
            p50_ms = 1000 * statistics.median(ask(seconds=seconds, clients=1).of(200))
            full = ask(seconds=seconds, clients=2 * cores()).goodput
            stages_ms = time_stages(clips, model)
            for length_s in (WARM_S, seconds):
                rates = [processes.submit(bare.rate, clips, model, length_s) for _ in range(cores())]
                ideal = sum(rate.result() for rate in rates)
            over = f"request, p50 {p50_ms:.1f} ms: over its stages of {stages_ms:.1f} ms"
            yield row(f"{model}: {over}", f"{p50_ms - stages_ms:.1f} ms", "≤ 12 ms")
            at_most = f"{full:.0f} clips a second at saturation, bare processes {ideal:.0f}"
            yield row(f"{model}: {at_most}", f"{full / ideal:.0%}", "≥ 85 %")


def time_stages(clips: Sequence[bytes], model: str) -> float:
    """Median milliseconds of a clip's stages together."""
    models = bare.catalogue()
    rounds = [[sum(models.classify_timed(clip, model=model)[1].values()) for clip in clips] for _ in range(2)]
    return 1000 * statistics.median(rounds[-1])


def cost_ms(model: str, length_s: int) -> float:
    """Milliseconds that a second of audio costs in a recording of that length."""
    audio = wav(speak(STYLES["neutral"], speech_s=length_s - 0.2, pause_s=0.1))
    ways = {model: lambda recording: bare.catalogue().classify(recording, model=model)}
    return side_by_side(ways, [audio], rounds=3)[model] / length_s


def length_rows(costs_ms: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """What a second of audio costs, from short clips to long recordings."""
    for model, costs in costs_ms.items():
        what = f"{model}: a second of audio, from {min(LENGTHS_S)} s to {max(LENGTHS_S)} s long"
        low, high = min(costs), max(costs)
        yield row(f"{what}: {low:.1f} to {high:.1f} ms", f"{high / low:.2f}×", "≤ 1.5×")


if __name__ == "__main__":
    main()
