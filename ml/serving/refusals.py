"""The sentences for a clip that was not analysed although nothing is wrong with it."""

from __future__ import annotations

from ml.errors import EngineError


def not_ready() -> EngineError:
    """The engine starts, recovers or stops."""
    return EngineError("not_ready", "The service is not ready yet. Please try again in a few seconds.")


def busy(limit: int) -> EngineError:
    """As many clips as the engine takes are in work or waiting."""
    message = f"Too many recordings are being analysed right now (at most {limit} at once). Please try again soon."
    return EngineError("busy", message)


def timeout(limit_s: float) -> EngineError:
    """The clip was too long in work."""
    message = f"The analysis took longer than {limit_s:g} seconds and was stopped. Please try a shorter recording."
    return EngineError("timeout", message)


def worker_died() -> EngineError:
    """The worker was lost on the clip."""
    message = "The analysis of this recording broke off. Please try again; if it happens twice, save it as WAV first."
    return EngineError("worker_died", message)
