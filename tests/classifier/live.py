"""A real gunicorn on a free port, and clients that speak HTTP to it as well or as badly as a test wants."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 300.0


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers with small letters, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(condition: Callable[[], object], *, what: str) -> None:
    """Wait until something is true; a test fails that waits in vain."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def multipart(**fields: bytes | str | tuple[str, bytes]) -> tuple[bytes, str]:
    """A form: text fields, and files as bytes or as (name, bytes)."""
    boundary = uuid.uuid4().hex
    parts = []
    for name, value in fields.items():
        file_name, content = value if isinstance(value, tuple) else ("clip.wav", value)
        disposition = f'form-data; name="{name}"'
        if isinstance(content, str):
            content = content.encode()
        else:
            disposition += f'; filename="{file_name}"'
        parts.append(f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


class Site:
    """gunicorn, as `make run` starts it, with some settings changed, and within another program where one is given."""

    def __init__(self, log: Path, *, environment: dict[str, str], within: tuple[str, ...] = ()) -> None:
        self.port = free_port()
        self.log_path = log
        self.environment = {**os.environ, "PORT": str(self.port), **environment}
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        with log.open("wb") as file:
            command = [*within, str(Path(sys.executable).with_name("gunicorn"))]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=file, stdout=file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def answers(self, path: str) -> bool:
        assert self.process.poll() is None, self.log
        try:
            return self.get(path).status == 200
        except OSError:
            return False

    def wait_alive(self) -> Self:
        wait_for(lambda: self.answers("/healthz"), what="the site to live")
        return self

    def wait_ready(self) -> Self:
        wait_for(lambda: self.answers("/readyz"), what=f"the models to be ready, see {self.log_path}")
        return self

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_S)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def request(self, method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body=body or None, headers=headers or {})
            return read_answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def classify(
        self, audio: bytes | tuple[str, bytes], *, headers: dict[str, str] | None = None, **fields: str
    ) -> Answer:
        body, content_type = multipart(audio=audio, **fields)
        return self.request(
            "POST", "/api/v1/classify", body=body, headers={"Content-Type": content_type, **(headers or {})}
        )

    def exchange(self, *pieces: bytes) -> Answer:
        """Send bytes as they are, and read one answer."""
        with self.connect() as client:
            for piece in pieces:
                client.sendall(piece)
            return answer_on(client)


def answer_on(client: socket.socket) -> Answer:
    """Read the answer that is due on a socket."""
    response = http.client.HTTPResponse(client)
    response.begin()
    try:
        return read_answer(response)
    finally:
        response.close()


def read_answer(response: http.client.HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    """The head of a request, as bytes."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()
