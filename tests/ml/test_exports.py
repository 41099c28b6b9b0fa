"""Timelines as other libraries than the writing ones, or the readers of the formats themselves, read them back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import tgt
import webvtt

from ml.exports import SEGMENT_COLUMNS, Track, as_csv, as_textgrid, as_webvtt
from ml.results import Score, Segment

SCORES = (Score("happy", 0.712345678), Score("sad", 0.287654322))
CALM = (Score("calm", 1.0),)
LEFT = Track(
    "left",
    (
        Segment(0.0, 1.5, False, None, None, ()),
        Segment(1.5, 4.25, True, "happy", 0.712345678, SCORES),
        Segment(4.25, 3661.5, True, "calm", 1.0, CALM),
        Segment(3661.5, 3700.0, False, None, None, ()),
    ),
)
RIGHT = Track("right", (Segment(0.0, 2.0, True, "calm", 1.0, CALM), Segment(2.0, 3700.0, False, None, None, ())))


def grid(tmp_path: Path, *tracks: Track) -> tgt.core.TextGrid:
    path = tmp_path / "a.TextGrid"
    path.write_text(as_textgrid(tracks), encoding="utf-8")
    return tgt.io.read_textgrid(path, include_empty_intervals=True)


def test_csv_has_a_record_for_each_segment_and_leaves_silence_without_an_emotion() -> None:
    records = list(csv.DictReader(io.StringIO(as_csv([LEFT, RIGHT]))))
    assert list(records[0]) == list(SEGMENT_COLUMNS)
    assert [record["channel"] for record in records] == 4 * ["left"] + 2 * ["right"]
    silence, happy = records[:2]
    assert (silence["speech"], silence["emotion"], silence["confidence"], silence["score_sad"]) == ("false", "", "", "")
    assert (happy["start_s"], happy["end_s"], happy["speech"], happy["emotion"]) == ("1.5", "4.25", "true", "happy")
    assert (happy["confidence"], happy["score_sad"], happy["score_angry"]) == ("0.712346", "0.287654", "")


def test_csv_counts_labels_of_one_emotion_together() -> None:
    scores = (Score("female happy", 0.5), Score("male happy", 0.3), Score("male sad", 0.2))
    text = as_csv([Track("mix", (Segment(0.0, 1.0, True, "female happy", 0.5, scores),))])
    (record,) = csv.DictReader(io.StringIO(text))
    assert (record["emotion"], record["score_happy"], record["score_sad"]) == ("female happy", "0.8", "0.2")


def test_webvtt_has_a_cue_for_each_segment_with_speech() -> None:
    cues = webvtt.from_string(as_webvtt([LEFT]), strict=True).captions
    assert [(cue.start, cue.end, cue.raw_text) for cue in cues] == [
        ("00:00:01.500", "00:00:04.250", "happy (71 %)"),
        ("00:00:04.250", "01:01:01.500", "calm (100 %)"),
    ]


def test_webvtt_tells_channels_by_voices_in_the_order_of_time() -> None:
    cues = webvtt.from_string(as_webvtt([LEFT, RIGHT]), strict=True).captions
    assert [(cue.voice, cue.start) for cue in cues] == [
        ("right", "00:00:00.000"),
        ("left", "00:00:01.500"),
        ("left", "00:00:04.250"),
    ]


def test_a_textgrid_has_tiers_of_emotions_and_confidence_over_the_whole_recording(tmp_path: Path) -> None:
    emotion, confidence = grid(tmp_path, LEFT).tiers
    assert (emotion.name, confidence.name) == ("emotion", "confidence")
    assert (emotion.start_time, emotion.end_time) == (0.0, 3700.0)
    assert [(part.start_time, part.end_time, part.text) for part in emotion.intervals] == [
        (0.0, 1.5, ""),
        (1.5, 4.25, "happy"),
        (4.25, 3661.5, "calm"),
        (3661.5, 3700.0, ""),
    ]
    assert [part.text for part in confidence.intervals] == ["", "0.712346", "1", ""]


def test_a_textgrid_names_the_channel_of_a_tier_where_there_are_several(tmp_path: Path) -> None:
    names = [tier.name for tier in grid(tmp_path, LEFT, RIGHT).tiers]
    assert names == ["left emotion", "left confidence", "right emotion", "right confidence"]


def test_a_timeline_without_speech_has_no_cues() -> None:
    assert webvtt.from_string(as_webvtt([Track("mix", LEFT.segments[:1])])).captions == []
