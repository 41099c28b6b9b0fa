"""A damaged file gives a clip or a reason, never anything else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.decoding import decode
from ml.errors import AudioError
from ml.limits import Limits
from tests.ml.files import GOOD, code_of

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
