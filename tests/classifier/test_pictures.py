from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from classifier import pictures
from classifier.checks import check_pictures
from classifier.errors import WebError

SVG = b'<?xml version="1.0"?>\n<!-- drawn by hand -->\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"/>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
JPEG = b"\xff\xd8\xff\xe0" + bytes(32)
WEBP = b"RIFF\x20\x00\x00\x00WEBPVP8 " + bytes(32)
UseFolder = Callable[[dict[str, bytes]], Path]


@pytest.fixture
def use_folder(tmp_path: Path, settings: LazySettings) -> Iterator[UseFolder]:
    """Makes a PICTURES_DIR of files by path."""

    def fill(files: dict[str, bytes]) -> Path:
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
        settings.PICTURES_DIR = tmp_path
        pictures.gallery.cache_clear()
        return tmp_path

    yield fill
    pictures.gallery.cache_clear()


def answer_to(client: Client, url: str) -> Any:
    """An answer whose file is closed again."""
    response = client.get(url)
    response.close()
    return response


def test_the_folder_names_the_emotion_and_the_file_describes_the_picture(use_folder: UseFolder) -> None:
    use_folder({"sad/01-an_empty-chair.png": PNG})
    (picture,) = pictures.gallery().pictures
    assert (picture.emotion, picture.description) == ("sad", "An empty chair")


def test_emotions_take_turns(use_folder: UseFolder) -> None:
    use_folder({f"{emotion}/{number}.svg": SVG for emotion in ("calm", "happy", "sad") for number in (1, 2)})
    assert [picture.emotion for picture in pictures.gallery().pictures] == ["calm", "happy", "sad"] * 2


def test_content_decides_what_a_picture_is_whatever_its_name_says(use_folder: UseFolder, client: Client) -> None:
    use_folder({"calm/a.png": SVG, "calm/b.svg": JPEG, "calm/c.jpg": WEBP, "calm/d.webp": PNG})
    types = [answer_to(client, picture.url)["Content-Type"] for picture in pictures.gallery().pictures]
    assert types == ["image/svg+xml", "image/jpeg", "image/webp", "image/png"]


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><script>1</script></html>", b"GIF89a", b"\x7fELF", b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>"],
)
def test_what_is_no_picture_is_left_out_and_named(use_folder: UseFolder, content: bytes) -> None:
    folder = use_folder({"happy/fine.png": PNG, "happy/odd.png": content})
    assert [picture.name for picture in pictures.gallery().pictures] == ["fine.png"]
    assert pictures.gallery().left_out == (folder / "happy" / "odd.png",)
    (warning,) = check_pictures(None)
    assert warning.id == "classifier.W008"
    assert "happy/odd.png" in warning.msg


def test_folders_that_name_no_emotion_are_left_out(use_folder: UseFolder) -> None:
    folder = use_folder({"joyful/a.png": PNG, "happy/a.png": PNG})
    assert pictures.gallery().left_out == (folder / "joyful",)


def test_pictures_that_are_too_large_are_left_out(use_folder: UseFolder) -> None:
    use_folder({"happy/huge.png": PNG + bytes(pictures.MAX_BYTES)})
    assert not pictures.gallery().pictures


@pytest.mark.parametrize("missing", [True, False])
def test_a_folder_without_pictures_is_no_error(use_folder: UseFolder, settings: LazySettings, missing: bool) -> None:
    folder = use_folder({})
    settings.PICTURES_DIR = folder / "nowhere" if missing else folder
    assert pictures.gallery() == pictures.Gallery((), ())
    assert [warning.id for warning in check_pictures(None)] == ["classifier.W009"]


def test_only_pictures_that_were_read_at_start_are_served(use_folder: UseFolder, client: Client) -> None:
    folder = use_folder({"happy/a.png": PNG})
    assert answer_to(client, "/pictures/happy/a.png").status_code == 200
    (folder / "happy" / "later.png").write_bytes(PNG)
    (folder / "secret.txt").write_text("secret")
    for path in ("happy/later.png", "happy/%2e%2e/secret.txt", "..%2fsecret.txt/a", "happy/..%5csecret.txt"):
        assert client.get(f"/pictures/{path}").status_code == 404


def test_an_svg_opened_by_itself_can_do_nothing(use_folder: UseFolder, client: Client) -> None:
    use_folder({"happy/a.svg": SVG.replace(b"/>", b"><script>alert(1)</script></svg>")})
    response = answer_to(client, "/pictures/happy/a.svg")
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_picture_that_is_not_there_is_said_to_be_missing(use_folder: UseFolder) -> None:
    use_folder({})
    with pytest.raises(WebError, match="no such picture"):
        pictures.find("happy", "a.png")


def test_the_shipped_pictures_are_all_good_two_to_each_of_four_emotions() -> None:
    pictures.gallery.cache_clear()
    shipped = pictures.gallery()
    emotions = [picture.emotion for picture in shipped.pictures]
    assert not shipped.left_out
    assert len(emotions) >= 8
    assert len(set(emotions)) >= 4
    assert all(emotions.count(emotion) >= 2 for emotion in emotions)
