"""Bytes to a clip: every format and depth of the contract, whatever the file is called."""

from __future__ import annotations

import io

import av
import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.audio import Clip, Samples, StreamResampler
from ml.decoding import decode
from tests.ml.files import code_of
from tests.recordings import add_picture, ffmpeg_bytes, soundfile_bytes, stereo, voice, wav

LINEAR_DEPTHS = {"PCM_U8": 2**-7, "PCM_16": 2**-15, "PCM_24": 2**-23, "PCM_32": 2**-24, "FLOAT": 0.0, "DOUBLE": 0.0}
RATES_HZ = (8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000)


def loudness(samples: Samples, rate_hz: int) -> Samples:
    """Root mean square of every 20 ms: what survives any codec."""
    width = rate_hz // 50
    frames = samples[: len(samples) // width * width].reshape(-1, width)
    levels: Samples = np.sqrt(np.mean(np.square(frames), axis=1))
    return levels


def assert_same_sound(heard: Clip, said: Clip) -> None:
    assert heard.samples.dtype == np.float32
    assert heard.duration_s == pytest.approx(said.duration_s, abs=0.1)
    ours, theirs = loudness(heard.samples, heard.rate_hz), loudness(said.samples, said.rate_hz)
    shared = min(len(ours), len(theirs))
    assert (
        np.corrcoef(ours[:shared], theirs[:shared])[0, 1] > 0.8
    )  # encoders shift what they write by some milliseconds
    assert ours.mean() == pytest.approx(theirs.mean(), rel=0.15)


@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize(("subtype", "step"), LINEAR_DEPTHS.items())
def test_it_reads_every_linear_depth_of_wav_to_its_last_bit(container: str, subtype: str, step: float) -> None:
    said = voice()
    heard = decode(soundfile_bytes(said.samples, said.rate_hz, container=container, subtype=subtype))
    assert heard.rate_hz == said.rate_hz
    np.testing.assert_allclose(heard.samples, said.samples, atol=step, rtol=0)


@pytest.mark.parametrize("container", ["WAV", "WAVEX"])
@pytest.mark.parametrize("subtype", ["ALAW", "ULAW"])
def test_it_reads_telephone_companding(container: str, subtype: str) -> None:
    said = voice(rate_hz=8_000)
    assert_same_sound(decode(soundfile_bytes(said.samples, 8_000, container=container, subtype=subtype)), said)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_it_reads_every_rate_from_telephone_to_studio(rate_hz: int) -> None:
    said = voice(rate_hz=rate_hz)
    assert decode(wav(said)).rate_hz == rate_hz
    assert decode(wav(said), rate_hz=16_000).duration_s == pytest.approx(said.duration_s, abs=0.001)


@pytest.mark.parametrize(
    ("container", "subtype", "rate_hz"),
    [
        ("FLAC", "PCM_16", 16_000),
        ("FLAC", "PCM_24", 48_000),
        ("OGG", "VORBIS", 44_100),
        ("OGG", "OPUS", 48_000),
        ("MP3", "MPEG_LAYER_III", 44_100),
        ("MP3", "MPEG_LAYER_III", 16_000),
    ],
)
def test_it_reads_what_libsndfile_reads(container: str, subtype: str, rate_hz: int) -> None:
    said = voice(rate_hz=rate_hz)
    heard = decode(soundfile_bytes(said.samples, rate_hz, container=container, subtype=subtype))
    assert heard.rate_hz == rate_hz
    assert_same_sound(heard, said)


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("ipod", "aac"),  # the M4A of a telephone
        ("mp4", "aac"),
        ("mp4", "alac"),
        ("mp4", "flac"),
        ("mp4", "libopus"),  # what Safari records
        ("mp4", "libmp3lame"),
        ("mov", "aac"),
        ("adts", "aac"),
        ("webm", "libopus"),  # what Chrome and Firefox record
    ],
)
def test_it_reads_what_telephones_and_browsers_record(container: str, codec: str) -> None:
    said = voice(rate_hz=48_000)
    heard = decode(ffmpeg_bytes(said, container=container, codec=codec))
    assert heard.rate_hz == 48_000
    assert_same_sound(heard, said)


def test_it_reads_the_sound_of_a_film_from_a_telephone() -> None:
    said = voice(rate_hz=48_000)
    assert_same_sound(decode(ffmpeg_bytes(said, container="mp4", codec="aac", with_picture=True)), said)


def test_it_reads_an_mp3_behind_a_tag_with_padding() -> None:
    said = voice(rate_hz=44_100)
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, 4, 0]) + bytes(512)
    mp3 = soundfile_bytes(said.samples, 44_100, container="MP3", subtype="MPEG_LAYER_III")
    assert_same_sound(decode(tag + mp3), said)


