"""The eight emotions, spelled and ordered as RAVDESS publishes them."""

from __future__ import annotations

EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
