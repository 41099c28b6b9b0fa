"""A speaker's normal voice as a signed token: the browser keeps it, the server never does."""

from __future__ import annotations

from typing import Any

from django.core import signing

from ml.errors import RequestError
from ml.results import NormalVoice

SALT = "undertone.voice"
FORMAT = 1
LONGEST_TOKEN = 20_000  # a token is some kilobytes; nothing longer is worth checking

FROM_RECORDING = "recording"
"""In place of a token: the recording to classify is long enough to hear in it how its speaker usually sounds."""

INVALID = "This is not a voice that was recorded here, or it was changed. Please record your normal voice again."


def sign(voice: NormalVoice) -> str:
    """The token that stands for a normal voice: signed, so that nobody can hand in numbers of their own."""
    return signing.dumps({"format": FORMAT, "data": voice.data}, salt=SALT, compress=True)


def unsign(token: str) -> str:
    """What the models need to know of a voice, from its token.

    Raises
    ------
    RequestError
        `invalid_voice` where the token was tampered with, signed by another key, or is of another format.
    """
    content: Any = None
    if len(token) <= LONGEST_TOKEN:
        try:
            content = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            content = None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise RequestError("invalid_voice", INVALID)
    return str(content["data"])
