"""What a run over many recordings has come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finished:
    """What a row says, as far as it is counted.

    Attributes
    ----------
    path : str
    emotion, error_code : str or None
        One of them.
    model : str or None
        Name and version of the model that answered.
    """

    path: str
    emotion: str | None
    error_code: str | None
    model: str | None

    @classmethod
    def from_object(cls, found: Mapping[str, Any]) -> Finished:
        """From a row in the shape of the API.

        Raises
        ------
        KeyError, TypeError
            It has another shape.
        """
        if "error" in found:
            return cls(found["path"], None, found["error"]["code"], None)
        return cls(found["path"], found["emotion"], None, f"{found['model']['name']} {found['model']['version']}")


@dataclass
class Tally:
    """How often each emotion was heard and each error met, and which models answered."""

    emotions: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    models: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many recordings have a row."""
        return self.emotions.total() + self.failed

    @property
    def failed(self) -> int:
        """How many of them could not be analysed."""
        return self.errors.total()

    def add(self, finished: Finished) -> None:
        """Count one row."""
        if finished.error_code:
            self.errors[finished.error_code] += 1
        else:
            self.emotions[str(finished.emotion)] += 1
        if finished.model:
            self.models.add(finished.model)

    def summary(self, *, before: int, seconds: float) -> str:
        """Count, rate, the share of each emotion among what was analysed, and failures.

        Parameters
        ----------
        before : int
            How many rows an earlier run had written.
        seconds : float
            How long this run took for the others.
        """
        new = self.count - before
        rate = f" in {seconds:.1f} s ({new / seconds:.1f} a second)" if new and seconds else ""
        lines = [f"{_files(new)}{rate}" + (f", and {before:,} from before" if before else "")]
        heard = self.emotions.total()
        lines.extend(f"  {label:<10} {n:>7,}  {n / heard:>6.1%}" for label, n in self.emotions.most_common())
        lines.extend(f"  failed     {n:>7,}  {code}" for code, n in self.errors.most_common())
        return "\n".join(lines)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
