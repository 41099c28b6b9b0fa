"""The corpora that a command was given: their options, what their readers could not place, and their clips' vectors."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from classifier.management.options import add_jobs_option, list_problems, shown
from ml.corpora import Corpus
from ml.corpora.readers import READERS
from ml.datasets import load_dataset
from ml.extraction import Dataset, Extractor
from ml.recipes import Recipe

Write = Callable[[str], Any]


def add_corpus_options(parser: ArgumentParser) -> None:
    """`--ravdess` and the others, and `--jobs`."""
    group = parser.add_argument_group("corpora, at least one", "each a folder, or a zip that is read as it is")
    for name, reader in READERS.items():
        group.add_argument(f"--{name}", dest=name, type=Path, metavar="PATH", help=f"the {reader.title}")
    add_jobs_option(parser)


def read_corpora(options: dict[str, Any], write: Write) -> dict[str, Corpus]:
    """Read the corpora that were named, and list what is none of their clips.

    Raises
    ------
    CommandError
        Where none was named.
    CorpusError
    """
    corpora = {name: read(options[name]) for name, read in READERS.items() if options[name]}
    if not corpora:
        raise CommandError(f"Name at least one corpus: {', '.join(f'--{name} PATH' for name in READERS)}.")
    for name, corpus in corpora.items():
        list_problems(corpus.unplaced, write, what=f"files are no clips of the {READERS[name].title} and were left out")
    return corpora


def note_differences(recipe: Recipe, given: Mapping[str, Corpus], write: Write) -> None:
    """Say so where a recipe's published figure is of other corpora, or where its own figures will flatter."""
    speakers = {utterance.speaker for corpus in given.values() for utterance in corpus.utterances}
    if known := speakers & set(recipe.tuned_on):
        write(
            f"The hyperparameters of {recipe.name} were chosen on {len(known)} of these {len(speakers)} speakers: its "
            "figures flatter. Those that train_model --tune gives do not."
        )
    if recipe.published and set(given) != set(recipe.corpora):
        write(f"{recipe.name} was published on {' + '.join(recipe.corpora)}; here it is {' + '.join(given)}.")


def load_clips(
    corpus: Corpus,
    extractor: Extractor,
    options: dict[str, Any],
    write: Write,
    *,
    labels: Sequence[str],
    copies: tuple[str, ...] = (),
) -> Dataset:
    """Extract what a model is fitted on or tested with, and list the clips that cannot be used.

    Raises
    ------
    CorpusError
    """
    watched = {"jobs": options["jobs"], "progress": shown("Extracting features")}
    data = load_dataset(corpus, extractor, labels=labels, copies=copies, **watched)
    list_problems(data.unusable, write, what="clips could not be used")
    return data
