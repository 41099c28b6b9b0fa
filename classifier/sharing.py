"""A result that travels in a link: scores in whole percent and nothing else; read back with suspicion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from classifier.errors import WebError
from ml.emotions import EMOTIONS

ROUNDING = 5
"""By how much eight rounded percentages may miss a hundred."""


def read(query: Mapping[str, str], *, models: frozenset[str]) -> dict[str, Any]:
    """The result that a link claims.

    Parameters
    ----------
    query : Mapping
        The parameters of the link: a whole percentage for each emotion, `uncertain`, `model`.
    models : frozenset of str
        Names of the models served: another name is not shown.

    Returns
    -------
    dict
        The part of an answer that a link can carry. Its labels and its model are ours, never the link's.

    Raises
    ------
    WebError
        `invalid_parameter`.
    """
    scores: list[dict[str, Any]] = [
        {"label": label, "score": _percent(query[label]) / 100} for label in EMOTIONS if label in query
    ]
    if not scores or abs(sum(entry["score"] for entry in scores) * 100 - 100) > ROUNDING:
        raise _unreadable()
    scores.sort(key=lambda entry: entry["score"], reverse=True)
    return {
        "emotion": scores[0]["label"],
        "confidence": scores[0]["score"],
        "uncertain": query.get("uncertain") == "1",
        "scores": scores,
        "model": query["model"] if query.get("model") in models else None,
    }


def _percent(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len("100") and int(text) <= 100):
        raise _unreadable()
    return int(text)


def _unreadable() -> WebError:
    return WebError(
        code="invalid_parameter", message="This link does not hold a result. Please ask for it to be copied again."
    )
