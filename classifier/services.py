"""The only door to the science: what the site asks of the engine, which does the work in processes of its own."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from classifier import metrics, voices
from ml.engine import Engine, EngineConfig, EngineStats, Job, VoiceJob
from ml.errors import AudioError, UndertoneError, numbered
from ml.results import NormalVoice, Prediction


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether clips are answered, and what an operator should know."""

    ready: bool
    warning: str | None
    failure: str | None


def engine_config(*, default_model: str | None = None) -> EngineConfig:
    """The engine that the settings want, with another model in front where one is named."""
    return EngineConfig(
        model_dir=settings.MODEL_DIR,
        shipped_dir=settings.SHIPPED_MODEL_DIR,
        default_model=default_model or settings.EMOTION_MODEL,
        model_sha256=settings.MODEL_SHA256 or None,
        workers=settings.WORKERS,
        queue_size=settings.QUEUE_SIZE,
        clip_timeout_s=settings.CLIP_TIMEOUT_S,
        timeline_timeout_s=settings.TIMELINE_TIMEOUT_S,
        max_seconds=settings.MAX_SECONDS,
        memory_budget_mb=settings.MEMORY_BUDGET_MB,
    )


@cache
def engine() -> Engine:
    """The one engine of this process."""
    return Engine(engine_config(), observe=metrics.observe_stage)


def start() -> None:
    """Let the engine load its models; returns at once."""
    engine().start()


def stop(*, grace_s: float) -> None:
    """Finish what is in work for as long as `grace_s`, and leave no process behind."""
    engine().stop(grace_s)


def reload() -> None:
    """Read the models again, verify and warm them beside those that serve, and swap; or refuse and serve on."""
    engine().reload()


def check_room(*, expected: int = 0) -> None:
    """Raise `EngineError` (`busy`) where a recording would be refused now, once those expected before it are here."""
    engine().check_room(expected=expected)


def classify_clip(
    *,
    audio: bytes,
    model: str | None = None,
    voice: str | None = None,
    timeline: bool = False,
    channels: str = "mix",
    deadline: float = math.inf,
) -> Prediction:
    """What one model hears in a recording.

    Parameters
    ----------
    audio : bytes
    model : str, optional
        By default the default one.
    voice : str, optional
        Token of the speaker's normal voice, or `recording`: take it from this one.
    timeline : bool
        Whether the answer holds what is heard over time.
    channels : str
        `mix`, `left`, `right` or `split`.
    deadline : float
        `time.monotonic()` up to which somebody waits, where that is sooner than the limits of the settings.

    Raises
    ------
    ml.errors.AudioError, ml.errors.RequestError, ml.errors.EngineError
    """
    own_voice = voice == voices.FROM_RECORDING
    token = None if own_voice or not voice else voices.unsign(voice)
    job = Job(audio=audio, model=model, voice=token, timeline=timeline, channels=channels, own_voice=own_voice)
    return engine().classify(job, deadline=deadline)


def normal_voice(*, recordings: Sequence[bytes]) -> NormalVoice:
    """What the models remember of a speaker's normal voice; raises what `classify_clip` raises."""
    try:
        return engine().normal_voice(VoiceJob(recordings=tuple(recordings)))
    except AudioError as error:
        if error.recording is None:
            raise
        raise AudioError(error.code, numbered(error.message, error.recording, len(recordings))) from error


def opinions(*, audio: bytes, model: str | None = None, timeline: bool = False, **asked: Any) -> list[Prediction]:
    """What every served model hears: first the one asked for (or the default), then the others.

    Takes what `classify_clip` takes. Only the first must answer, and only it is followed over time; a second opinion
    that fails, or for which nothing is left of the time that the first may take, is left out.
    """
    deadline = time.monotonic() + engine().config.longest_s({"timeline": timeline, **asked})
    heard = [classify_clip(audio=audio, model=model, timeline=timeline, **asked)]
    for name in (summary["name"] for summary in models()):
        if name != heard[0].model.name and time.monotonic() < deadline:
            try:
                heard.append(classify_clip(audio=audio, model=name, deadline=deadline, **asked))
            except UndertoneError:
                continue
    return heard


def models() -> tuple[dict[str, Any], ...]:
    """What is told of each model served, the default first; none before the engine is ready."""
    return engine().models()


def default_model() -> str:
    """Name of the model that answers when none is asked for."""
    return engine().default_model


def readiness() -> Readiness:
    """Whether the engine answers clips now."""
    running = engine()
    return Readiness(ready=running.ready, warning=running.warning, failure=running.failure)


def statistics() -> EngineStats:
    """What the engine is doing, for the metrics."""
    return engine().stats()
