"""Bytes to a clip: every format and depth of the contract, whatever the file is called."""

from __future__ import annotations

import io
import tracemalloc

import av
import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.audio import Clip, Samples, StreamResampler
from ml.decoding import Limits, decode
from ml.errors import AudioError
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


def code_of(data: bytes, **how: object) -> str:
    with pytest.raises(AudioError) as caught:
        decode(data, **how)  # type: ignore[arg-type]
    assert caught.value.message.endswith(".")
    return caught.value.code


TEXTS = {
    "an HLS playlist": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "a playlist": b"http://127.0.0.1:8000/metrics\n",
    "a PLS playlist": b"[playlist]\nFile1=/etc/passwd\nNumberOfEntries=1\n",
    "a session description": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n",
    "an FFmpeg concat script": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a web page": b"<!doctype html><title>Not found</title>",
    "an XSPF playlist": b'<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"></playlist>',
    "nothing": b"",
    "one byte": b"R",
    "random bytes": np.random.default_rng(0).bytes(4096),
    "zeros": bytes(100_000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "a zip": b"PK\x03\x04" + bytes(64),
    "an empty tag": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
}


@pytest.mark.parametrize("name", TEXTS)
def test_it_refuses_what_is_no_recording(name: str) -> None:
    assert code_of(TEXTS[name]) == "unsupported_format"


@pytest.mark.parametrize(
    ("container", "subtype"),
    [
        ("WAV", "IMA_ADPCM"),
        ("WAV", "MS_ADPCM"),
        ("WAV", "GSM610"),
        ("WAV", "G721_32"),
        ("AIFF", "PCM_16"),
        ("AU", "PCM_16"),
        ("CAF", "PCM_16"),
        ("W64", "PCM_16"),
        ("VOC", "PCM_16"),
    ],
)
def test_it_refuses_formats_that_libsndfile_would_read_but_the_contract_does_not_name(
    container: str, subtype: str
) -> None:
    said = voice(rate_hz=8_000)
    assert code_of(soundfile_bytes(said.samples, 8_000, container=container, subtype=subtype)) == "unsupported_format"


@pytest.mark.parametrize(
    ("container", "codec"),
    [("matroska", "libopus"), ("ogg", "flac"), ("mp4", "ac3"), ("nut", "aac"), ("wav", "libmp3lame")],
)
def test_it_refuses_formats_that_ffmpeg_would_read_but_the_contract_does_not_name(container: str, codec: str) -> None:
    assert code_of(ffmpeg_bytes(voice(rate_hz=48_000), container=container, codec=codec)) == "unsupported_format"


def test_it_refuses_a_matroska_film() -> None:
    film = ffmpeg_bytes(voice(rate_hz=48_000), container="matroska", codec="libopus", with_picture=True)
    assert code_of(film) == "unsupported_format"


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


def test_a_second_format_chunk_does_not_smuggle_in_another_codec() -> None:
    said = voice(rate_hz=8_000)
    honest, adpcm = wav(said), soundfile_bytes(said.samples, 8_000, subtype="IMA_ADPCM")
    smuggled = adpcm[:12] + honest[12:36] + adpcm[12:]
    with pytest.raises(AudioError):
        decode(smuggled)


@pytest.mark.parametrize("rate_hz", [1, 3_999, 384_001, 1_000_000])
def test_it_refuses_absurd_rates(rate_hz: int) -> None:
    assert code_of(soundfile_bytes(np.zeros(3_000, dtype=np.float32), rate_hz)) == "unusable_signal"


@pytest.mark.parametrize("channels", [33, 1024])
def test_it_refuses_absurdly_many_channels(channels: int) -> None:
    assert code_of(soundfile_bytes(np.zeros((200, channels), dtype=np.float32), 16_000)) == "unusable_signal"


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


GOOD = {
    "wav": wav(voice()),
    "wav24": wav(voice(), subtype="PCM_24"),
    "float": wav(voice(), subtype="FLOAT"),
    "alaw": wav(voice(rate_hz=8_000), subtype="ALAW"),
    "rf64": soundfile_bytes(voice().samples, 16_000, container="RF64", subtype="PCM_16"),
    "flac": soundfile_bytes(voice().samples, 16_000, container="FLAC"),
    "vorbis": soundfile_bytes(voice().samples, 16_000, container="OGG", subtype="VORBIS"),
    "opus": soundfile_bytes(voice().samples, 16_000, container="OGG", subtype="OPUS"),
    "mp3": soundfile_bytes(voice().samples, 16_000, container="MP3", subtype="MPEG_LAYER_III"),
    "m4a": ffmpeg_bytes(voice(rate_hz=48_000), container="ipod", codec="aac"),
    "adts": ffmpeg_bytes(voice(rate_hz=48_000), container="adts", codec="aac"),
    "webm": ffmpeg_bytes(voice(rate_hz=48_000), container="webm", codec="libopus"),
}


CODES = {"unsupported_format", "undecodable", "too_short", "too_long", "unusable_signal"}


def decodes_or_says_why(data: bytes) -> None:
    refused = None
    try:
        clip = decode(data, limits=Limits(max_seconds=5), rate_hz=16_000)
    except AudioError as error:
        refused = error.code
    assert refused in CODES or np.isfinite(clip.samples).all()


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_a_recording_that_breaks_off_is_read_so_far_or_refused(name: str, share: float) -> None:
    decodes_or_says_why(GOOD[name][: int(share * len(GOOD[name]))])


@pytest.mark.parametrize("name", ["flac", "m4a", "webm", "vorbis"])
def test_a_head_without_a_body_is_no_clip(name: str) -> None:
    assert code_of(GOOD[name][:200]) in {"undecodable", "too_short", "unsupported_format"}


@pytest.mark.parametrize(("name", "kept"), [("flac", 8), ("webm", 48), ("m4a", 32)])
def test_garbage_behind_a_good_beginning_is_undecodable(name: str, kept: int) -> None:
    noise = np.random.default_rng(1).bytes(20_000)
    assert code_of(GOOD[name][:kept] + noise) == "undecodable"


edits = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(name=st.sampled_from(sorted(GOOD)), edits=edits, head_only=st.booleans())
def test_a_damaged_recording_gives_a_clip_or_a_reason(
    name: str, edits: list[tuple[float, int]], head_only: bool
) -> None:
    damaged = bytearray(GOOD[name])
    reach = min(len(damaged), 200) if head_only else len(damaged)
    for share, value in edits:
        damaged[int(share * reach)] = value
    decodes_or_says_why(bytes(damaged))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(sorted(GOOD)),
    start=st.floats(0, 1),
    stop=st.floats(0, 1),
    filling=st.binary(max_size=64),
)
def test_a_recording_with_a_hole_gives_a_clip_or_a_reason(name: str, start: float, stop: float, filling: bytes) -> None:
    good = GOOD[name]
    first, last = sorted((int(start * len(good)), int(stop * len(good))))
    decodes_or_says_why(good[:first] + filling + good[last:])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(magic=st.sampled_from([good[:16] for good in GOOD.values()]), rest=st.binary(max_size=2_000))
def test_noise_behind_a_known_beginning_gives_a_clip_or_a_reason(magic: bytes, rest: bytes) -> None:
    decodes_or_says_why(magic + rest)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    from_hz=st.sampled_from(RATES_HZ),
    to_hz=st.sampled_from((8_000, 16_000, 22_050)),
    cuts=st.lists(st.floats(0, 1), max_size=6),
)
def test_resampling_in_blocks_is_librosas_resampling_wherever_the_blocks_end(
    from_hz: int, to_hz: int, cuts: list[float]
) -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, from_hz // 8).astype(np.float32)
    resampler = StreamResampler(from_hz, to_hz)
    blocks = np.split(samples, sorted(int(cut * len(samples)) for cut in cuts))
    resampled = np.concatenate([*(resampler.push(block) for block in blocks), resampler.finish()])
    whole = librosa.resample(samples, orig_sr=from_hz, target_sr=to_hz, res_type="soxr_hq")
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
