"""Utterances to vectors: all cores, a progress bar, and a cache on disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from platformdirs import user_cache_path

from ml import kept
from ml.audio import Clip, Conditioning, condition, resample
from ml.augmentation import COPIES, training_copy
from ml.corpora import Utterance
from ml.decoding import decode
from ml.errors import AudioError, CorpusError
from ml.features.sets import FeatureSet, Vector
from ml.limits import Limits
from ml.progress import Progress, unwatched


def default_cache_dir() -> Path:
    """Where vectors are kept between runs: `UNDERTONE_CACHE`, or the user's cache folder."""
    return Path(os.environ.get("UNDERTONE_CACHE") or user_cache_path("undertone"))


@dataclass(frozen=True)
class Extractor:
    """From the bytes of a training clip to its vector.

    Attributes
    ----------
    conditioning : Conditioning
    features : FeatureSet
    cache_dir : Path
        Vectors are kept by the hash of everything that they depend on.
    copier : callable
        Makes the copy of a name: from a clip at its own rate to one at the working rate.
    copier_name : str
        Tells its copies from those that another copier makes under the same names.
    """

    conditioning: Conditioning
    features: FeatureSet
    cache_dir: Path
    copier: Callable[[Clip, str, int | None], Clip] = training_copy
    copier_name: str = COPIES

    @property
    def key(self) -> str:
        """What, besides the samples, the numbers depend on."""
        described = {
            "conditioning": asdict(self.conditioning),
            "conditioning_version": Conditioning.VERSION,
            "features": repr(self.features),
        }
        return hashlib.blake2b(json.dumps(described, sort_keys=True).encode(), digest_size=12).hexdigest()

    def extract(self, clip: Clip, *, copy: str = "") -> Vector:
        """The vector of a decoded clip, or of a training copy of it, from the cache where it is there.

        Parameters
        ----------
        clip : Clip
        copy : str
            A name that the copier knows; empty for the clip itself.

        Raises
        ------
        AudioError
            Where the clip holds no speech.
        """
        made = Path(self.copier_name, copy) if copy else Path()
        path = self.cache_dir / self.key / made / clip.digest[:2] / f"{clip.digest}.npy"
        known = kept.read(path)
        if known is not None and len(known) == len(self.features.names):
            return known
        vector = self.compute(clip, copy=copy)
        kept.write(path, vector)
        return vector

    def compute(self, clip: Clip, *, copy: str = "") -> Vector:
        """The same without the cache."""
        rate_hz = self.conditioning.rate_hz
        working = self.copier(clip, copy, rate_hz) if copy else resample(clip, rate_hz)
        return self.features.extract(condition(working, self.conditioning))


@dataclass(frozen=True)
class Extracted:
    """One utterance's vectors (its own first, then its training copies'), or why there are none."""

    utterance: Utterance
    digest: str = ""
    vectors: tuple[Vector, ...] = ()
    problem: str = ""


@dataclass(frozen=True, eq=False)
class Dataset:
    """The usable clips of one or more corpora.

    Attributes
    ----------
    vectors : np.ndarray [shape=(n, features)]
    copies : dict of str to np.ndarray [shape=(n, features)]
        Vectors of the clips' training copies, by the names of their augmentations.
    emotions : np.ndarray [shape=(n,)]
        What is to be told apart: an emotion, or a gender and an emotion (`female happy`).
    speakers, genders, digests, corpora : np.ndarray [shape=(n,)]
        A gender that a corpus does not tell is empty.
    unusable : tuple of str
        Files that were left out, each with the reason.
    """

    vectors: np.ndarray
    copies: dict[str, np.ndarray]
    emotions: np.ndarray
    speakers: np.ndarray
    genders: np.ndarray
    digests: np.ndarray
    corpora: np.ndarray
    unusable: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.emotions)

    def rows(self, rows: np.ndarray) -> Dataset:
        """Some of the clips."""
        return replace(
            self,
            vectors=self.vectors[rows],
            copies={name: vectors[rows] for name, vectors in self.copies.items()},
            emotions=self.emotions[rows],
            speakers=self.speakers[rows],
            genders=self.genders[rows],
            digests=self.digests[rows],
            corpora=self.corpora[rows],
        )

    def with_copies(self) -> Dataset:
        """Each clip and each of its training copies in a row of its own: all clips, then all their first copies, …."""
        if not self.copies:
            return self
        repeated = self.rows(np.tile(np.arange(len(self)), 1 + len(self.copies)))
        return replace(repeated, vectors=np.concatenate([self.vectors, *self.copies.values()]), copies={})

    def by_gender(self) -> Dataset:
        """The same clips, to be told apart by the speaker's gender as well: `female happy`."""
        return replace(self, emotions=np.char.add(np.char.add(self.genders, " "), self.emotions))


def _extract_one(extractor: Extractor, utterance: Utterance, copies: tuple[str, ...]) -> Extracted:
    try:
        clip = decode(utterance.file.read(), limits=Limits(min_seconds=0))
        return Extracted(utterance, clip.digest, tuple(extractor.extract(clip, copy=copy) for copy in ("", *copies)))
    except AudioError as error:
        return Extracted(utterance, problem=error.message)
    except OSError as error:
        return Extracted(utterance, problem=f"It cannot be read: {error}.")


def build_dataset(
    utterances: Sequence[Utterance],
    extractor: Extractor,
    *,
    copies: tuple[str, ...] = (),
    jobs: int,
    progress: Progress = unwatched,
) -> Dataset:
    """Extract the vectors of all utterances.

    Parameters
    ----------
    utterances : sequence of Utterance
    extractor : Extractor
    copies : tuple of str
        Names of the augmentations whose vectors are wanted as well.
    jobs : int
        Processes; -1 for one a core.
    progress : callable

    Raises
    ------
    CorpusError
        Where no utterance could be used.
    """
    parallel = Parallel(n_jobs=jobs, return_as="generator", batch_size=8)
    tasks = (delayed(_extract_one)(extractor, utterance, copies) for utterance in utterances)
    extracted: list[Extracted] = list(progress(parallel(tasks), len(utterances)))
    good = [item for item in extracted if item.vectors]
    unusable = tuple(f"{item.utterance.file.name}: {item.problem}" for item in extracted if not item.vectors)
    if not good:
        raise CorpusError(f"None of the {len(utterances)} clips could be used. The first: {unusable[0]}")
    vectors = np.stack([item.vectors for item in good], axis=1)
    return Dataset(
        vectors[0],
        dict(zip(copies, vectors[1:], strict=True)),
        np.array([item.utterance.emotion for item in good]),
        np.array([item.utterance.speaker for item in good]),
        np.array([item.utterance.gender or "" for item in good]),
        np.array([item.digest for item in good]),
        np.array([item.utterance.corpus for item in good]),
        unusable,
    )
