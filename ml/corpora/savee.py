"""SAVEE: four men, seven emotions, 15 sentences an emotion and 30 neutral ones (Haq & Jackson 2010).

A clip is DC/a01.wav as it is published, and DC_a01.wav in copies that put all into one folder.
"""

from __future__ import annotations

from pathlib import Path

from ml.corpora.naming import Naming, Speaker, read_named
from ml.corpora.utterances import Corpus

SAVEE = Naming(
    corpus="savee",
    title="SAVEE",
    example="DC/a01.wav or DC_a01.wav",
    pattern=r"(?P<speaker>[a-z]{2})[/_](?P<emotion>[a-z]{1,2})(?P<sentence>\d\d)",
    emotions={
        "a": "angry",
        "d": "disgust",
        "f": "fearful",
        "h": "happy",
        "n": "neutral",
        "sa": "sad",
        "su": "surprised",
    },
    speakers={code: Speaker(f"savee-{code}", "male") for code in ("dc", "je", "jk", "kl")},
)


def read_savee(root: Path) -> Corpus:
    """Read the 480 clips from a folder or a zip.

    Statements are not given: a sentence's number counts anew in each emotion.

    Raises
    ------
    CorpusError
        Where no clip is found.
    """
    return read_named(root, SAVEE)
