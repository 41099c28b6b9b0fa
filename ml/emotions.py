"""The eight emotions, spelled and ordered as RAVDESS publishes them, and what else a model can be asked to tell."""

from __future__ import annotations

EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
GENDERS = ("female", "male")
GENDERED_EMOTIONS = tuple(f"{gender} {emotion}" for gender in GENDERS for emotion in EMOTIONS)


def emotion_of(label: str) -> str:
    """The emotion in a label: `happy` in `female happy`, and in `happy`."""
    return label.rpartition(" ")[2]
