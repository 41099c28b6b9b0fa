"""The engine around the shipped models: real decoders and a real voice, inside confined workers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from ml.catalogue import Catalogue
from ml.engine import Engine, EngineConfig, Job, VoiceJob
from ml.errors import AudioError
from ml.store import SHIPPED_DIR
from ml.synthesis import STYLES, speak
from tests.ml.engine.stage import children, parents

START_S = 180.0  # numba compiles when its cache is cold
VOICE = speak(STYLES["happy"])


@pytest.fixture(scope="module")
def real() -> Iterator[Engine]:
    """An engine with the shipped models and two workers, ready."""
    config = EngineConfig(model_dir=SHIPPED_DIR, shipped_dir=SHIPPED_DIR, workers=2)
    with Engine(config) as engine:
        assert engine.wait_ready(START_S), engine.failure
        yield engine


def test_it_hears_what_is_heard_in_process(real: Engine) -> None:
    catalogue = Catalogue.load(model_dir=SHIPPED_DIR, shipped_dir=SHIPPED_DIR, default=real.default_model)
    audio = _sound_file("WAV", "PCM_16")
    here, there = catalogue.classify(audio), real.classify(Job(audio=audio))
    assert there.model == here.model
    assert (there.duration_s, there.speech_s) == (here.duration_s, here.speech_s)
    assert [score.label for score in there.scores] == [score.label for score in here.scores]
    # Several threads add up in another order than one.
    assert [score.score for score in there.scores] == pytest.approx([score.score for score in here.scores], abs=1e-5)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("WAV", "ULAW"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")],
)
def test_confinement_lets_libsndfile_work(real: Engine, container: str, codec: str) -> None:
    assert real.classify(Job(audio=_sound_file(container, codec))).duration_s > 1


@pytest.mark.parametrize(("container", "codec"), [("webm", "libopus"), ("mp4", "aac"), ("adts", "aac")])
def test_confinement_lets_ffmpeg_work(real: Engine, container: str, codec: str) -> None:
    assert real.classify(Job(audio=_encoded(container, codec))).duration_s > 1


def test_silence_and_noise_that_is_no_file_are_refused(real: Engine) -> None:
    with pytest.raises(AudioError):
        real.classify(Job(audio=_sound_file("WAV", "PCM_16", gain=0.0)))
    with pytest.raises(AudioError):
        real.classify(Job(audio=np.random.default_rng(0).bytes(5_000)))


def test_every_model_that_is_served_answers(real: Engine) -> None:
    audio = _sound_file("WAV", "PCM_16")
    assert [summary["name"] for summary in real.models()]
    for summary in real.models():
        assert real.classify(Job(audio=audio, model=summary["name"])).model.name == summary["name"]


def test_the_parent_has_one_thread_when_it_forks(real: Engine) -> None:
    (parent,) = parents()
    assert len(list(Path(f"/proc/{parent}/task").iterdir())) == 1


def test_workers_own_little_and_share_the_rest(real: Engine) -> None:
    for _ in real.classify_many(Job(audio=_sound_file("WAV", "PCM_16")) for _ in range(8)):
        pass
    (parent,) = parents()
    shared_mb = _memory_mb(parent, "Rss")
    for worker in children(parent):
        assert _memory_mb(worker, "Private_Dirty") < min(40, shared_mb / 2)


def test_ten_minutes_are_analysed_within_a_hundred_megabytes() -> None:
    with _narrow(memory_budget_mb=100) as engine:
        for summary in engine.models():
            heard = engine.classify(Job(audio=_long(599.0), model=summary["name"]))
            assert heard.duration_s == pytest.approx(599, abs=VOICE.duration_s)


def test_only_one_of_the_recordings_of_a_normal_voice_is_in_memory() -> None:
    with _narrow(memory_budget_mb=80) as engine:
        heard = engine.normal_voice(VoiceJob(recordings=(_long(140.0),) * 5))
    assert heard.speech_s > 300


@contextmanager
def _narrow(*, memory_budget_mb: int) -> Iterator[Engine]:
    """An engine with the shipped models and one worker that may take so much memory."""
    config = EngineConfig(
        model_dir=SHIPPED_DIR,
        shipped_dir=SHIPPED_DIR,
        workers=1,
        memory_budget_mb=memory_budget_mb,
        clip_timeout_s=START_S,
    )
    with Engine(config) as engine:
        assert engine.wait_ready(START_S), engine.failure
        yield engine


def _long(seconds: float) -> bytes:
    """The voice again and again, for at most so long."""
    file = io.BytesIO()
    samples = np.tile(VOICE.samples, int(seconds * VOICE.rate_hz / len(VOICE.samples)))
    soundfile.write(file, samples, VOICE.rate_hz, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _sound_file(container: str, codec: str, *, gain: float = 1.0) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, gain * VOICE.samples, VOICE.rate_hz, format=container, subtype=codec)
    return buffer.getvalue()


def _encoded(container: str, codec: str) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(VOICE.samples[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = VOICE.rate_hz
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=48_000, frame_size=stream.frame_size)
        for ready in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(ready))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def _memory_mb(pid: int, kind: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")) / 1024
