"""What operators watch, in Prometheus' words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ml.engine import EngineStats

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

REQUESTS = Counter("undertone_requests", "Requests answered.", ["route", "outcome"], registry=REGISTRY)
SECONDS = Histogram(
    "undertone_request_seconds",
    "Time from a request's head to its answer.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
STAGES = Histogram(
    "undertone_stage_seconds",
    "Time a recording spent in each stage.",
    ["stage"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)


def observe_stage(stage: str, seconds: float) -> None:
    """Count the time that one recording spent in one stage; the engine calls this."""
    STAGES.labels(stage).observe(seconds)


def observe_request(*, route: str, outcome: str, seconds: float) -> None:
    """Count one request: `outcome` is the error's code, or `ok`."""
    REQUESTS.labels(route, outcome).inc()
    SECONDS.labels(route).observe(seconds)


class EngineCollector(Collector):
    """Reads the engine when metrics are asked for.

    Parameters
    ----------
    statistics : callable
        What the engine is doing.
    models : callable
        Summaries of the models it serves.
    """

    def __init__(
        self, *, statistics: Callable[[], EngineStats], models: Callable[[], Sequence[dict[str, Any]]]
    ) -> None:
        self._statistics = statistics
        self._models = models

    def collect(self) -> Iterator[Metric]:
        """Everything that the engine tells of itself."""
        stats = self._statistics()
        yield GaugeMetricFamily("undertone_workers", "Worker processes there should be.", stats.workers)
        yield GaugeMetricFamily("undertone_clips_in_work", "Recordings being analysed.", stats.in_work)
        yield GaugeMetricFamily("undertone_clips_queued", "Recordings waiting for a worker.", stats.queued)
        yield CounterMetricFamily("undertone_worker_restarts", "Workers lost and replaced.", stats.worker_restarts)
        yield CounterMetricFamily("undertone_parent_restarts", "Reloads, and parents replaced.", stats.parent_restarts)
        served = GaugeMetricFamily("undertone_model_info", "Models served.", labels=["name", "version"])
        for model in self._models():
            served.add_metric([model["name"], model["version"]], 1)
        yield served
