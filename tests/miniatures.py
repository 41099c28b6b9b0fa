"""RAVDESS song, TESS and SAVEE in small: their own names, spoken by the synthesiser."""

from __future__ import annotations

from pathlib import Path

import soundfile

from ml.synthesis import STYLES, Speaker, speak

TESS_EMOTIONS = {
    "angry": "angry",
    "disgust": "disgust",
    "fear": "fearful",
    "happy": "happy",
    "neutral": "neutral",
    "ps": "surprised",
    "sad": "sad",
}
SAVEE_EMOTIONS = {
    "a": "angry",
    "d": "disgust",
    "f": "fearful",
    "h": "happy",
    "n": "neutral",
    "sa": "sad",
    "su": "surprised",
}
SUNG = ("neutral", "calm", "happy", "sad", "angry", "fearful")


def write_miniature_tess(folder: Path) -> Path:
    """Two women, seven emotions, two words."""
    for number, name in enumerate(("OAF", "YAF")):
        for code, emotion in TESS_EMOTIONS.items():
            for seed, word in enumerate(("back", "bite")):
                path = folder / f"{name}_{code}" / f"{name}_{word}_{code}.wav"
                _write(path, emotion, Speaker(pitch_hz=190 + 30 * number, formant_scale=1.15), seed=1000 + seed)
    return folder


def write_miniature_savee(folder: Path) -> Path:
    """Four men, seven emotions, one sentence, all in one folder."""
    for number, name in enumerate(("DC", "JE", "JK", "KL")):
        for code, emotion in SAVEE_EMOTIONS.items():
            _write(folder / f"{name}_{code}01.wav", emotion, Speaker(pitch_hz=95 + 8 * number), seed=2000 + number)
    return folder


def write_miniature_song(folder: Path, *, actors: tuple[int, ...]) -> Path:
    """Singers of RAVDESS, six emotions, one statement."""
    for actor in actors:
        speaker = Speaker(pitch_hz=200 if actor % 2 == 0 else 110, formant_scale=1.15 if actor % 2 == 0 else 1.0)
        for code, emotion in enumerate(SUNG, start=1):
            path = folder / f"Actor_{actor:02}" / f"03-02-{code:02}-01-01-01-{actor:02}.wav"
            _write(path, emotion, speaker, seed=3000 + actor)
    return folder


def _write(path: Path, emotion: str, speaker: Speaker, *, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    clip = speak(STYLES[emotion], speaker=speaker, seed=seed, speech_s=0.6, pause_s=0.1)
    soundfile.write(path, clip.samples, clip.rate_hz, subtype="PCM_16")
