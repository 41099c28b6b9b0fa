"""Left and right of a recording, as they are decoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.decoding import Channel, Sides, decode, read_channels, sides
from ml.errors import AudioError
from tests.recordings import ffmpeg_bytes, soundfile_bytes, stereo, voice, wav

RATE_HZ = 16_000
TONES = np.column_stack([0.1 * np.sin(np.arange(RATE_HZ) / 9), 0.1 * np.sin(np.arange(RATE_HZ) / 7)])


def channel(content: bytes, name: Channel, **how: int) -> np.ndarray:
    return np.concatenate([block for (block,) in read_channels(content, wanted=(name,), **how)[1]])  # type: ignore[arg-type]


def test_each_side_is_itself_and_the_mix_is_their_mean() -> None:
    content = soundfile_bytes(TONES, RATE_HZ, subtype="FLOAT")
    assert channel(content, "left") == pytest.approx(TONES[:, 0], abs=1e-6)
    assert channel(content, "right") == pytest.approx(TONES[:, 1], abs=1e-6)
    assert channel(content, "mix") == pytest.approx(TONES.mean(axis=1), abs=1e-6)


def test_both_sides_are_resampled_as_one_is() -> None:
    content = soundfile_bytes(TONES, RATE_HZ, subtype="FLOAT")
    rate_hz, blocks = read_channels(content, wanted=("left", "right"), rate_hz=8_000)
    left, right = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    assert rate_hz == 8_000
    assert left.tolist() == channel(content, "left", rate_hz=8_000).tolist()
    assert len(right) == len(left) == pytest.approx(8_000, abs=2)


def test_two_different_sides_are_told_from_one_sound_on_both() -> None:
    clip = voice("happy")
    assert sides(wav(clip)) is Sides.ONE
    assert sides(soundfile_bytes(stereo(clip.samples), clip.rate_hz)) is Sides.SAME
    assert sides(soundfile_bytes(TONES, RATE_HZ)) is Sides.DIFFERENT
    quiet_side = stereo(clip.samples) * np.array([1.0, 0.0], np.float32)
    assert sides(soundfile_bytes(quiet_side, clip.rate_hz)) is Sides.DIFFERENT


def test_a_coder_that_loses_something_does_not_make_two_sides_of_one() -> None:
    assert sides(ffmpeg_bytes(voice("happy"), container="mp4", codec="aac", channels=2)) is Sides.SAME


def test_an_open_file_is_read_like_its_bytes(tmp_path: Path) -> None:
    content = soundfile_bytes(TONES, RATE_HZ)
    path = tmp_path / "tones.wav"
    path.write_bytes(content)
    with path.open("rb") as file:
        assert sides(file) is sides(content)
        assert decode(file).samples.tolist() == decode(content).samples.tolist()


def test_a_file_that_is_no_sound_is_refused_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "text.wav"
    path.write_text("no sound")
    with path.open("rb") as file, pytest.raises(AudioError) as refused:
        decode(file)
    assert refused.value.code == "unsupported_format"
