"""The engine's everyday work: it gets ready, answers, and says what it is doing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ml.engine import Engine, Job, VoiceJob
from ml.errors import AudioError, EngineError, RequestError, UndertoneError
from ml.results import NormalVoice, Prediction
from tests.ml.engine.acting import prediction
from tests.ml.engine.stage import PATIENCE_S, Gate, StartEngine, children, clip, heard, parents, wait_until


def test_it_answers_with_what_the_catalogue_heard(engine: Engine) -> None:
    assert engine.classify(clip("say", words="häppy")) == prediction("häppy")


def test_it_passes_the_model_that_was_asked_for(engine: Engine) -> None:
    assert engine.classify(clip("say", words="x", model="other")).model.name == "other"


def test_it_passes_the_normal_voice_of_the_speaker(engine: Engine) -> None:
    job = clip("say", words="x")
    assert heard(engine, Job(audio=job.audio, voice="low and slow")) == "low and slow x"


def test_it_remembers_a_normal_voice_from_several_recordings(engine: Engine) -> None:
    recordings = tuple(clip("say", words=words).audio for words in ("one", "two", "three"))
    remembered = engine.normal_voice(VoiceJob(recordings=recordings))
    assert remembered == NormalVoice(3, engine.config.max_seconds, "one two three")


def test_a_worker_has_rehearsed_before_its_first_clip(engine: Engine) -> None:
    assert heard(engine, clip("rehearsed")) == "True"


def test_it_takes_a_recording_as_large_as_an_upload_may_be(engine: Engine) -> None:
    assert heard(engine, clip("say", words="much", padding=bytes(25 * 2**20))) == "much"


def test_it_takes_a_recording_larger_than_its_memory_as_a_file(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    path.write_bytes(clip("say", words="long").audio)
    os.truncate(path, 2 * engine.config.memory_budget_mb * 2**20)
    for _ in range(100):  # more often than a worker may have files open
        with path.open("rb") as file:
            assert heard(engine, Job(file=file)) == "long"


def test_it_passes_on_why_a_recording_is_refused(engine: Engine) -> None:
    with pytest.raises(AudioError, match="no speech in this recording") as refusal:
        engine.classify(clip("refuse"))
    assert refusal.value.code == "no_speech"


def test_it_passes_on_why_a_request_is_refused(engine: Engine) -> None:
    with pytest.raises(RequestError) as refusal:
        engine.classify(clip("ask_for_the_impossible"))
    assert refusal.value.code == "unknown_model"


def test_an_unforeseen_error_is_answered_and_logged_without_what_the_recording_holds(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AudioError) as refusal:
        engine.classify(clip("blunder", secret="canary"))
    assert refusal.value.code == "undecodable"
    assert "ValueError in tests.ml.engine.acting:" in caplog.text
    assert "canary" not in caplog.text + refusal.value.message


def test_it_takes_clips_only_when_it_is_ready(start: StartEngine) -> None:
    engine = start()
    with pytest.raises(EngineError) as refusal:
        engine.classify(clip("say", words="early"))
    assert refusal.value.code == "not_ready"
    assert engine.wait_ready(PATIENCE_S)
    assert heard(engine, clip("say", words="in time")) == "in time"


def test_it_tells_which_models_are_served(engine: Engine) -> None:
    assert engine.default_model == "acting"
    assert engine.models() == ({"name": "acting", "version": "1"},)


def test_it_warns_of_a_model_that_was_refused_beside_the_default(start: StartEngine, models: Path) -> None:
    (models / "warning").write_text("other/1 was refused.")
    engine = start()
    assert engine.wait_ready(PATIENCE_S)
    assert engine.warning == "other/1 was refused."


def test_it_tells_how_long_each_stage_took(start: StartEngine) -> None:
    seen: list[tuple[str, float]] = []
    engine = start(observe=lambda stage, seconds: seen.append((stage, seconds)))
    assert engine.wait_ready(PATIENCE_S)
    engine.classify(clip("say", words="x"))
    assert [stage for stage, _ in seen] == ["queue", "decode", "predict"]
    assert dict(seen)["decode"] == 0.25


def test_it_counts_what_is_in_work_and_what_waits(engine: Engine, crowd: ThreadPoolExecutor, gate: Gate) -> None:
    answers = [crowd.submit(engine.classify, gate.clip) for _ in range(5)]
    wait_until(lambda: (engine.stats().in_work, engine.stats().queued) == (2, 3))
    gate.open()
    assert {answer.result().why for answer in answers} == {("waited",)}
    assert (engine.stats().in_work, engine.stats().queued) == (0, 0)


def test_many_clips_are_answered_in_their_order_with_errors_in_their_place(engine: Engine) -> None:
    jobs = [clip("say", words=str(number)) for number in range(20)]
    jobs[7] = clip("crash")
    answers = list(engine.classify_many(jobs))
    assert [_brief(answer) for answer in answers] == [*"0123456", "worker_died", *map(str, range(8, 20))]


def test_many_clips_are_read_only_as_they_are_needed(engine: Engine) -> None:
    jobs = iter([clip("say", words=str(number)) for number in range(100)])
    answers = engine.classify_many(jobs)
    assert _brief(next(answers)) == "0"
    answers.close()  # type: ignore[attr-defined]
    assert len(list(jobs)) >= 100 - 2 * 2


def test_there_are_as_many_workers_as_configured_and_one_parent(engine: Engine) -> None:
    (parent,) = parents()
    assert len(children(parent)) == 2
    assert int(heard(engine, clip("pid"))) in children(parent)


def test_the_process_that_uses_it_loads_no_science() -> None:
    heavy = {"numpy", "librosa", "sklearn", "scipy", "soundfile", "av", "numba"}
    code = "import json, sys, ml.engine; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", code]))
    assert heavy.isdisjoint(name.partition(".")[0] for name in loaded)


def _brief(answer: Prediction | UndertoneError) -> str:
    return answer.code if isinstance(answer, UndertoneError) else answer.why[0]
