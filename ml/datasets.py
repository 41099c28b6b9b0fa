"""From a corpus to the vectors that a model is fitted on."""

from __future__ import annotations

from collections.abc import Sequence

from ml.corpora import Corpus
from ml.errors import CorpusError
from ml.extraction import Dataset, Extractor, build_dataset
from ml.progress import Progress, unwatched


def load_dataset(
    corpus: Corpus,
    extractor: Extractor,
    *,
    labels: Sequence[str],
    copies: tuple[str, ...] = (),
    jobs: int = -1,
    progress: Progress = unwatched,
) -> Dataset:
    """The vectors of a corpus's clips.

    Parameters
    ----------
    corpus : Corpus
    extractor : Extractor
    labels : sequence of str
        Clips with other emotions are left out.
    copies : tuple of str
        Names of the training copies that are wanted as well.
    jobs : int
        Processes; -1 for one a core.
    progress : callable

    Raises
    ------
    CorpusError
        Where fewer than two emotions are left.
    """
    wanted = [utterance for utterance in corpus.utterances if utterance.emotion in labels]
    if not wanted:
        raise CorpusError(f"No clip of {corpus.name} carries one of the emotions {', '.join(labels)}.")
    data = build_dataset(wanted, extractor, copies=copies, jobs=jobs, progress=progress)
    heard = sorted(set(data.emotions))
    if len(heard) < 2:
        raise CorpusError(f"Clips of at least two emotions are needed; all {len(data)} usable clips are {heard[0]}.")
    return data
