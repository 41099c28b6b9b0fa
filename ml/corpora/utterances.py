"""The common record that every corpus is read into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ml.corpora.files import CorpusFile


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """One labelled recording.

    Attributes
    ----------
    file : CorpusFile
    emotion : str
        In RAVDESS spelling.
    speaker : str
        Unique across corpora: `ravdess-07`.
    gender, intensity, statement : str or None
        Where the corpus says.
    corpus : str
    """

    file: CorpusFile
    emotion: str
    speaker: str
    corpus: str
    gender: str | None = None
    intensity: str | None = None
    statement: str | None = None


@dataclass(frozen=True)
class Corpus:
    """What was read from one place, or from several that were joined.

    Attributes
    ----------
    name : str
    utterances : tuple of Utterance
    unplaced : tuple of str
        Names of the files that the reader could not place, to be listed and not guessed.
    """

    name: str
    utterances: tuple[Utterance, ...]
    unplaced: tuple[str, ...] = ()


def join(corpora: Iterable[Corpus]) -> Corpus:
    """Several corpora as one; speakers keep their names, which are unique across corpora."""
    parts = tuple(corpora)
    return Corpus(
        " + ".join(part.name for part in parts),
        tuple(utterance for part in parts for utterance in part.utterances),
        tuple(name for part in parts for name in part.unplaced),
    )
