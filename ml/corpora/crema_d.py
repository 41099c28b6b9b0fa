"""CREMA-D: 91 actors, six emotions, twelve sentences (Cao et al. 2014, doi:10.1109/TAFFC.2014.2336244).

A file's name is actor_sentence_emotion_level.wav. One published name lacks a letter: 1040_ITH_SAD_X.wav.
"""

from __future__ import annotations

from pathlib import Path

from ml.corpora.naming import Naming, Speaker, read_named
from ml.corpora.utterances import Corpus

# From the list of actors that is published with the clips (VideoDemographics.csv); the other 48 are men.
WOMEN = {
    *(1002, 1003, 1004, 1006, 1007, 1008, 1009, 1010, 1012, 1013, 1018, 1020, 1021, 1024, 1025, 1028, 1029, 1030),
    *(1037, 1043, 1046, 1047, 1049, 1052, 1053, 1054, 1055, 1056, 1058, 1060, 1061, 1063),
    *(1072, 1073, 1074, 1075, 1076, 1078, 1079, 1082, 1084, 1089, 1091),
}
STATEMENTS = {
    "dfa": "Don't forget a jacket",
    "ieo": "It's eleven o'clock",
    "iom": "I'm on my way to the meeting",
    "ith": "I think I have a doctor's appointment",
    "its": "I think I've seen this before",
    "iwl": "I would like a new alarm clock",
    "iww": "I wonder what this is about",
    "mti": "Maybe tomorrow it will be cold",
    "tai": "The airplane is almost full",
    "tie": "That is exactly what happened",
    "tsi": "The surface is slick",
    "wsi": "We'll stop in a couple of minutes",
}

CREMA_D = Naming(
    corpus="crema-d",
    title="CREMA-D",
    example="AudioWAV/1001_DFA_ANG_XX.wav",
    pattern=rf"(?P<speaker>\d{{4}})_(?P<statement>{'|'.join(STATEMENTS)})_(?P<emotion>[a-z]{{3}})_(?P<intensity>xx?|lo|md|hi)",
    emotions={"ang": "angry", "dis": "disgust", "fea": "fearful", "hap": "happy", "neu": "neutral", "sad": "sad"},
    speakers={
        f"{actor}": Speaker(f"crema-d-{actor}", "female" if actor in WOMEN else "male") for actor in range(1001, 1092)
    },
    intensities={"lo": "low", "md": "medium", "hi": "high"},
    statement=STATEMENTS.get,
    beside="(audiomp3|videoflash)/[^/]*",  # the same clips again, in the repository that publishes them
)


def read_crema_d(root: Path) -> Corpus:
    """Read the 7,442 clips from a folder or a zip; there is no calm and no surprised.

    Raises
    ------
    CorpusError
        Where no clip is found.
    """
    return read_named(root, CREMA_D)
