"""Recordings as browsers send them."""

from __future__ import annotations

import io

import soundfile

from ml.audio import Clip
from ml.synthesis import STYLES, speak

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW1"  # as long as those of browsers: a short one takes longer to find


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
    disposition = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    plain = "".join(f'{disposition}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    part = f'{disposition}"audio"; filename="clip.wav"\r\nContent-Type: audio/wav\r\n\r\n'
    body = plain.encode() + part.encode() + audio + f"\r\n--{BOUNDARY}--\r\n".encode()
    lines = [
        "POST /api/v1/classify HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
