"""Recordings of one's own: a folder (or a zip) with a folder an emotion, or a CSV that lists them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from ml.corpora.files import CorpusFile, list_files
from ml.corpora.utterances import Corpus, Utterance
from ml.emotions import EMOTIONS, GENDERS
from ml.errors import CorpusError

SPELLINGS = {
    **{emotion: emotion for emotion in EMOTIONS},
    "anger": "angry",
    "fear": "fearful",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprise": "surprised",
}
COLUMNS = {"path", "emotion"}  # and speaker and gender, which may be missing
EXPECTED = f"one of {', '.join(EMOTIONS)}"


def read_own(root: Path) -> Corpus:
    """Read clips that are labelled by their folders or by a CSV.

    Clips without a speaker count as one person's, so that nobody can be trained on and tested by mistake.

    Parameters
    ----------
    root : Path
        A folder or a zip with clips as `angry/clip.wav` or `angry/anna/clip.wav`; or a CSV file with the columns
        `path` (from the CSV's folder), `emotion` and, if known, `speaker` and `gender`.

    Raises
    ------
    CorpusError
        Where no clip is found, or the CSV cannot be read.
    """
    found = list(_by_table(root) if root.suffix.lower() == ".csv" else _by_folders(root))
    utterances = tuple(item for item in found if isinstance(item, Utterance))
    if not utterances:
        raise CorpusError(f"{root} labels no clip: each needs {EXPECTED}, as its folder's name or in a CSV's column.")
    return Corpus("own", utterances, tuple(item for item in found if isinstance(item, str)))


def _by_folders(root: Path) -> Iterator[Utterance | str]:
    for file in list_files(root):
        *folders, _ = file.parts
        match [place for place, folder in enumerate(folders) if _emotion(folder)]:
            case []:
                yield f"{file.name}: none of its folders names an emotion."
            case [place]:
                yield _utterance(file, folders[place], speaker=next(iter(folders[place + 1 :]), ""))
            case _:
                yield f"{file.name}: several of its folders name an emotion."


def _by_table(path: Path) -> Iterator[Utterance | str]:
    seen = set()
    for row in _rows(path):
        name, label = row["path"], row["emotion"]
        if not name:
            yield f"{path.name}: a line of it names no file."
        elif name in seen:
            yield f"{name}: it is listed more than once, and only the first line counts."
        elif not _emotion(label):
            yield f"{name}: its emotion is {label or 'missing'} and should be {EXPECTED}."
        else:
            gender = row.get("gender", "").lower()
            clip = _utterance(CorpusFile(path.parent, name), label, speaker=row.get("speaker", ""))
            yield replace(clip, gender=gender if gender in GENDERS else None)
        seen.add(name)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV as spreadsheets write it: with or without a byte order mark, commas, semicolons or tabs."""
    try:
        text = path.read_text("utf-8-sig")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        head, *rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    except (OSError, ValueError, csv.Error) as error:  # ValueError where it is empty or not UTF-8
        raise CorpusError(f"{path} cannot be read as a CSV file in UTF-8.") from error
    columns = [name.strip().lower() for name in head]
    if not {*columns} >= COLUMNS:
        raise CorpusError(
            f"The first line of {path} should name the columns path, emotion and, if known, speaker and gender."
        )
    for row in rows:
        if any(row):
            yield dict(zip_longest(columns, (cell.strip() for cell in row[: len(columns)]), fillvalue=""))


def _utterance(file: CorpusFile, label: str, *, speaker: str) -> Utterance:
    name = f"own-{speaker}" if speaker else "own"
    return Utterance(file=file, emotion=SPELLINGS[label.strip().lower()], speaker=name, corpus="own")


def _emotion(label: str) -> str | None:
    return SPELLINGS.get(label.strip().lower())
