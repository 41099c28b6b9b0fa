"""Downloads from a real server that cuts, forgets, refuses and lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ml.corpora.download import CHUNK_BYTES, Audience, DownloadError, Published, download
from tests.ml.corpora.mirror import NO_PAUSES_S, Mirror, published, serving

CONTENT = bytes(range(256)) * 4000  # about a megabyte: several pieces
FILE = published(CONTENT, "corpus.zip")


@dataclass
class Listener:
    positions: list[int] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def audience(self) -> Audience:
        return Audience(position=self.positions.append, trouble=self.troubles.append)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving(Mirror({"corpus.zip": CONTENT})) as mirror:
        yield mirror


@pytest.fixture
def listener() -> Listener:
    return Listener()


def fetch(mirror: Mirror, folder: Path, listener: Listener, file: Published = FILE) -> Path:
    url = f"{mirror.url}/{file.name}"
    return download(file, folder, url=url, audience=listener.audience, pauses_s=NO_PAUSES_S)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_downloads_and_tells_how_far_it_is(mirror: Mirror, tmp_path: Path, listener: Listener) -> None:
    assert fetch(mirror, tmp_path, listener).read_bytes() == CONTENT
    assert listener.positions == sorted(listener.positions)
    assert listener.positions[-1] == len(CONTENT)
    assert names(tmp_path) == ["corpus.zip"]


def test_it_goes_on_where_the_connection_was_cut(mirror: Mirror, tmp_path: Path, listener: Listener) -> None:
    mirror.cut_after = [4 * CHUNK_BYTES, 5 * CHUNK_BYTES + 1]
    assert fetch(mirror, tmp_path, listener).read_bytes() == CONTENT
    assert mirror.ranges_asked == [None, f"bytes={4 * CHUNK_BYTES}-", f"bytes={9 * CHUNK_BYTES}-"]
    assert all("the connection was cut" in trouble for trouble in listener.troubles)


def test_it_goes_on_with_the_part_of_an_earlier_run(mirror: Mirror, tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "corpus.zip.part").write_bytes(CONTENT[:500_000])
    assert fetch(mirror, tmp_path, listener).read_bytes() == CONTENT
    assert mirror.ranges_asked == ["bytes=500000-"]


def test_it_begins_anew_where_the_server_knows_no_ranges(mirror: Mirror, tmp_path: Path, listener: Listener) -> None:
    mirror.ranges, mirror.cut_after = False, [300_000]
    assert fetch(mirror, tmp_path, listener).read_bytes() == CONTENT
    assert 0 in listener.positions[1:]


def test_it_begins_anew_where_the_server_cannot_go_on(mirror: Mirror, tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "corpus.zip.part").write_bytes(CONTENT[:500_000])
    mirror.statuses = [416]
    assert fetch(mirror, tmp_path, listener).read_bytes() == CONTENT
    assert mirror.ranges_asked == ["bytes=500000-", None]


def test_it_keeps_the_part_when_its_patience_ends(mirror: Mirror, tmp_path: Path, listener: Listener) -> None:
    mirror.cut_after = [CHUNK_BYTES] + 20 * [0]
    with pytest.raises(DownloadError, match="run the same command again to go on"):
        fetch(mirror, tmp_path, listener)
    assert names(tmp_path) == ["corpus.zip.part"]
    assert (tmp_path / "corpus.zip.part").read_bytes() == CONTENT[:CHUNK_BYTES]


def test_its_patience_does_not_end_while_something_arrives(mirror: Mirror, tmp_path: Path, listener: Listener) -> None:
    mirror.cut_after = 10 * [100_000]
    assert fetch(mirror, tmp_path, listener).read_bytes() == CONTENT


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_it_asks_again_after_a_passing_refusal(mirror: Mirror, tmp_path: Path, listener: Listener, status: int) -> None:
    mirror.statuses = [status]
    assert fetch(mirror, tmp_path, listener).read_bytes() == CONTENT
    assert f"answered {status}" in listener.troubles[0]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_it_does_not_insist_after_a_lasting_refusal(
    mirror: Mirror, tmp_path: Path, listener: Listener, status: int
) -> None:
    mirror.statuses = [status]
    with pytest.raises(DownloadError, match=f"answered {status}"):
        fetch(mirror, tmp_path, listener)
    assert len(mirror.asked) == 1


@pytest.mark.parametrize("wrong", [b"x" * len(CONTENT), CONTENT + b"and more" * 100_000], ids=["changed", "longer"])
def test_it_sets_a_wrong_file_aside(mirror: Mirror, tmp_path: Path, listener: Listener, wrong: bytes) -> None:
    mirror.files["corpus.zip"] = wrong
    with pytest.raises(DownloadError, match=r"not the published file.*set aside as corpus\.zip\.wrong"):
        fetch(mirror, tmp_path, listener)
    assert names(tmp_path) == ["corpus.zip.wrong"]


def test_it_asks_for_nothing_when_the_file_is_there(mirror: Mirror, tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "corpus.zip").write_bytes(CONTENT)
    assert fetch(mirror, tmp_path, listener) == tmp_path / "corpus.zip"
    assert mirror.asked == []


def test_it_replaces_a_wrong_file_that_was_there_and_says_so(
    mirror: Mirror, tmp_path: Path, listener: Listener
) -> None:
    (tmp_path / "corpus.zip").write_bytes(b"something else")
    assert fetch(mirror, tmp_path, listener).read_bytes() == CONTENT
    assert (tmp_path / "corpus.zip.wrong").read_bytes() == b"something else"
    assert "it has 14 bytes instead of" in listener.troubles[0]


def test_it_says_that_there_is_no_connection(tmp_path: Path, listener: Listener) -> None:
    with serving(Mirror({})) as gone:
        pass
    with pytest.raises(DownloadError, match="there is no connection to the server"):
        fetch(gone, tmp_path, listener)


def test_it_refuses_an_address_that_is_none(tmp_path: Path, listener: Listener) -> None:
    with pytest.raises(DownloadError, match="cannot be asked for"):
        fetch(Mirror({}, url="no-address"), tmp_path, listener)
