"""Labelled recordings on disk, read as utterances."""

from __future__ import annotations

from ml.corpora.utterances import Corpus, Utterance, join

__all__ = ["Corpus", "Utterance", "join"]
