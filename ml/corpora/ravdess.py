"""RAVDESS: 24 actors, eight emotions, two statements (Livingstone & Russo 2018, doi:10.5281/zenodo.1188976).

A file's name says everything: modality-channel-emotion-intensity-statement-repetition-actor.wav.
"""

from __future__ import annotations

import re
from pathlib import Path

from ml.corpora.files import CorpusFile, list_files
from ml.corpora.utterances import Corpus, Utterance
from ml.emotions import EMOTIONS
from ml.errors import CorpusError

NAME = re.compile(
    r"03-(?P<channel>01|02)-(?P<emotion>0[1-8])-(?P<intensity>0[12])-(?P<statement>0[12])-0[12]-(?P<actor>\d\d)"
)
SPEECH = "01"
ACTORS = 24
STATEMENTS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}


def read_ravdess(root: Path) -> Corpus:
    """Read the speech part from a folder or from the published zip.

    Files of the song part are left alone; anything else that does not carry a RAVDESS name is listed as unplaced.

    Raises
    ------
    CorpusError
        Where no clip is found.
    """
    utterances, unplaced = [], []
    for file in list_files(root):
        utterance = _place(file)
        if utterance is not None:
            utterances.append(utterance)
        elif not _is_song(file):
            unplaced.append(file.name)
    if not utterances:
        raise CorpusError(f"{root} holds no RAVDESS speech clip (such as Actor_01/03-01-05-01-02-01-01.wav).")
    return Corpus("ravdess", tuple(_without_copies(utterances)), tuple(unplaced))


def _match(file: CorpusFile) -> re.Match[str] | None:
    if not file.name.lower().endswith((".wav", ".flac")):
        return None
    return NAME.fullmatch(file.stem)


def _is_song(file: CorpusFile) -> bool:
    match = _match(file)
    return match is not None and match["channel"] != SPEECH


def _place(file: CorpusFile) -> Utterance | None:
    match = _match(file)
    if match is None or match["channel"] != SPEECH or not 1 <= int(match["actor"]) <= ACTORS:
        return None
    return Utterance(
        file=file,
        emotion=EMOTIONS[int(match["emotion"]) - 1],
        speaker=f"ravdess-{match['actor']}",
        corpus="ravdess",
        gender="male" if int(match["actor"]) % 2 else "female",
        intensity="strong" if match["intensity"] == "02" else "normal",
        statement=STATEMENTS[match["statement"]],
    )


def _without_copies(utterances: list[Utterance]) -> list[Utterance]:
    """One of each name: popular copies of the set hold every actor twice, the second time in a folder of its own."""
    return list({utterance.file.stem: utterance for utterance in reversed(utterances)}.values())[::-1]
