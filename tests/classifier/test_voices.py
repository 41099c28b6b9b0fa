"""A speaker's normal voice as a token: what it is made of, what it is worth, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, override_settings

from classifier import voices
from ml.errors import RequestError
from ml.results import NormalVoice
from tests.classifier.conftest import wav
from tests.classifier.live import Site
from tests.classifier.speakers import spoken

VOICE = NormalVoice(clips=2, speech_s=5.5, data='{"classic": {"version": "1", "mean": "AAA="}}')
TURNED_AWAY = "Please record your normal voice again."


def upload(audio: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("clip.wav", audio)


def remember(client: Client, recordings: Sequence[bytes]) -> Any:
    return client.post("/api/v1/voice", {"audio": [upload(audio) for audio in recordings]})


def classify(client: Client, audio: bytes, **fields: str) -> Any:
    return client.post("/api/v1/classify", {"audio": upload(audio), **fields})


def code_of(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, json.loads(response.content)["error"]["code"]


@pytest.fixture(scope="module")
def token(ready_engine: None) -> str:
    """Of a voice that the models here remember."""
    return str(remember(Client(), [spoken(seed=1), spoken(seed=2)]).json()["voice"])


def test_a_token_gives_back_what_was_signed() -> None:
    assert voices.unsign(voices.sign(VOICE)) == VOICE.data


@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_token_that_was_tampered_with_is_refused(place: int) -> None:
    letters = list(voices.sign(VOICE))
    letters[place] = "A" if letters[place] != "A" else "B"
    with pytest.raises(RequestError, match=TURNED_AWAY) as refused:
        voices.unsign("".join(letters))
    assert refused.value.code == "invalid_voice"


def test_a_token_signed_by_another_key_is_refused() -> None:
    with override_settings(SECRET_KEY="another-key-" + 40 * "y"):
        foreign = voices.sign(VOICE)
    with pytest.raises(RequestError, match=TURNED_AWAY):
        voices.unsign(foreign)


@pytest.mark.parametrize("content", [{"format": voices.FORMAT + 1, "data": "{}"}, {"data": "{}"}, ["data"], "data"])
def test_a_token_of_another_format_is_refused(content: Any) -> None:
    with pytest.raises(RequestError, match=TURNED_AWAY):
        voices.unsign(signing.dumps(content, salt=voices.SALT, compress=True))


def test_what_was_signed_for_another_purpose_is_no_voice() -> None:
    other = signing.dumps({"format": voices.FORMAT, "data": VOICE.data}, salt="something.else", compress=True)
    with pytest.raises(RequestError, match=TURNED_AWAY):
        voices.unsign(other)


def test_a_token_that_is_too_long_is_refused_even_if_we_signed_it() -> None:
    long = signing.dumps({"format": voices.FORMAT, "data": voices.LONGEST_TOKEN * "x"}, salt=voices.SALT)
    with pytest.raises(RequestError, match=TURNED_AWAY):
        voices.unsign(long)


def test_the_token_is_small_and_tells_what_it_was_made_of(client: Client, ready_engine: None) -> None:
    answer = remember(client, [spoken(seed=1), spoken(seed=2)])
    assert answer.status_code == 200
    assert answer.json().keys() == {"voice", "clips", "speech_s"}
    assert answer.json()["clips"] == 2
    assert 2 < answer.json()["speech_s"] < 4
    assert len(answer.json()["voice"]) < voices.LONGEST_TOKEN / 4


def test_a_clip_is_heard_against_the_normal_voice(client: Client, token: str) -> None:
    plain, tuned = (classify(client, spoken(seed=3), **fields).json() for fields in ({}, {"voice": token}))
    assert (plain["voice_used"], tuned["voice_used"]) == (False, True)
    assert "the speaker's normal voice" in " ".join(tuned["why"])
    assert "normal voice" not in " ".join(plain["why"])
    assert plain["scores"] != tuned["scores"]


def test_the_form_takes_a_voice_and_says_that_it_was_used(client: Client, token: str) -> None:
    pages = [client.post("/", {"audio": upload(spoken(seed=3)), **fields}) for fields in ({}, {"voice": token})]
    assert [page.context["result"]["voice_used"] for page in pages] == [False, True]
    assert [">Used</dd>" in page.content.decode() for page in pages] == [False, True]


def test_a_token_of_another_version_of_the_model_says_what_to_do(client: Client, token: str) -> None:
    remembered = json.loads(voices.unsign(token))
    for model in remembered.values():
        model["version"] = "20010101T000000.000000Z"
    old = voices.sign(NormalVoice(2, 3.0, json.dumps(remembered)))
    answer = classify(client, spoken(seed=3), voice=old)
    assert code_of(answer) == (400, "invalid_voice")
    assert "another version of the model" in answer.json()["error"]["message"]
    assert "record it again" in answer.json()["error"]["message"]


@pytest.mark.parametrize("token", ["x", "x:y:z", (voices.LONGEST_TOKEN + 1) * "x", "\u0131\u2603"])
def test_what_is_no_token_is_refused_by_the_api_and_the_form(client: Client, ready_engine: None, token: str) -> None:
    assert code_of(classify(client, spoken(), voice=token)) == (400, "invalid_voice")
    page = client.post("/", {"audio": upload(spoken()), "voice": token})
    assert page.status_code == 400
    assert page.context["error"]["code"] == "invalid_voice"


@pytest.mark.parametrize(
    ("recordings", "status", "code"),
    [
        ([], 400, "missing_audio"),
        (6 * [wav(1.0)], 400, "too_many_parts"),
        ([b""], 400, "empty_upload"),
        ([wav(1.0), b""], 400, "empty_upload"),
        ([b"This is no sound."], 415, "unsupported_format"),
        ([wav(2.0)], 422, "no_speech"),
        ([wav(0.2, amplitude=9000)], 422, "too_short"),
    ],
)
def test_useless_recordings_are_refused(
    client: Client, ready_engine: None, recordings: list[bytes], status: int, code: str
) -> None:
    assert code_of(remember(client, recordings)) == (status, code)


def test_too_little_speech_says_how_much_is_needed(client: Client, ready_engine: None) -> None:
    answer = remember(client, [spoken(speech_s=0.7)])
    assert code_of(answer) == (422, "too_short")
    assert "at least 1 are needed" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("useless", "code"), [(wav(2.0), "no_speech"), (b"", "empty_upload"), (b"x", "unsupported_format")]
)
def test_one_useless_recording_among_good_ones_is_told_by_its_number(
    client: Client, ready_engine: None, useless: bytes, code: str
) -> None:
    refused = remember(client, [spoken(), useless, spoken(seed=1)]).json()["error"]
    assert refused["code"] == code
    assert refused["message"].startswith("Recording 2 of 3: ")


def test_white_space_around_a_token_does_not_matter(client: Client, token: str) -> None:
    assert classify(client, spoken(seed=3), voice=f" {token}\n").json()["voice_used"] is True


def test_the_token_is_all_there_is_so_another_process_takes_it(site: Site, token: str) -> None:
    answer = site.classify(spoken(seed=3), voice=token)
    assert answer.json["voice_used"] is True
    assert "set-cookie" not in answer.headers
    assert token not in site.log
    assert token[:40] not in site.log
