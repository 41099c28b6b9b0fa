"""What is said in a clip, in pieces where it is long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ml.audio import Clip, Conditioning, constant_offset, resample, speech_span, split
from ml.errors import AudioError
from ml.speech import is_speech
from ml.traits import CONDITIONING as DESCRIBED

LONGEST_PIECE_S = 10.0  # models are trained on single sentences, and memory is bounded


@dataclass(frozen=True, eq=False)
class Pieces:
    """A trimmed clip, in pieces where it is long, which lose its offset one by one: a second copy would not fit."""

    parts: list[Clip]
    offset: np.float32

    @classmethod
    def of(cls, clip: Clip, conditioning: Conditioning) -> Self:
        """Trim a clip, and cut it; raises what `speech_span` raises."""
        span = speech_span(clip, conditioning)
        trimmed = Clip(clip.samples[span.start : span.end], clip.rate_hz, span.speech_s)
        return cls(split(trimmed, LONGEST_PIECE_S), constant_offset(trimmed.samples, conditioning))

    def __iter__(self) -> Iterator[Clip]:
        return (Clip(part.samples - self.offset, part.rate_hz, part.speech_s) for part in self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def of_speech(self) -> Self:
        """Those of them that are speech."""
        return replace(self, parts=[part for part, piece in zip(self.parts, self, strict=True) if is_speech(piece)])


@dataclass(frozen=True, eq=False)
class Spoken:
    """What is said in a clip: as the model hears it, and as every model describes it."""

    pieces: Pieces
    described: Pieces

    @classmethod
    def of(cls, clip: Clip, conditioning: Conditioning) -> Self:
        """What is said in a clip; music and noise between it are left out.

        Raises
        ------
        AudioError
            `no_speech`.
        """
        pieces = Pieces.of(clip, conditioning).of_speech()
        if not pieces:
            raise no_speech()
        return cls(pieces, pieces if conditioning == DESCRIBED else _described(clip))

    @property
    def speech_s(self) -> float:
        """Seconds of speech in what the model hears."""
        return sum(part.speech_s or 0.0 for part in self.pieces.parts)


def _described(clip: Clip) -> Pieces:
    """What is said in a clip, trimmed for the traits: how a voice is described must not depend on the model."""
    pieces = Pieces.of(resample(clip, DESCRIBED.rate_hz), DESCRIBED)
    return pieces if len(pieces) == 1 else pieces.of_speech() or pieces


def no_speech() -> AudioError:
    """The answer to a recording in which nobody speaks."""
    return AudioError("no_speech", "No speech was found in this recording. Please record a voice, close and clear.")
