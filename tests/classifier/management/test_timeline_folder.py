"""A file for each recording."""

from __future__ import annotations

from pathlib import Path

import tgt
import webvtt

from classifier.management.timeline_folder import FILE_FORMATS, TimelineFolder
from tests.classifier.management.answers import failed, over_time


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def made(folder: Path, name: str, paths: list[str], said: list[str]) -> TimelineFolder:
    return TimelineFolder(folder, FILE_FORMATS[name], paths=paths, tell=said.append)


def test_files_lie_as_their_recordings_do_and_keep_their_names_apart(tmp_path: Path) -> None:
    paths = ["calls/a.wav", "calls/a.mp3", "calls/below/b.wav"]
    folder = made(tmp_path / "out", "vtt", paths, [])
    for path in paths:
        folder.append(over_time(path))
    assert files(tmp_path / "out") == ["a.mp3.vtt", "a.wav.vtt", "below/b.wav.vtt"]
    assert len(webvtt.read(str(tmp_path / "out/below/b.wav.vtt")).captions) == 2


def test_textgrids_open_in_another_library(tmp_path: Path) -> None:
    folder = made(tmp_path, "textgrid", ["a.wav"], [])
    folder.append(over_time("a.wav", channels=("left", "right")))
    grid = tgt.io.read_textgrid(tmp_path / "a.wav.TextGrid")
    assert [tier.name for tier in grid.tiers][::2] == ["left emotion", "right emotion"]


def test_a_recording_at_an_address_has_its_place_too(tmp_path: Path) -> None:
    paths = ["s3://bucket/day/a.wav", "s3://bucket/day/../../escape.wav"]
    folder = made(tmp_path / "out", "vtt", paths, [])
    for path in paths:
        folder.append(over_time(path))
    assert files(tmp_path) == ["out/bucket/day/a.wav.vtt", "out/escape.wav.vtt"]


def test_what_is_there_is_not_heard_again_and_counts_as_done(tmp_path: Path) -> None:
    paths = ["a.wav", "b.wav"]
    made(tmp_path, "vtt", paths, []).append(over_time("a.wav"))
    (tmp_path / ".b.wav.vtt.part").write_text("WEBVTT, torn")
    again = made(tmp_path, "vtt", paths, [])
    assert [again.has(path) for path in paths] == [True, False]
    assert again.tally.count == 1


def test_a_recording_that_failed_has_no_file_and_is_told_of(tmp_path: Path) -> None:
    said: list[str] = []
    folder = made(tmp_path, "vtt", ["a.wav"], said)
    folder.append(failed("a.wav"))
    assert files(tmp_path) == []
    assert said == ['a.wav: no_speech: There is no "speech", here.']
    assert folder.tally.failed == 1
