"""RAVDESS: 24 actors, eight emotions, two statements (Livingstone & Russo 2018, doi:10.5281/zenodo.1188976).

A file's name says everything: modality-channel-emotion-intensity-statement-repetition-actor.wav.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ml.corpora.naming import Naming, Speaker, read_named
from ml.corpora.utterances import Corpus
from ml.emotions import EMOTIONS

STATEMENTS = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}


FIELDS = r"(?P<emotion>\d\d)-(?P<intensity>0[12])-(?P<statement>0[12])-(?P<take>0[12])-(?P<speaker>\d\d)"
SPOKEN, SUNG = f"03-01-{FIELDS}", f"03-02-{FIELDS}"

SPEECH = Naming(
    corpus="ravdess",
    title="RAVDESS speech",
    example="Actor_01/03-01-05-01-02-01-01.wav",
    pattern=SPOKEN,
    emotions={f"{code:02}": emotion for code, emotion in enumerate(EMOTIONS, start=1)},
    speakers={
        f"{actor:02}": Speaker(f"ravdess-{actor:02}", "male" if actor % 2 else "female") for actor in range(1, 25)
    },
    intensities={"01": "normal", "02": "strong"},
    statement=STATEMENTS.get,
    beside=SUNG,
)
SONG = replace(
    SPEECH,
    corpus="song",
    title="RAVDESS song",
    example="Actor_01/03-02-05-01-02-01-01.wav",
    pattern=SUNG,
    emotions={code: emotion for code, emotion in SPEECH.emotions.items() if emotion not in {"disgust", "surprised"}},
    beside=SPOKEN,
)


def read_ravdess(root: Path) -> Corpus:
    """Read the speech part, 1,440 clips, from a folder or from the published zip.

    Files of the song part are left alone; anything else that does not carry a RAVDESS name is listed as unplaced.

    Raises
    ------
    CorpusError
        Where no clip is found.
    """
    return read_named(root, SPEECH)


def read_ravdess_song(root: Path) -> Corpus:
    """Read the song part: 1,012 clips of 23 of the same actors (18 does not sing) in six emotions.

    Speakers are named as in the speech part, so that nobody is trained on singing and tested on speaking.

    Raises
    ------
    CorpusError
        Where no clip is found.
    """
    return read_named(root, SONG)
