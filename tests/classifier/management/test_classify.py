"""`manage.py classify` with a real engine and a model trained on the miniature corpus."""

from __future__ import annotations

import csv
import io
import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import webvtt
from django.core.management import call_command
from django.core.management.base import CommandError

from classifier.management.rows import COLUMNS
from classifier.schemas import PredictionOut
from ml.recogniser import STRANGE
from ml.training import Trained
from tests.classifier.conftest import wav
from tests.classifier.live import wait_for
from tests.classifier.management.runs import Ran, Started
from tests.classifier.speakers import spoken
from tests.recordings import voice
from tests.recordings import wav as written

MANY = 200
Classify = Callable[..., Ran]


@pytest.fixture
def classify(trained: Trained, settings: Any, capsys: pytest.CaptureFixture[str]) -> Classify:
    """Runs the command in this process, with the model of the miniature corpus."""
    settings.MODEL_DIR = trained.stored.folder.parent.parent
    settings.EMOTION_MODEL = trained.stored.manifest.name
    settings.WORKERS = 2

    def run(*arguments: str | Path) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("classify", *map(str, arguments), stdout=out, stderr=err)
        except CommandError as error:
            return Ran(error.returncode, out.getvalue(), f"{capsys.readouterr().err}{err.getvalue()}{error}\n")
        return Ran(0, out.getvalue(), f"{capsys.readouterr().err}{err.getvalue()}")

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two voices, and one in a folder below."""
    folder = tmp_path / "voices"
    (folder / "below").mkdir(parents=True)
    for seed, name in enumerate(("a.wav", "b.wav", "below/c.wav")):
        (folder / name).write_bytes(written(voice(seed=seed)))
    return folder


def test_json_prints_what_the_api_answers_with_the_path(classify: Classify, folder: Path) -> None:
    ran = classify(folder / "a.wav", "--format", "json")
    (answer,) = json.loads(ran.out)
    assert ran.status == 0
    assert answer.pop("path") == str(folder / "a.wav")
    assert PredictionOut.model_validate(answer).model_dump() == answer


def test_the_table_has_a_line_for_each_file_and_the_summary_is_beside_it(classify: Classify, folder: Path) -> None:
    ran = classify(folder, "--recursive")
    lines = ran.out.splitlines()[1:]
    assert [line.split()[-1] for line in lines[::2]] == [
        str(folder / name) for name in ("a.wav", "b.wav", "below/c.wav")
    ]
    assert all(line.startswith("  There is only 0.") for line in lines[1::2])  # each is less than a second of speech
    assert "Analysing: 100 % (3 of 3), " in ran.err
    assert "3 files in " in ran.err
    assert ran.status == 0


def test_a_bad_file_is_a_row_and_the_run_goes_on(classify: Classify, folder: Path, settings: Any) -> None:
    settings.MAX_SECONDS, settings.MEMORY_BUDGET_MB = 2, 64
    (folder / "0-text.wav").write_text("This is no sound.")
    (folder / "1-silent.wav").write_bytes(wav(1.0))
    (folder / "2-long.wav").write_bytes(wav(3.0, amplitude=9000))
    (folder / "3-short.wav").write_bytes(wav(0.2, amplitude=9000))
    (folder / "4-gone.wav").symlink_to("nowhere")
    ran = classify(folder, "--format", "csv")
    failures = {Path(record["path"]).name: record for record in ran.records if record["status"] == "failed"}
    assert {name: record["error_code"] for name, record in failures.items()} == {
        "0-text.wav": "unsupported_format",
        "1-silent.wav": "no_speech",
        "2-long.wav": "too_long",
        "3-short.wav": "too_short",
        "4-gone.wav": "unreadable",
    }
    assert "longer than 2 seconds" in failures["2-long.wav"]["error"]
    assert [record["status"] for record in ran.records[-2:]] == ["ok", "ok"]
    assert ran.status == 3
    assert "5 of 7 files could not be analysed" in ran.err


def test_a_file_that_is_named_twice_has_one_row(classify: Classify, folder: Path) -> None:
    assert len(classify(folder, folder / "a.wav", "--format", "csv").records) == 2


def test_the_ending_of_the_output_chooses_the_format(classify: Classify, folder: Path, tmp_path: Path) -> None:
    for name in ("rows.csv", "rows.jsonl"):
        assert classify(folder, "--output", tmp_path / name).status == 0
    assert (tmp_path / "rows.csv").read_text().startswith(",".join(COLUMNS))
    assert len([json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]) == 2


def test_a_second_run_adds_what_is_new_and_remembers_the_failures(
    classify: Classify, folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "rows.csv"
    (folder / "bad.wav").write_text("This is no sound.")
    assert classify(folder, "--output", output).status == 3
    before = output.read_text()
    ran = classify(folder, "--recursive", "--output", output)
    assert output.read_text().startswith(before)
    assert len(output.read_text().splitlines()) == 5
    assert "1 file in " in ran.err
    assert "and 3 from before" in ran.err
    assert ran.status == 3


def test_a_timeline_has_a_row_for_each_segment_from_beginning_to_end(classify: Classify, folder: Path) -> None:
    ran = classify(folder, "--timeline", "--format", "csv")
    for name in ("a.wav", "b.wav"):
        rows = [record for record in ran.records if record["path"] == str(folder / name)]
        assert [record["segment"] for record in rows] == [str(place) for place in range(1, len(rows) + 1)]
        assert float(rows[0]["start_s"]) == 0
        assert float(rows[-1]["end_s"]) == pytest.approx(float(rows[0]["duration_s"]), abs=0.25)
        assert any(record["emotion"] for record in rows)
    assert "of recordings, " in ran.err
    assert ran.status == 0


def test_subtitles_have_a_file_for_each_recording(classify: Classify, folder: Path, tmp_path: Path) -> None:
    (folder / "text.wav").write_text("This is no sound.")
    ran = classify(folder, "--recursive", "--format", "vtt", "--output", tmp_path / "out")
    assert len(webvtt.read(str(tmp_path / "out/below/c.wav.vtt")).captions) == 1
    assert f"{folder}/text.wav: unsupported_format: This file is none of the formats" in ran.err
    assert "1 of 4 files could not be analysed; see above." in ran.err
    assert ran.status == 3
    again = classify(folder, "--recursive", "--format", "vtt", "--output", tmp_path / "out")
    assert "and 3 from before" in again.err


def test_a_report_is_made_with_a_run_and_of_one_that_is_finished(
    classify: Classify, folder: Path, tmp_path: Path
) -> None:
    rows, first, second = tmp_path / "rows.csv", tmp_path / "first.html", tmp_path / "second.html"
    assert classify(folder, "--timeline", "--output", rows, "--report", first).status == 0
    assert str(folder / "b.wav") in first.read_text()
    ran = classify(folder, "--timeline", "--output", rows, "--report", second)
    assert "0 files, and 2 from before" in ran.err
    assert second.read_text() == first.read_text()


def test_a_recording_with_a_timeline_may_be_longer_than_the_site_takes(
    classify: Classify, folder: Path, settings: Any
) -> None:
    settings.MAX_SECONDS = 1
    (folder / "long.wav").write_bytes(spoken(seed=1))
    (row,) = json.loads(classify(folder / "long.wav", "--timeline", "--format", "json").out)
    assert row["duration_s"] > 1
    assert row["timeline"]


def test_rows_of_two_models_do_not_mix(classify: Classify, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.csv"
    classify(folder / "a.wav", "--output", output)
    text = output.read_text()
    version = next(csv.DictReader(io.StringIO(text)))["version"]
    output.write_text(text.replace(version, "20010101T000000.000000Z"))
    ran = classify(folder, "--output", output)
    assert ran.status == 1
    assert "20010101T000000.000000Z" in ran.err
    assert output.read_text() == text.replace(version, "20010101T000000.000000Z")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.wav"], "nowhere.wav is neither a file nor a folder."),
        (["voices/below/../.."], "There is no audio file in voices/below/../... --recursive looks into the folders"),
        (["voices", "--output", "rows.json"], "--output takes --format csv, jsonl, vtt"),
        (
            ["voices", "--output", "rows.csv", "--format", "table"],
            "--output takes --format csv, jsonl, vtt",
        ),
        (["voices", "--output", "nowhere/rows.csv"], "nowhere/rows.csv cannot be written: No such file or directory."),
        (["voices", "--output", "voices/a.wav", "--format", "csv"], "was not written by this command"),
        (["voices", "--format", "vtt"], "--format vtt writes a file for each recording: name a folder with --output."),
        (["voices", "--format", "vtt", "--output", "voices/a.wav"], "voices/a.wav cannot be written: File exists."),
        (["voices", "--report", "report.html"], "--report is made of rows in a file: name one with --output rows.csv"),
        (["voices", "--model", "nobody"], "There is no model nobody"),
    ],
)
def test_wrong_use_is_answered_in_a_sentence(
    classify: Classify, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(folder.parent)
    ran = classify(*arguments)
    assert ran.status == 1
    assert sentence in ran.err
    assert ran.out == ""


@pytest.fixture
def spoken_folder(tmp_path: Path) -> Path:
    """Three ordinary sentences of one speaker."""
    folder = tmp_path / "spoken"
    folder.mkdir()
    for seed in (1, 2, 3):
        (folder / f"{seed}.wav").write_bytes(spoken(seed=seed))
    return folder


@pytest.fixture
def classic(settings: Any, classify: Classify) -> Classify:
    """The command with the shipped model, which knows normal voices."""
    settings.MODEL_DIR, settings.EMOTION_MODEL = settings.SHIPPED_MODEL_DIR, "classic"
    return classify


def test_files_are_heard_against_the_normal_voice(classic: Classify, spoken_folder: Path) -> None:
    ran = classic(
        spoken_folder / "3.wav", "--format", "json", "--voice", spoken_folder / "1.wav", spoken_folder / "2.wav"
    )
    (answer,) = json.loads(ran.out)
    assert ran.status == 0
    assert answer["voice_used"] is True
    assert "the speaker's normal voice" in " ".join(answer["why"])


def test_the_csv_says_whether_the_voice_took_part(classic: Classify, spoken_folder: Path, tmp_path: Path) -> None:
    output, voice = tmp_path / "rows.csv", ("--voice", spoken_folder / "1.wav")
    assert classic(spoken_folder / "2.wav", "--format", "csv").records[0]["voice_used"] == "false"
    assert classic(spoken_folder, "--output", output, *voice).status == 0
    rows = list(csv.DictReader(output.read_text().splitlines()))
    assert [row["voice_used"] for row in rows] == 3 * ["true"]


def test_a_file_too_short_to_show_its_own_normal_voice_is_heard_without_it(
    classic: Classify, spoken_folder: Path
) -> None:
    (answer,) = json.loads(classic(spoken_folder / "1.wav", "--format", "json", "--voice", "recording").out)
    assert answer["voice_used"] is False
    assert "60 are needed" in " ".join(answer["warnings"])


def test_the_table_shows_what_should_be_known_before_an_answer_is_used(classic: Classify, spoken_folder: Path) -> None:
    lines = classic(spoken_folder / "1.wav", "--voice", "recording").out.splitlines()
    assert "1.wav" in lines[1]
    assert lines[2].startswith("  There are ")
    assert "60 are needed" in lines[2]
    assert lines[3:] == [f"  {STRANGE}"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (["silent.wav"], "silent.wav: There is only silence in this recording."),
        (["1.wav", "text.wav"], "text.wav: This file is none of the formats"),
        (["1.wav", "silent.wav", "2.wav"], "silent.wav: There is only silence"),
        (["nowhere.wav"], "nowhere.wav: This file cannot be read"),
        (["empty.wav"], "empty.wav: This file is empty."),
        (6 * ["1.wav"], "A normal voice is made of one to 5 recordings, and 6 are named after --voice."),
    ],
)
def test_a_useless_normal_voice_ends_the_run_in_a_sentence(
    classic: Classify, spoken_folder: Path, files: list[str], sentence: str
) -> None:
    (spoken_folder / "silent.wav").write_bytes(wav(2.0))
    (spoken_folder / "text.wav").write_text("This is no sound.")
    (spoken_folder / "empty.wav").touch()
    ran = classic(spoken_folder / "3.wav", "--voice", *(spoken_folder / file for file in files))
    assert ran.status == 1
    assert sentence in ran.err
    assert ("--voice" in sentence) != ("The recordings of a normal voice cannot be used. " in ran.err)
    assert ran.out == ""


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "000.wav").write_bytes(written(voice()))
    for number in range(1, MANY):
        shutil.copy(folder / "000.wav", folder / f"{number:03}.wav")
    return folder


@pytest.mark.parametrize(("name", "how"), [("rows.csv", ()), ("rows.jsonl", ()), ("rows.csv", ("--timeline",))])
def test_after_a_kill_no_row_is_lost_and_none_comes_twice(
    trained: Trained, many: Path, tmp_path: Path, name: str, how: tuple[str, ...]
) -> None:
    output = tmp_path / name
    killed = Started(many, trained, "--output", output, *how)
    wait_for(lambda: killed.rows_in(output) > 5, what="the first rows")
    killed.process.kill()
    killed.ended()
    assert output.read_bytes().count(str(many).encode()) < MANY
    ran = Started(many, trained, "--output", output, *how).ended()
    assert ran.status == 0, ran.err
    assert "from before" in ran.err
    lines = output.read_text().splitlines()
    paths = (
        [json.loads(line)["path"] for line in lines]
        if name == "rows.jsonl"
        else [record["path"] for record in csv.DictReader(lines) if record.get("segment", "1") == "1"]
    )
    assert paths == [str(many / f"{number:03}.wav") for number in range(MANY)]


def test_an_interrupted_run_ends_in_a_sentence(trained: Trained, many: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.csv"
    started = Started(many, trained, "--output", output)
    wait_for(lambda: started.rows_in(output) > 5, what="the first rows")
    started.process.send_signal(signal.SIGINT)
    ran = started.ended()
    assert ran.status == 130
    assert ran.err.endswith("Stopped. Run the same command again to go on.\n")
    assert "Traceback" not in ran.err


def test_a_reader_that_leaves_ends_the_run_in_a_sentence(trained: Trained, many: Path) -> None:
    started = Started(many, trained, "--format", "jsonl")
    assert started.process.stdout is not None
    started.process.stdout.readline()
    started.process.stdout.close()
    started.process.stdout = None
    ran = started.ended()
    assert ran.status == 1
    assert "Nobody reads the rows any more" in ran.err
    assert "Traceback" not in ran.err
