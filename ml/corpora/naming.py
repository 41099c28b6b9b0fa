"""Corpora whose file names say everything: a regular expression gives the fields, and tables say what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ml.corpora.files import CorpusFile, list_files
from ml.corpora.utterances import Corpus, Utterance
from ml.errors import CorpusError

ENDINGS = "wav|flac"

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Speaker:
    """Someone whose voice a corpus holds.

    Attributes
    ----------
    name : str
        Unique across corpora: `ravdess-07`.
    gender : str
        `female` or `male`.
    """

    name: str
    gender: str


@dataclass(frozen=True, kw_only=True)
class Naming:
    """How a corpus names its clips.

    Upper and lower case never matter: every code here is written in lower case.

    Attributes
    ----------
    corpus : str
        Its short name.
    title, example : str
        What its clips are called and a path that one has, for those whose folder holds none.
    pattern : str
        Of the end of a clip's path, without the file's ending. Its groups are the fields: `emotion` and `speaker`, and
        where the corpus says, `intensity` and `statement`. All groups together tell one clip from another.
    emotions : mapping of str
        The label map: from the corpus's codes to the eight emotions.
    elsewhere : mapping of str
        Codes of what is none of the eight emotions, with its name. Such clips are listed as unplaced.
    speakers : mapping of str to Speaker
        By their codes; a file of anybody else is no clip of the corpus.
    intensities : mapping of str
        From codes to words; a code that is not here means that the corpus does not say.
    statement : callable
        From a code to what is said, or to None.
    beside : str
        Pattern of the paths of what belongs to the corpus and is not wanted here: such files are left alone.
    """

    corpus: str
    title: str
    example: str
    pattern: str
    emotions: Mapping[str, str]
    speakers: Mapping[str, Speaker]
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    intensities: Mapping[str, str] = field(default_factory=dict)
    statement: Callable[[str], str | None] = str
    beside: str | None = None

    def is_beside(self, file: CorpusFile) -> bool:
        """Whether a file is to be left alone."""
        return self.beside is not None and _match(file, self.beside, endings=r"\w+") is not None

    def fields(self, file: CorpusFile) -> Fields | None:
        """The fields in a file's name, or None where it is no clip of the corpus."""
        match = _match(file, self.pattern, endings=ENDINGS)
        if match is None:
            return None
        known = match["emotion"] in self._codes and match["speaker"] in self.speakers
        return match.groupdict(default="") if known else None

    def utterance(self, file: CorpusFile, fields: Fields) -> Utterance:
        """The record of a clip."""
        speaker = self.speakers[fields["speaker"]]
        return Utterance(
            file=file,
            emotion=self.emotions[fields["emotion"]],
            speaker=speaker.name,
            corpus=self.corpus,
            gender=speaker.gender,
            intensity=self.intensities.get(fields.get("intensity", "")),
            statement=self.statement(fields["statement"]) if "statement" in fields else None,
        )

    def identity(self, fields: Fields) -> tuple[str, ...]:
        """What two copies of a clip have in common, however each is spelled."""
        meant = {"emotion": self.emotions[fields["emotion"]], "speaker": self.speakers[fields["speaker"]].name}
        return tuple({**fields, **meant}.values())

    @cached_property
    def _codes(self) -> set[str]:
        return {*self.emotions, *self.elsewhere}


def read_named(root: Path, naming: Naming) -> Corpus:
    """Read a corpus from a folder or a zip.

    What carries no name of a clip is listed as unplaced, and of several copies of a clip the first is read: popular
    copies of a corpus hold everything twice, the second time in a folder of its own.

    Raises
    ------
    CorpusError
        Where no clip is found.
    """
    clips: dict[tuple[str, ...], Utterance] = {}
    unplaced = []
    for file in list_files(root):
        fields = naming.fields(file)
        if fields is None:
            if not naming.is_beside(file):
                unplaced.append(file.name)
        elif strange := naming.elsewhere.get(fields["emotion"]):
            unplaced.append(f"{file.name}: {strange} is none of the eight emotions.")
        else:
            clips.setdefault(naming.identity(fields), naming.utterance(file, fields))
    if not clips:
        raise CorpusError(f"{root} holds no {naming.title} clip (such as {naming.example}).")
    return Corpus(naming.corpus, tuple(clips.values()), tuple(unplaced))


def _match(file: CorpusFile, pattern: str, *, endings: str) -> re.Match[str] | None:
    return re.fullmatch(rf"(?:.*/)?(?:{pattern})\.(?:{endings})", file.name.lower())
