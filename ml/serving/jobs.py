"""What passes between the engine and its workers, as plain data: how to run, a recording to analyse, the answer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, BinaryIO, ClassVar, get_args, get_origin, get_type_hints

from ml.errors import AudioError, RequestError
from ml.machine import cores
from ml.results import NormalVoice, Prediction

Outcome = Prediction | NormalVoice | AudioError | RequestError


@dataclass(frozen=True, kw_only=True)
class EngineConfig:
    """How the engine runs.

    Attributes
    ----------
    model_dir, shipped_dir : Path
        Where models are looked for: the deployment's own folder, then the one that comes with the project.
    default_model : str
        The model that answers when a job names none.
    model_sha256 : str or None
        Pins, separated by commas: only pickles with these digests may be loaded.
    workers : int
        Processes that analyse clips, each one clip at a time.
    queue_size : int or None
        Clips that may wait beyond those in work; None means four for each worker.
    clip_timeout_s : float
        Longest that a clip may be in work, and longest that it may wait for a worker before that.
    timeline_timeout_s : float
        Longest that one may be in work which is followed over time, or whose sides are heard apart.
    max_seconds : float
        Longest recording that is analysed.
    memory_budget_mb : int
        Address space that a worker may add to its size when warm.
    start_timeout_s : float
        Longest that loading and warming the models may take.
    catalogue : str
        `module:class` of the catalogue that is loaded and served.
    """

    model_dir: Path
    shipped_dir: Path
    default_model: str = "classic"
    model_sha256: str | None = None
    workers: int = cores()
    queue_size: int | None = None
    clip_timeout_s: float = 30.0
    timeline_timeout_s: float = 120.0
    max_seconds: float = 600.0
    memory_budget_mb: int = 256
    start_timeout_s: float = 180.0
    catalogue: str = "ml.catalogue:Catalogue"

    def timeout_s(self, options: Mapping[str, Any]) -> float:
        """Longest that a job with these options may be in work."""
        takes_long = options.get("timeline") or options.get("channels", "mix") != "mix"
        return self.timeline_timeout_s if takes_long else self.clip_timeout_s

    def longest_s(self, options: Mapping[str, Any]) -> float:
        """Longest that a job with these options may take: the wait for a worker and the work."""
        return self.clip_timeout_s + self.timeout_s(options)

    @property
    def waiting_room(self) -> int:
        """How many clips may wait beyond those in work."""
        return 4 * self.workers if self.queue_size is None else self.queue_size

    @property
    def reply_limit_bytes(self) -> int:
        """Most that a worker may answer: a second in a timeline of two channels takes less than a kilobyte."""
        return 4 * 2**20 + round(self.max_seconds * 1024)

    def as_dict(self) -> dict[str, Any]:
        """The configuration as JSON can carry it, with absolute paths."""
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: str(value.absolute()) if isinstance(value, Path) else value for name, value in plain.items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> EngineConfig:
        """The inverse of `as_dict`."""
        return cls(**{**data, "model_dir": Path(data["model_dir"]), "shipped_dir": Path(data["shipped_dir"])})


@dataclass(frozen=True, kw_only=True)
class Job:
    """One recording to analyse.

    Attributes
    ----------
    audio : bytes
        The file as it was uploaded.
    file : BinaryIO or None
        In its place, a file that is open for reading: the recording may then be longer than what fits into memory.
    model : str or None
        The model asked for; None is the engine's default.
    voice : str or None
        The speaker's normal voice: the `data` of a `NormalVoice`.
    timeline : bool
        Whether the answer holds what is heard over time.
    channels : str
        Which are listened to: `mix`, `left`, `right`, or `split` for both sides apart.
    own_voice : bool
        Whether the speaker's normal voice is taken from the recording.
    """

    task: ClassVar[str] = "classify"
    asks_for: ClassVar[type[Prediction]] = Prediction

    audio: bytes = b""
    file: BinaryIO | None = None
    model: str | None = None
    voice: str | None = None
    timeline: bool = False
    channels: str = "mix"
    own_voice: bool = False

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The recording, unless it is handed over as a file."""
        return (self.audio,) if self.file is None else ()

    @property
    def options(self) -> dict[str, Any]:
        """Everything but the recording itself: the keyword arguments of the catalogue."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name not in {"audio", "file"}}


@dataclass(frozen=True, kw_only=True)
class VoiceJob:
    """Recordings of a speaker's ordinary speech, to remember their normal voice by."""

    task: ClassVar[str] = "normal_voice"
    asks_for: ClassVar[type[NormalVoice]] = NormalVoice
    options: ClassVar[dict[str, Any]] = {}

    recordings: tuple[bytes, ...]
    file: ClassVar[None] = None

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The recordings."""
        return self.recordings


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a worker says about one job.

    Attributes
    ----------
    outcome : Prediction, NormalVoice, AudioError or RequestError
        What was heard, or what the user is told instead.
    seconds : dict of str to float
        Time spent by stage (`decode`, `condition`, `features`, `predict`).
    fault : str or None
        For the log: the type of an error that nobody foresaw, and the module and line where it was raised.
    leaving : bool
        Whether the worker ends after this answer, because it has grown.
    """

    outcome: Outcome
    seconds: dict[str, float] = field(default_factory=dict)
    fault: str | None = None
    leaving: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON can carry it."""
        return {**_outcome_as_dict(self.outcome), "seconds": self.seconds, "fault": self.fault, "leaving": self.leaving}

    @classmethod
    def from_dict(cls, data: dict[str, Any], *, job: Job | VoiceJob) -> Answer:
        """The inverse of `as_dict`, for the job that it answers.

        Raises
        ------
        ArithmeticError, AttributeError, LookupError, TypeError, ValueError
            This is not an answer: a worker that a hostile file took over may send anything.
        """
        return cls(
            outcome=_outcome_from_dict(data, job),
            seconds={stage: float(seconds) for stage, seconds in data["seconds"].items() if stage in STAGES},
            fault=_fault_from(data["fault"]),
            leaving=bool(data["leaving"]),
        )


STAGES = ("decode", "condition", "features", "predict")
_FAULT = re.compile(r"\w{1,60} in [\w.]{1,100}:\d{1,6}", re.ASCII)


def _outcome_as_dict(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Prediction):
        return {"prediction": outcome.as_dict()}
    if isinstance(outcome, NormalVoice):
        return {"normal_voice": asdict(outcome)}
    which = {"recording": outcome.recording} if isinstance(outcome, AudioError) else {}
    return {"error": type(outcome).__name__, "code": outcome.code, "message": outcome.message, **which}


def _outcome_from_dict(data: dict[str, Any], job: Job | VoiceJob) -> Outcome:
    if "error" in data:
        return _error_from_dict(data, recordings=len(job.parts))
    outcome = (
        Prediction.from_dict(data["prediction"]) if job.asks_for is Prediction else NormalVoice(**data["normal_voice"])
    )
    _check(outcome, job.asks_for)
    return outcome


def _error_from_dict(data: dict[str, Any], *, recordings: int) -> AudioError | RequestError:
    said = data["code"], data["message"]
    for text in said:
        _check(text, str)
    if data["error"] == RequestError.__name__:
        return RequestError(*said)
    which = data["recording"]
    if data["error"] != AudioError.__name__ or not (which is None or (type(which) is int and 0 < which <= recordings)):
        raise ValueError
    return AudioError(*said, recording=which)


def _fault_from(data: Any) -> str | None:
    """What may go into a log, where nothing of a recording belongs."""
    if data is not None and not _FAULT.fullmatch(data):
        raise ValueError
    return data


def _check(value: Any, kind: Any) -> None:
    """Raise unless a value, all the way down, is what its annotation says and can be written as text."""
    if isinstance(kind, UnionType):
        kind = type(None) if value is None else next(option for option in get_args(kind) if option is not type(None))
    if get_origin(kind) is tuple:
        for item in value:
            _check(item, get_args(kind)[0])
    elif parts := _parts(kind):
        for name, part in parts.items():
            _check(getattr(value, name), part)
    elif kind is float:
        if not math.isfinite(value):  # JSON spells infinity 1e999
            raise ValueError
    elif not isinstance(value, get_origin(kind) or kind):
        raise TypeError
    elif isinstance(value, str):
        value.encode()  # half a surrogate pair cannot be


@cache
def _parts(kind: Any) -> dict[str, Any]:
    """The fields of a dataclass and what they hold; none for any other type."""
    return get_type_hints(kind) if is_dataclass(kind) else {}
