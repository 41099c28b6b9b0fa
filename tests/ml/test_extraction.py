"""Vectors are extracted once and kept, under everything that they depend on."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.audio import Clip, Conditioning
from ml.corpora import Utterance
from ml.corpora.ravdess import read_ravdess
from ml.extraction import Extractor, build_dataset
from ml.features.sets import FeatureSet, Vector, feature_set
from ml.features.spectrum import Frames
from tests.conftest import Miniature
from tests.recordings import voice


class Counting:
    """A feature set that counts how often it is asked."""

    def __init__(self, features: FeatureSet) -> None:
        self.features = features
        self.name, self.version, self.names = features.name, features.version, features.names
        self.asked = 0

    def extract(self, clip: Clip) -> Vector:
        self.asked += 1
        return self.features.extract(clip)

    def __repr__(self) -> str:
        return repr(self.features)


@pytest.fixture
def counting() -> Counting:
    return Counting(feature_set("mfcc+rms"))


@pytest.fixture
def extractor(counting: Counting, tmp_path: Path) -> Extractor:
    return Extractor(Conditioning(rate_hz=16_000), counting, tmp_path)


@pytest.fixture(scope="module")
def utterances(miniature: Miniature) -> Sequence[Utterance]:
    return read_ravdess(miniature.folder).utterances[:6]


def test_the_second_run_reads_from_the_cache(extractor: Extractor, counting: Counting) -> None:
    first, second = extractor.extract(voice()), extractor.extract(voice())
    assert counting.asked == 1
    np.testing.assert_array_equal(first, second)
    assert second.dtype == np.float32


def test_another_process_reads_from_the_same_cache(
    extractor: Extractor, counting: Counting, utterances: Sequence[Utterance]
) -> None:
    plain = replace(extractor, features=counting.features)
    first = build_dataset(utterances, plain, jobs=2)
    second = build_dataset(utterances, extractor, jobs=1)
    assert counting.asked == 0
    np.testing.assert_array_equal(first.vectors, second.vectors)


@pytest.mark.parametrize(
    "change",
    [
        {"conditioning": Conditioning(rate_hz=8_000)},
        {"features": feature_set("mfcc+rms", frames=Frames(n_fft=1024))},
        {"features": replace(feature_set("mfcc+rms"), version=2)},  # type: ignore[type-var]
        {"features": feature_set("rms+mfcc")},
    ],
    ids=["conditioning", "frames", "version", "order"],
)
def test_whatever_gives_other_numbers_has_a_cache_of_its_own(extractor: Extractor, change: dict[str, object]) -> None:
    changed = replace(extractor, **change)  # type: ignore[arg-type]
    assert changed.key != extractor.key
    extractor.extract(voice())
    expected = replace(changed, cache_dir=extractor.cache_dir / "fresh").extract(voice())
    np.testing.assert_array_equal(changed.extract(voice()), expected)


def test_a_new_version_of_conditioning_has_a_cache_of_its_own(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = extractor.key
    monkeypatch.setattr(Conditioning, "VERSION", Conditioning.VERSION + 1)
    assert extractor.key != before


def test_the_same_samples_share_a_vector_whatever_their_file(extractor: Extractor, counting: Counting) -> None:
    clip = voice()
    extractor.extract(clip)
    extractor.extract(Clip(clip.samples.copy(), clip.rate_hz))
    assert counting.asked == 1
    extractor.extract(voice("sad"))
    assert counting.asked == 2


def other_shape() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3, dtype=np.float32))
    return file.getvalue()


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x93NUMPY\x01\x00", b"PK\x03\x04", other_shape()], ids=range(5))
def test_a_damaged_cache_file_is_computed_again(extractor: Extractor, counting: Counting, content: bytes) -> None:
    good = extractor.extract(voice())
    (kept,) = extractor.cache_dir.rglob("*.npy")
    kept.write_bytes(content)
    np.testing.assert_array_equal(extractor.extract(voice()), good)
    extractor.extract(voice())
    assert counting.asked == 2


def test_a_cache_file_that_breaks_off_is_computed_again(extractor: Extractor) -> None:
    good = extractor.extract(voice())
    (kept,) = extractor.cache_dir.rglob("*.npy")
    kept.write_bytes(kept.read_bytes()[:-20])
    np.testing.assert_array_equal(extractor.extract(voice()), good)


def test_two_processes_give_what_one_gives_in_the_same_order(
    extractor: Extractor, counting: Counting, utterances: Sequence[Utterance], tmp_path: Path
) -> None:
    plain = replace(extractor, features=counting.features)
    one = build_dataset(utterances, replace(plain, cache_dir=tmp_path / "one"), jobs=1)
    two = build_dataset(utterances, replace(plain, cache_dir=tmp_path / "two"), jobs=2)
    np.testing.assert_array_equal(one.vectors, two.vectors)
    assert one.digests.tolist() == two.digests.tolist()
    assert two.emotions.tolist() == [utterance.emotion for utterance in utterances]
    assert two.speakers.tolist() == [utterance.speaker for utterance in utterances]


def test_progress_is_told_of_every_clip(extractor: Extractor, utterances: Sequence[Utterance]) -> None:
    seen = []

    def progress(items: Iterable[object], total: int) -> Iterator[object]:
        for item in items:
            seen.append(total)
            yield item

    build_dataset(utterances, extractor, jobs=1, progress=progress)
    assert seen == [6] * 6


def test_copies_of_one_name_from_two_copiers_are_not_mixed_up(extractor: Extractor) -> None:
    def louder(clip: Clip, name: str, rate_hz: int | None) -> Clip:
        return Clip(2 * clip.samples, clip.rate_hz)

    elsewhere = replace(extractor, copier=louder, copier_name="louder")
    over_telephone = extractor.extract(voice(), copy="telephone")
    assert not np.array_equal(elsewhere.extract(voice(), copy="telephone"), over_telephone)
    np.testing.assert_array_equal(elsewhere.extract(voice()), extractor.extract(voice()))
