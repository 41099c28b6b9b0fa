"""What a run over many recordings has come to."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from classifier.management.finished import Finished


@dataclass
class Tally:
    """What was heard and how often, each error met, and which models answered.

    Attributes
    ----------
    count : int
        How many recordings have a row.
    duration_s : float
        How long they are together, as far as they could be analysed.
    emotions : dict of str to float
        Recordings with each emotion; of timelines, seconds.
    errors : Counter of str
    models : set of str
    timed : bool
        Whether there are timelines.
    """

    count: int = 0
    duration_s: float = 0.0
    emotions: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    errors: Counter[str] = field(default_factory=Counter)
    models: set[str] = field(default_factory=set)
    timed: bool = False

    @property
    def failed(self) -> int:
        """How many could not be analysed."""
        return self.errors.total()

    def add(self, finished: Finished) -> None:
        """Count one recording."""
        self.count += 1
        self.duration_s += finished.duration_s
        self.timed = self.timed or bool(finished.parts)
        for emotion, share in finished.shares.items():
            self.emotions[emotion] += share
        if finished.error_code:
            self.errors[finished.error_code] += 1
        if finished.model:
            self.models.add(finished.model)

    def summary(self, *, before: int = 0, before_s: float = 0.0, seconds: float) -> str:
        """Count, rate, the share of each emotion among what was analysed, and failures.

        Parameters
        ----------
        before : int
            How many rows an earlier run had written.
        before_s : float
            How much of recordings they are about.
        seconds : float
            How long this run took for the others.
        """
        new, new_s = self.count - before, self.duration_s - before_s
        rate = f" in {seconds:.1f} s ({new / seconds:.1f} a second)" if new and seconds else ""
        lines = [f"{files(new)}{rate}" + (f", and {before:,} from before" if before else "")]
        if new_s and seconds:
            lines.append(f"  {clock(new_s)} of recordings, {new_s / seconds:,.0f} times as fast as they play")
        heard = sum(self.emotions.values())
        lines.extend(
            f"  {label:<10} {self._amount(n):>9}  {n / heard:>6.1%}"
            for label, n in sorted(self.emotions.items(), key=lambda item: -item[1])
        )
        lines.extend(f"  failed     {n:>9,}  {code}" for code, n in self.errors.most_common())
        return "\n".join(lines)

    def _amount(self, value: float) -> str:
        return clock(value) if self.timed else f"{value:,.0f}"


def clock(seconds: float) -> str:
    """A length of time as `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def files(count: int) -> str:
    """So many files, in words."""
    return "1 file" if count == 1 else f"{count:,} files"
