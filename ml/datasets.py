"""From a corpus to the vectors that a model is fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ml.corpora import Corpus
from ml.emotions import GENDERED_EMOTIONS, emotion_of
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
        One, or several joined.
    extractor : Extractor
    labels : sequence of str
        Emotions, or genders with emotions (`female happy`). Clips with other emotions are left out; so are those of
        speakers whose gender is asked for and not told, and they are listed as unusable.
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
    emotions = {emotion_of(label) for label in labels}
    by_gender = set(labels) <= set(GENDERED_EMOTIONS)
    fitting = [utterance for utterance in corpus.utterances if utterance.emotion in emotions]
    wanted = [utterance for utterance in fitting if utterance.gender or not by_gender]
    if not wanted:
        raise CorpusError(f"No clip of {corpus.name} carries one of the labels {', '.join(labels)}.")
    data = build_dataset(wanted, extractor, copies=copies, jobs=jobs, progress=progress)
    if by_gender:
        untold = (item.file.name for item in fitting if not item.gender)
        unusable = (*data.unusable, *(f"{name}: Its corpus does not tell the speaker's gender." for name in untold))
        data = replace(data.by_gender(), unusable=unusable)
    heard = sorted(set(data.emotions))
    if len(heard) < 2:
        raise CorpusError(f"Clips of at least two emotions are needed; all {len(data)} usable clips are {heard[0]}.")
    return data
