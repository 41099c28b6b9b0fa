"""The contract's table: each thing that can go wrong, and the HTTP status that says so."""

from __future__ import annotations

from ml.errors import UndertoneError

STATUS = {
    "missing_audio": 400,
    "empty_upload": 400,
    "invalid_parameter": 400,
    "unknown_model": 400,
    "invalid_voice": 400,
    "too_many_parts": 400,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "length_required": 411,
    "too_large": 413,
    "unsupported_format": 415,
    "undecodable": 422,
    "too_short": 422,
    "too_long": 422,
    "no_speech": 422,
    "unusable_signal": 422,
    "rate_limited": 429,
    "internal_error": 500,
    "busy": 503,
    "not_ready": 503,
    "timeout": 503,
    "worker_died": 503,
}

RETRY_AFTER_S = {"busy": 2, "not_ready": 5, "timeout": 10, "worker_died": 2, "rate_limited": 60}
"""How long to wait where the error itself does not say."""

WAITING_HELPS = frozenset({"busy", "not_ready", "rate_limited"})
"""The same recording, sent a little later, is answered; after `timeout` and `worker_died` it may fare no better."""

LOADING = "The models are still being loaded. Please try again in a few seconds."


class WebError(UndertoneError):
    """A request that cannot be answered, for a reason that lies in HTTP and not in the recording.

    Parameters
    ----------
    code, message : str
        As for every error a user is told about.
    retry_after_s : int, optional
        When it is worth trying again.
    """

    def __init__(self, code: str, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(code, message)
        self.retry_after_s = retry_after_s


def status_of(error: UndertoneError) -> int:
    """The HTTP status of an error; one with a code of nobody's comes from a worker that lost its mind."""
    return STATUS.get(error.code, STATUS["worker_died"])


def retry_after_s(error: UndertoneError) -> int | None:
    """How long a client should wait before it tries again; None where trying again changes nothing."""
    return getattr(error, "retry_after_s", None) or RETRY_AFTER_S.get(error.code)


def codes_by_status() -> dict[int, tuple[str, ...]]:
    """The table the other way round, for the API's own description."""
    return {status: tuple(c for c, s in STATUS.items() if s == status) for status in sorted(set(STATUS.values()))}
