"""Everything that can go wrong between bytes and an emotion, each with a code and a sentence for a person."""

from __future__ import annotations


class UndertoneError(Exception):
    """Root of the errors a user is told about.

    Parameters
    ----------
    code : str
        Stable, machine-readable name (`too_long`).
    message : str
        One sentence that a person understands, with the limit in it where there is one.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class AudioError(UndertoneError):
    """The recording cannot be analysed: its format, its length or its signal is at fault.

    Parameters
    ----------
    code, message : str
    recording : int, optional
        Which of several recordings, counted from 1, where one of them is at fault.
    """

    def __init__(self, code: str, message: str, *, recording: int | None = None) -> None:
        super().__init__(code, message)
        self.recording = recording

    def __str__(self) -> str:
        return f"Recording {self.recording}: {self.message}" if self.recording else self.message


class RequestError(UndertoneError):
    """What was asked of the recogniser does not exist or does not fit (`unknown_model`, `invalid_voice`)."""


class EngineError(UndertoneError):
    """The recording may be fine, but it was not analysed (`busy`, `timeout`, `worker_died`, `not_ready`)."""


class ModelError(UndertoneError):
    """A model on disk is missing, damaged, of another version or not the pinned one."""

    def __init__(self, message: str) -> None:
        super().__init__("model_refused", message)


class CorpusError(UndertoneError):
    """A corpus holds nothing to train on."""

    def __init__(self, message: str) -> None:
        super().__init__("unusable_corpus", message)


class RecipeError(UndertoneError):
    """A recipe cannot be fitted as it is written."""

    def __init__(self, message: str) -> None:
        super().__init__("unusable_recipe", message)


def numbered(message: str, number: int, count: int) -> str:
    """What is said of one of several recordings, with the number of the one that it is about."""
    return f"Recording {number} of {count}: {message}" if count > 1 else message
