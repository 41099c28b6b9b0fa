"""Recordings as browsers send them."""

from __future__ import annotations

import io

import soundfile

from ml.audio import Clip
from ml.synthesis import STYLES, speak


def clips() -> list[bytes]:
    """WAV files like recordings from a browser: four seconds of each style, 16 kHz."""
    return [wav(speak(style, seed=seed, speech_s=3.0, pause_s=0.5)) for seed, style in enumerate(STYLES.values())]


def wav(clip: Clip) -> bytes:
    """A clip as a file, 16 bits a sample."""
    file = io.BytesIO()
    soundfile.write(file, clip.samples, clip.rate_hz, format="WAV", subtype="PCM_16")
    return file.getvalue()


def upload(audio: bytes, **fields: str) -> bytes:
    """A whole request, ready to send."""
    plain = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    part = '--b\r\nContent-Disposition: form-data; name="audio"; filename="clip.wav"\r\n\r\n'
    body = plain.encode() + part.encode() + audio + b"\r\n--b--\r\n"
    lines = [
        "POST /api/v1/classify HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