def test_stereo_is_the_mean_of_its_channels() -> None:
    said = voice()
    both = np.column_stack([said.samples, np.zeros_like(said.samples)])
    heard = decode(soundfile_bytes(both, said.rate_hz, subtype="FLOAT"))
    np.testing.assert_allclose(heard.samples, said.samples / 2, atol=1e-7)


def test_one_voice_on_both_channels_is_that_voice() -> None:
    said = voice()
    assert decode(soundfile_bytes(stereo(said.samples), said.rate_hz)).digest == decode(wav(said)).digest


def test_sixteen_bits_are_the_same_samples_in_every_lossless_file() -> None:
    said = decode(wav(voice()))
    for container, subtype in (("WAV", "PCM_24"), ("WAV", "FLOAT"), ("RF64", "PCM_16"), ("FLAC", "PCM_16")):
        again = decode(soundfile_bytes(said.samples, said.rate_hz, container=container, subtype=subtype))
        assert again.digest == said.digest, (container, subtype)


def test_it_refuses_a_film_without_sound() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as target:
        picture = add_picture(target)
        target.mux([*picture.encode(av.VideoFrame(32, 32, "yuv420p")), *picture.encode(None)])
    assert code_of(file.getvalue()) == "unsupported_format"


def test_it_refuses_a_codec_that_nobody_knows() -> None:
    webm = ffmpeg_bytes(voice(rate_hz=48_000), container="webm", codec="libopus")
    assert code_of(webm.replace(b"A_OPUS", b"A_NONE")) == "unsupported_format"


@pytest.mark.parametrize("channels", [2, 6])
def test_a_recording_that_changes_its_channels_on_the_way_is_undecodable(channels: int) -> None:
    mono = ffmpeg_bytes(voice(rate_hz=48_000), container="adts", codec="aac")
    more = ffmpeg_bytes(voice(rate_hz=48_000), container="adts", codec="aac", channels=channels)
    assert_same_sound(decode(more), voice(rate_hz=48_000))
    assert code_of(mono + more) == "undecodable"


def test_a_recording_that_changes_its_rate_on_the_way_is_undecodable() -> None:
    parts = [ffmpeg_bytes(voice(rate_hz=rate_hz), container="adts", codec="aac") for rate_hz in (48_000, 44_100)]
    assert code_of(b"".join(parts)) == "undecodable"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("position", [0, -1])
def test_it_refuses_values_that_are_no_sound(value: float, position: int) -> None:
    samples = voice().samples.copy()
    samples[position] = value
    assert code_of(soundfile_bytes(samples, 16_000, subtype="FLOAT")) == "unusable_signal"


def test_infinities_of_opposite_sign_do_not_cancel() -> None:
    samples = stereo(voice().samples)
    samples[100] = np.inf, -np.inf
    assert code_of(soundfile_bytes(samples, 16_000, subtype="FLOAT")) == "unusable_signal"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    from_hz=st.sampled_from(RATES_HZ),
    to_hz=st.sampled_from((8_000, 16_000, 22_050)),
    cuts=st.lists(st.floats(0, 1), max_size=6),
)
def test_resampling_in_blocks_is_librosas_resampling_of_what_is_without_offset_wherever_the_blocks_end(
    from_hz: int, to_hz: int, cuts: list[float]
) -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, from_hz // 8).astype(np.float32)
    resampler = StreamResampler(from_hz, to_hz)
    blocks = np.split(samples, sorted(int(cut * len(samples)) for cut in cuts))
    resampled = np.concatenate([*(resampler.push(block) for block in blocks), resampler.finish()])
    offset = samples[: round(StreamResampler.EDGE_S * from_hz)].mean() if from_hz != to_hz else 0
    whole = librosa.resample(samples - offset, orig_sr=from_hz, target_sr=to_hz, res_type="soxr_hq") + offset
    assert abs(len(resampled) - len(whole)) <= 1
    shared = min(len(resampled), len(whole))
    np.testing.assert_allclose(resampled[:shared], whole[:shared], atol=1e-4)


def test_a_file_is_resampled_as_it_is_read() -> None:
    said = voice(rate_hz=44_100, speech_s=4)  # several blocks
    heard = decode(wav(said, subtype="FLOAT"), rate_hz=16_000)
    whole = librosa.resample(said.samples, orig_sr=44_100, target_sr=16_000, res_type="soxr_hq")
    assert heard.rate_hz == 16_000
    np.testing.assert_allclose(heard.samples[: len(whole)], whole[: len(heard.samples)], atol=1e-4)


def test_a_flac_that_was_written_to_a_pipe_is_read_to_its_end() -> None:
    said = voice()
    streamed = bytearray(soundfile_bytes(said.samples, said.rate_hz, container="FLAC"))
    streamed[21] &= 0xF0  # STREAMINFO's total of samples, 36 bits: zero means unknown
    streamed[22:26] = bytes(4)
    with soundfile.SoundFile(io.BytesIO(bytes(streamed))) as sound:
        assert sound.frames != len(said.samples)
    assert_same_sound(decode(bytes(streamed)), said)
