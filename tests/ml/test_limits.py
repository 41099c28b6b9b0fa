"""The limits hold for what is really in a file, at the cost of what they allow."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from ml.decoders import open_blocks
from ml.decoding import decode
from ml.errors import AudioError
from ml.limits import Limits
from tests.ml.files import GOOD, code_of
from tests.recordings import looped_bytes, soundfile_bytes, voice, wav


@pytest.mark.parametrize("rate_hz", [1, 3_999, 384_001, 1_000_000])
def test_it_refuses_absurd_rates(rate_hz: int) -> None:
    assert code_of(soundfile_bytes(np.zeros(3_000, dtype=np.float32), rate_hz)) == "unusable_signal"


@pytest.mark.parametrize("channels", [33, 1024])
def test_it_refuses_absurdly_many_channels(channels: int) -> None:
    assert code_of(soundfile_bytes(np.zeros((200, channels), dtype=np.float32), 16_000)) == "unusable_signal"


@pytest.mark.parametrize("container", ["WAV", "RF64", "OGG"])
def test_a_recording_without_samples_is_too_short(container: str) -> None:
    assert code_of(soundfile_bytes(np.zeros(0, dtype=np.float32), 16_000, container=container)) == "too_short"


def test_the_shortest_recording_is_half_a_second() -> None:
    samples = voice().samples
    assert decode(soundfile_bytes(samples[:8_000], 16_000)).duration_s == 0.5
    assert code_of(soundfile_bytes(samples[:7_999], 16_000)) == "too_short"


def test_the_longest_recording_is_as_long_as_the_limit_says() -> None:
    samples = np.zeros(32_000, dtype=np.float32)
    assert decode(soundfile_bytes(samples, 16_000), limits=Limits(max_seconds=2)).duration_s == 2
    assert code_of(soundfile_bytes(samples, 16_000), limits=Limits(max_seconds=1.99)) == "too_long"


@pytest.mark.parametrize("name", GOOD)
def test_a_recording_may_be_as_long_as_the_limit_in_every_container(name: str) -> None:
    duration_s = decode(GOOD[name]).duration_s
    assert decode(GOOD[name], limits=Limits(max_seconds=duration_s)).duration_s == duration_s


@pytest.mark.parametrize(
    ("container", "codec"), [("webm", "libopus"), ("ogg", "libopus"), ("ipod", "aac"), ("adts", "aac"), ("mp4", "flac")]
)
def test_what_costs_much_to_decode_is_refused_by_its_packets_alone(container: str, codec: str) -> None:
    data = looped_bytes(voice(rate_hz=48_000), container=container, codec=codec, times=10)
    assert decode(data).duration_s == pytest.approx(10 * voice().duration_s, rel=0.05)
    with pytest.raises(AudioError, match="longer than 2 seconds"):
        open_blocks(data, limits=Limits(max_seconds=2))  # no block was asked for yet


def test_a_recording_in_crumbs_is_refused() -> None:
    said = voice(rate_hz=48_000)
    for duration_ms, times in (("10", 20), ("2.5", 1)):
        fine = looped_bytes(said, container="webm", codec="libopus", times=times, frame_duration=duration_ms)
        assert decode(fine).duration_s > 1
    crumbs = looped_bytes(said, container="webm", codec="libopus", times=10, frame_duration="2.5")
    assert code_of(crumbs) == "unusable_signal"


def test_the_limit_is_in_the_sentence() -> None:
    with pytest.raises(AudioError, match="longer than 90 seconds"):
        decode(soundfile_bytes(np.zeros(91 * 8_000, dtype=np.float32), 8_000), limits=Limits(max_seconds=90))
    with pytest.raises(AudioError, match=r"shorter than 0\.5 seconds"):
        decode(soundfile_bytes(np.zeros(1_000, dtype=np.float32), 8_000))


def peak_bytes(data: bytes, limits: Limits, rate_hz: int | None = None) -> int:
    """What decoding holds at most while it refuses a recording as too long."""
    tracemalloc.start()
    try:
        assert code_of(data, limits=limits, rate_hz=rate_hz) == "too_long"
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_flac_bomb_is_put_down_at_the_limit() -> None:
    bomb = soundfile_bytes(np.zeros(1_800 * 8_000, dtype=np.int16), 8_000, container="FLAC", subtype="PCM_16")
    assert len(bomb) < 100_000  # half an hour
    assert peak_bytes(bomb, Limits(max_seconds=10)) < 3_000_000


def test_memory_follows_the_limit_and_not_the_length_nor_the_rate() -> None:
    long = soundfile_bytes(np.zeros(60 * 192_000, dtype=np.int16), 192_000, container="FLAC", subtype="PCM_16")
    assert peak_bytes(long, Limits(max_seconds=30), rate_hz=16_000) < 6_000_000  # not 30 × 192,000 × 4


def test_the_limit_holds_for_the_samples_of_all_channels_together() -> None:
    limits = Limits(max_seconds=1, densest_hz=48_000)
    dense = np.zeros((24_000, 2), dtype=np.int16)  # half a second
    assert decode(soundfile_bytes(dense, 48_000), limits=limits).duration_s == 0.5
    with pytest.raises(AudioError, match="with 2 channels of 48,000 a second it may be 0 seconds long") as refusal:
        decode(soundfile_bytes(np.zeros((24_001, 2), dtype=np.int16), 48_000), limits=limits)
    assert refusal.value.code == "too_long"


def test_many_channels_are_read_in_smaller_blocks() -> None:
    wide = soundfile_bytes(np.zeros((400_000, 32), dtype=np.int16), 48_000, subtype="PCM_16")
    assert peak_bytes(wide, Limits(max_seconds=5)) < 3_000_000  # 5 s of 32 channels are 31 MB


def test_a_header_that_claims_gigabytes_is_believed_as_far_as_there_are_samples() -> None:
    data = bytearray(wav(voice()))
    data[40:44] = (0xFFFFFFF0).to_bytes(4, "little")
    assert decode(bytes(data)).duration_s == pytest.approx(1.2, abs=0.01)
