"""Every corpus that can be read, by its short name: each is an option of the commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ml.corpora.crema_d import read_crema_d
from ml.corpora.emodb import read_emodb
from ml.corpora.own import read_own
from ml.corpora.ravdess import read_ravdess, read_ravdess_song
from ml.corpora.savee import read_savee
from ml.corpora.tess import read_tess
from ml.corpora.utterances import Corpus


@dataclass(frozen=True)
class Reader:
    """How a corpus is read, and on what terms it is had.

    Attributes
    ----------
    title : str
        What it is, after the word "the".
    read : callable
        From a folder or a zip.
    terms : str
        Its licence, for the models that are trained on it.
    """

    title: str
    read: Callable[[Path], Corpus]
    terms: str

    def __call__(self, root: Path) -> Corpus:
        """Read it.

        Raises
        ------
        CorpusError
            Where no clip is found.
        """
        return self.read(root)


RAVDESS_TERMS = "Livingstone & Russo 2018, CC BY-NC-SA 4.0: non-commercial, name it, share alike"

READERS = {
    "ravdess": Reader("RAVDESS speech", read_ravdess, RAVDESS_TERMS),
    "song": Reader("RAVDESS song", read_ravdess_song, RAVDESS_TERMS),
    "tess": Reader("TESS", read_tess, "Pichora-Fuller & Dupuis 2020: non-commercial"),
    "savee": Reader("SAVEE", read_savee, "Haq & Jackson 2010: for research"),
    "crema-d": Reader("CREMA-D", read_crema_d, "Cao et al. 2014, ODbL 1.0, contents DbCL 1.0"),
    "emodb": Reader("EmoDB", read_emodb, "Burkhardt et al. 2005: name it"),
    "own": Reader("recordings of one's own", read_own, "on the terms of whoever recorded them"),
}


def terms_of(names: list[str]) -> str:
    """The corpora of these names with their terms, in words."""
    return "; ".join(f"{READERS[name].title} ({READERS[name].terms})" for name in names)
