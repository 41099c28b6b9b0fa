"""EmoDB, the Berlin database of emotional speech: ten German actors, seven emotions (Burkhardt et al. 2005).

A file's name is speaker, text, emotion (the initial of its German word) and version: 03a01Fa.wav.
"""

from __future__ import annotations

from pathlib import Path

from ml.corpora.naming import Naming, Speaker, read_named
from ml.corpora.utterances import Corpus

MEN = ("03", "10", "11", "12", "15")
WOMEN = ("08", "09", "13", "14", "16")
STATEMENTS = {
    "a01": "Der Lappen liegt auf dem Eisschrank",
    "a02": "Das will sie am Mittwoch abgeben",
    "a04": "Heute abend könnte ich es ihm sagen",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück",
    "a07": "In sieben Stunden wird es soweit sein",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen",
}

EMODB = Naming(
    corpus="emodb",
    title="EmoDB",
    example="wav/03a01Fa.wav",
    pattern=rf"(?P<speaker>\d\d)(?P<statement>{'|'.join(STATEMENTS)})(?P<emotion>[a-z])(?P<version>[a-z]?)",
    emotions={
        "w": "angry",  # Wut
        "e": "disgust",  # Ekel
        "a": "fearful",  # Angst
        "f": "happy",  # Freude
        "t": "sad",  # Trauer
        "n": "neutral",
    },
    elsewhere={"l": "boredom"},  # Langeweile
    speakers={
        code: Speaker(f"emodb-{code}", gender) for gender, codes in (("male", MEN), ("female", WOMEN)) for code in codes
    },
    statement=STATEMENTS.get,
)


def read_emodb(root: Path) -> Corpus:
    """Read the clips from a folder or a zip: 454 of the 535, as the 81 bored ones have no counterpart.

    Raises
    ------
    CorpusError
        Where no clip is found.
    """
    return read_named(root, EMODB)
