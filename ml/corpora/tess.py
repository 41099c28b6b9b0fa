"""TESS: two actresses, an older and a younger one, seven emotions, 200 words (doi:10.5683/SP2/E8H2MF).

A file's name is speaker_word_emotion.wav. One published name lacks a letter: OA_bite_neutral.wav.
"""

from __future__ import annotations

from pathlib import Path

from ml.corpora.naming import Naming, Speaker, read_named
from ml.corpora.utterances import Corpus

OLDER = Speaker("tess-oaf", "female")

TESS = Naming(
    corpus="tess",
    title="TESS",
    example="OAF_angry/OAF_back_angry.wav",
    pattern=r"(?P<speaker>oaf?|yaf)_(?P<statement>[a-z]+)_(?P<emotion>[a-z_]+)",
    emotions={
        "angry": "angry",
        "disgust": "disgust",
        "fear": "fearful",
        "happy": "happy",
        "neutral": "neutral",
        "sad": "sad",
        "ps": "surprised",
        "pleasant_surprise": "surprised",
        "pleasant_surprised": "surprised",
    },
    speakers={"oaf": OLDER, "oa": OLDER, "yaf": Speaker("tess-yaf", "female")},
    statement="Say the word {}".format,
)


def read_tess(root: Path) -> Corpus:
    """Read the 2,800 clips from a folder or a zip.

    The file's name alone decides: folders are called differently from copy to copy.

    Raises
    ------
    CorpusError
        Where no clip is found.
    """
    return read_named(root, TESS)
