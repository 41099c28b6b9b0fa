"""Undertone from Python: paths, bytes and arrays give the same answers, and the documented examples are true."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ml
from ml import load_model, model
from ml.errors import AudioError, ModelError, RequestError, UndertoneError
from ml.listening import OWN_VOICE
from ml.model import Model
from ml.recogniser import STRANGE
from ml.results import Prediction
from ml.training import Trained
from tests.ml.conversations import RATE_HZ, conversation
from tests.recordings import soundfile_bytes, stereo, voice, wav

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def quick(trained: Trained) -> Model:
    return load_model("quick", model_dir=trained.stored.folder.parent.parent)


@pytest.fixture(scope="module")
def expressive() -> Model:
    return load_model()


@pytest.mark.parametrize("module", [ml, model], ids=lambda module: module.__name__)
def test_the_documented_examples_are_true(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert tried
    assert not failed


def test_the_examples_of_the_guide_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testfile(str(ROOT / "docs" / "python.md"), module_relative=False)
    assert tried
    assert not failed


def test_importing_the_package_loads_no_science() -> None:
    heavy = "{'numpy', 'librosa', 'sklearn', 'soundfile'}"
    program = f"import sys, ml, ml.engine; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_only_what_is_public_is_there() -> None:
    with pytest.raises(AttributeError, match="load_modle"):
        ml.load_modle  # noqa: B018


def test_a_path_bytes_and_samples_are_heard_alike(quick: Model, tmp_path: Path) -> None:
    clip = voice("angry", speech_s=2.0)
    content = soundfile_bytes(clip.samples, clip.rate_hz, subtype="FLOAT")
    path = tmp_path / "said.wav"
    path.write_bytes(content)
    heard = quick.classify(content)
    assert quick.classify(path) == quick.classify(str(path)) == heard
    assert quick.classify(clip.samples, rate_hz=clip.rate_hz) == heard
    assert quick.timeline(path).scores == heard.scores


@pytest.mark.parametrize(
    "change",
    [
        lambda samples: (samples * 32767).astype(np.int16),
        lambda samples: samples.astype(np.float64),
        stereo,
        lambda samples: stereo(samples).T,
    ],
    ids=["16 bits", "doubles", "frames by channels", "channels by frames"],
)
def test_samples_of_any_kind_are_heard_alike(quick: Model, change: object) -> None:
    clip = voice("angry", speech_s=2.0)
    ours = {score.label: score.score for score in quick.classify(clip.samples, rate_hz=clip.rate_hz).scores}
    heard = quick.classify(change(clip.samples), rate_hz=clip.rate_hz)  # type: ignore[operator]
    assert {score.label: score.score for score in heard.scores} == pytest.approx(ours, abs=0.02)


def test_samples_without_a_rate_are_refused(quick: Model) -> None:
    with pytest.raises(TypeError, match="rate_hz"):
        quick.classify(np.zeros(16_000))


@pytest.mark.parametrize(
    ("audio", "code"),
    [
        ("nowhere.wav", "unreadable"),
        (b"no sound", "unsupported_format"),
        (b"", "unsupported_format"),
        (np.zeros(0), "too_short"),
        (np.zeros((4, 4, 4)), "unusable_signal"),
        (np.full(32_000, np.nan), "unusable_signal"),
        (np.zeros(32_000), "no_speech"),
    ],
    ids=["no file", "no sound", "nothing", "no samples", "three axes", "NaN", "silence"],
)
def test_what_cannot_be_heard_is_said_with_its_code(quick: Model, audio: model.Audio, code: str) -> None:
    for hear in (quick.classify, quick.timeline):
        with pytest.raises(AudioError) as refused:
            hear(audio, rate_hz=16_000 if isinstance(audio, np.ndarray) else None)
        assert refused.value.code == code


def test_an_empty_file_is_none_of_the_formats(quick: Model, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    with pytest.raises(AudioError) as refused:
        quick.classify(tmp_path / "empty.wav")
    assert refused.value.code == "unsupported_format"


def test_many_recordings_are_answered_in_order_and_a_bad_one_is_an_error_among_them(quick: Model) -> None:
    said = [wav(voice(style, speech_s=1.5)) for style in ("happy", "sad")]
    answers = list(quick.classify_many([said[0], b"bad", said[1]]))
    assert answers[0] == quick.classify(said[0])
    assert isinstance(answers[1], UndertoneError)
    assert answers[2] == quick.classify(said[1])


def test_many_recordings_are_read_as_they_are_needed(quick: Model) -> None:
    read = []

    def recordings() -> object:
        for number in range(20):
            read.append(number)
            yield b"bad"

    answers = quick.classify_many(recordings())  # type: ignore[arg-type]
    next(answers)
    assert len(read) < 10


def test_a_call_is_heard_side_by_side(quick: Model) -> None:
    talk = conversation(["angry", "sad"]).samples
    call = np.column_stack([talk, talk[::-1]])
    heard = quick.timeline(call, rate_hz=RATE_HZ, channels="split")
    assert [side.channel for side in heard.channels] == ["left", "right"]
    assert all(side.timeline for side in heard.channels)


def test_a_normal_voice_takes_part(expressive: Model, quick: Model) -> None:
    ordinary, said = ROOT / "samples" / "gentle.wav", ROOT / "samples" / "furious.wav"
    known = expressive.normal_voice([ordinary])
    heard = expressive.classify(said, voice=known)
    assert heard.voice_used
    assert expressive.timeline(said, voice=known).scores == heard.scores != expressive.classify(said).scores
    with pytest.raises(RequestError) as refused:
        quick.normal_voice([ordinary])
    assert refused.value.code == "invalid_voice"


@pytest.mark.parametrize("count", [0, 6])
def test_a_normal_voice_is_made_of_one_to_five_recordings(expressive: Model, count: int) -> None:
    with pytest.raises(RequestError, match=f"not of {count}") as refused:
        expressive.normal_voice([ROOT / "samples" / "gentle.wav"] * count)
    assert refused.value.code == "invalid_voice"


def test_a_word_is_too_little_for_a_normal_voice(expressive: Model) -> None:
    word = voice("neutral", speech_s=0.6)
    with pytest.raises(AudioError, match="seconds of speech") as refused:
        expressive.normal_voice([word.samples], rate_hz=word.rate_hz)
    assert refused.value.code == "too_short"


def test_the_normal_voice_of_a_long_recording_is_its_own(expressive: Model) -> None:
    talk = conversation(["angry", "sad"] * 26, pause_s=0.5)
    heard: Prediction = expressive.timeline(talk.samples, rate_hz=RATE_HZ, voice="recording")
    assert heard.voice_used
    assert heard.warnings == (OWN_VOICE, STRANGE)


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelError, match="unheard-of"):
        load_model("unheard-of")
