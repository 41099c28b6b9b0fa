"""Every corpus that can be read, by its short name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ml.corpora.crema_d import read_crema_d
from ml.corpora.emodb import read_emodb
from ml.corpora.own import read_own
from ml.corpora.ravdess import read_ravdess, read_ravdess_song
from ml.corpora.savee import read_savee
from ml.corpora.tess import read_tess
from ml.corpora.utterances import Corpus

Reader = Callable[[Path], Corpus]

READERS: dict[str, Reader] = {
    "ravdess": read_ravdess,
    "song": read_ravdess_song,
    "tess": read_tess,
    "savee": read_savee,
    "crema-d": read_crema_d,
    "emodb": read_emodb,
    "own": read_own,
}
