"""The words around a model's figures, the same on its page and in its MODEL_CARD.md."""

from __future__ import annotations

from collections.abc import Sequence

CONDITIONS = {
    "louder-12dB": "12 dB louder, clipped at full scale",
    "quieter-12dB": "12 dB quieter",
    "silence-1s-before": "A second of silence in front",
    "stereo": "Stereo",
    "rate-44.1kHz": "Sampled at 44.1 kHz",
    "rate-16kHz": "Sampled at 16 kHz",
    "mp3-64kbps": "MP3, 64 kb/s",
    "opus-24kbps": "WebM/Opus, 24 kb/s",
    "telephone": "Over the telephone (8 kHz, µ-law)",
    "room": "In a small, echoing room",
    "white-20dB": "White noise, 20 dB under the voice",
    "white-10dB": "White noise, 10 dB under the voice",
    "babble-20dB": "Other people talking, 20 dB under the voice",
    "babble-10dB": "Other people talking, 10 dB under the voice",
}
"""The conditions of the robustness table (`ml.arrivals`), in words."""


CORPORA = {
    "ravdess": "RAVDESS",
    "song": "RAVDESS song",
    "tess": "TESS",
    "savee": "SAVEE",
    "crema-d": "CREMA-D",
    "emodb": "EmoDB",
    "own": "recordings of one's own",
}
"""What corpora are called."""


def corpus(name: str) -> str:
    """What a corpus is called."""
    return CORPORA.get(name, name)


def condition(name: str) -> str:
    """A condition in words."""
    return CONDITIONS.get(name, name)


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
