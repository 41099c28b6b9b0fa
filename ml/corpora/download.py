"""Large published files over flaky lines: resumed where they broke off, kept only if they are what was published."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests

from ml.errors import UndertoneError

CHUNK_BYTES = 1 << 16  # what is lost at most when a connection is cut
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # before each new attempt that follows one without progress
LONGEST_PAUSE_S = 120.0  # whatever a server asks for
TIMEOUT_S = (10.0, 30.0)  # to connect, and between two pieces
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
CONTINUES = "The part that has arrived is kept: run the same command again to go on."


class DownloadError(UndertoneError):
    """A file could not be had, or is not what was published."""

    def __init__(self, message: str) -> None:
        super().__init__("download_failed", message)


class _BrokenOffError(Exception):
    """An attempt ended early; another may do better."""

    def __init__(self, reason: str, *, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass(frozen=True, kw_only=True)
class Published:
    """A file as its publisher describes it.

    Attributes
    ----------
    name : str
    size_bytes : int
    sha256 : str
        In lower-case hexadecimal.
    """

    name: str
    size_bytes: int
    sha256: str

    def fault(self, path: Path) -> str | None:
        """What tells a file on disk from the published one."""
        size = path.stat().st_size
        if size != self.size_bytes:
            return f"it has {size:,} bytes instead of {self.size_bytes:,}"
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        return None if found == self.sha256 else f"its SHA-256 is {found} instead of {self.sha256}"


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who is told how a download goes.

    Attributes
    ----------
    position : callable
        Told how many bytes are held; falls back to 0 where a server cannot resume.
    trouble : callable
        Told, in a sentence, what went wrong and what is done about it.
    """

    position: Callable[[int], None]
    trouble: Callable[[str], None]


def download(
    file: Published, folder: Path, *, url: str, audience: Audience, pauses_s: tuple[float, ...] = PAUSES_S
) -> Path:
    """Get a file, unless the folder holds it already; a wrong one is renamed to `….wrong`.

    Parameters
    ----------
    file : Published
    folder : Path
        Holds `NAME.part` until all of it is there and verified.
    url : str
    audience : Audience
    pauses_s : tuple of float
        Seconds before each new attempt after one that brought nothing new; when they are used up, so is patience.

    Returns
    -------
    Path
        The verified file.

    Raises
    ------
    DownloadError
    OSError
        The disk is full, or the folder cannot be written.
    """
    target = folder / file.name
    if target.exists():
        if not (fault := file.fault(target)):
            return target
        audience.trouble(_set_aside(target, target, fault) + " It is downloaded again.")
    part = folder / f"{file.name}.part"
    _complete(part, url, file.size_bytes, audience, pauses_s)
    if fault := file.fault(part):
        raise DownloadError(_set_aside(part, target, fault) + " Run the command again to download it anew.")
    return part.replace(target)


def _set_aside(path: Path, target: Path, fault: str) -> str:
    aside = path.replace(target.with_name(f"{target.name}.wrong"))
    return f"{path} is not the published file, {fault}; it was set aside as {aside.name}."


def _held_bytes(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _complete(part: Path, url: str, size_bytes: int, audience: Audience, pauses_s: tuple[float, ...]) -> None:
    """Attempt the transfer until the part is as long as the file."""
    most, fruitless = _held_bytes(part), 0
    with requests.Session() as session:
        while _held_bytes(part) < size_bytes:
            try:
                _transfer(session, url, part, size_bytes, audience)
            except _BrokenOffError as error:
                fruitless = fruitless + 1 if _held_bytes(part) <= most else 1
                most = max(most, _held_bytes(part))
                if fruitless > len(pauses_s):
                    message = f"{part.stem} could not be downloaded from {_host(url)}: {error}. {CONTINUES}"
                    raise DownloadError(message) from error
                pause_s = max(pauses_s[fruitless - 1], min(error.wait_s, LONGEST_PAUSE_S))
                audience.trouble(f"The download broke off: {error}. Trying again in {pause_s:g} s.")
                time.sleep(pause_s)


def _transfer(session: requests.Session, url: str, part: Path, size_bytes: int, audience: Audience) -> None:
    """One attempt: ask for what is missing, and append what comes."""
    held = _held_bytes(part)
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={held}-"} if held else {})}
    try:
        with session.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
            start = _start(response, held, part)
            _append(response, part, start, size_bytes, audience)
    except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
        raise _BrokenOffError(_reason(error)) from error
    except requests.RequestException as error:
        raise DownloadError(f"{url} cannot be asked for: {error}.") from error
    if _held_bytes(part) < size_bytes:
        raise _BrokenOffError("the server ended the connection before all was sent")


def _start(response: requests.Response, held: int, part: Path) -> int:
    """Where in the file the body of an answer begins."""
    status = response.status_code
    if status == HTTPStatus.OK:
        return 0
    if status == HTTPStatus.PARTIAL_CONTENT and response.headers.get("Content-Range", "").startswith(f"bytes {held}-"):
        return held
    if status in {HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
        part.unlink(missing_ok=True)
        raise _BrokenOffError("the server could not go on where the download had stopped, so it begins anew")
    answer = f"{_host(response.url)} answered {status} {response.reason}"
    if status in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _BrokenOffError(answer, wait_s=_retry_after_s(response))
    raise DownloadError(f"{answer} for {response.url}. Please check the address.")


def _append(response: requests.Response, part: Path, start: int, size_bytes: int, audience: Audience) -> None:
    with part.open("ab" if start else "wb") as file:
        position = start
        audience.position(position)
        for chunk in response.iter_content(CHUNK_BYTES):
            file.write(chunk)
            position += len(chunk)
            audience.position(position)
            if position > size_bytes:  # not the published file, and perhaps without an end
                return


def _retry_after_s(response: requests.Response) -> float:
    wait_s = 0.0
    with suppress(ValueError):  # a date is allowed too, but nobody sends one
        wait_s = float(response.headers.get("Retry-After", 0))
    return wait_s


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _reason(error: requests.RequestException) -> str:
    match error:
        case requests.Timeout():
            return "the server did not answer in time"
        case requests.exceptions.SSLError():
            return "its certificate could not be verified"
        case requests.exceptions.ProxyError():
            return "the proxy did not let it through"
        case requests.exceptions.ChunkedEncodingError():
            return "the connection was cut"
    return "there is no connection to the server"
