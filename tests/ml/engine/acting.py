"""A catalogue that does what the recording tells it: sleeps, crashes, eats memory, or tries what a worker may not."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from ml.errors import AudioError, ModelError, RequestError
from ml.results import ModelId, Prediction, Score


class ActingCatalogue:
    warnings: tuple[str, ...] = ()

    def __init__(self, folder: Path, default: str) -> None:
        self.default = default
        self.version = (folder / "version").read_text()

    @classmethod
    def load(cls, *, model_dir: Path, shipped_dir: Path, default: str, pinned_sha256: str | None) -> Self:
        if (model_dir / "refuse").exists():
            raise ModelError((model_dir / "refuse").read_text())
        return cls(model_dir, default)

    def summaries(self) -> list[dict[str, Any]]:
        return [{"name": self.default, "version": self.version}]

    def classify_timed(
        self, audio: bytes, *, model: str | None = None, max_seconds: float
    ) -> tuple[Prediction, dict[str, float]]:
        if model not in (None, self.default):
            raise RequestError("unknown_model", f"There is no model {model}.")
        script = json.loads(audio.partition(b"\0")[0])
        said = getattr(self, script.pop("act"))(**script)
        return self.prediction(str(said)), {"decode": 0.25}

    def prediction(self, said: str) -> Prediction:
        model = ModelId(self.default, self.version, "none")
        return Prediction("calm", 1.0, False, (Score("calm", 1.0),), (said,), False, 1.0, 1.0, model)

    def say(self, words: str) -> str:
        return words

    def sleep(self, seconds: float) -> str:
        time.sleep(seconds)
        return "slept"

    def touch_and_wait(self, wait_for: str) -> str:
        while not Path(wait_for).exists():
            time.sleep(0.01)
        return "waited"

    def spin(self) -> None:
        while True:
            pass

    def crash(self) -> None:
        ctypes.string_at(0)

    def leave(self, status: int) -> None:
        os._exit(status)

    def refuse(self) -> None:
        raise AudioError("no_speech", "There is no speech in this recording.")

    def blunder(self, secret: str) -> None:
        raise ValueError(secret)

    def eat(self, megabytes: int) -> int:
        return len(b"x" * (megabytes * 2**20))

    def hoard(self, megabytes: int) -> int:
        self.hoarded = b"x" * (megabytes * 2**20)
        return os.getpid()

    def pid(self) -> int:
        return os.getpid()

    def environment(self) -> str:
        return json.dumps(dict(os.environ))

    def chatter(self) -> str:
        print("to stdout", flush=True)  # noqa: T201
        os.write(2, b"to stderr")
        return sys.executable

    def write_file(self, path: str) -> str:
        return _tried(lambda: Path(path).write_text("mine"))

    def read_file(self, path: str) -> str:
        return _tried(lambda: Path(path).read_text())

    def open_socket(self) -> str:
        return _tried(lambda: socket.socket().close())

    def run_program(self) -> str:
        return _tried(lambda: subprocess.run(["/bin/true"], check=True))

    def fork(self) -> str:
        return _tried(lambda: os.fork() or os._exit(0))

    def kill(self, pid: int) -> str:
        return _tried(lambda: os.kill(pid, 0))

    def open_many(self, count: int) -> str:
        return _tried(lambda: [os.dup(0) for _ in range(count)])

    def reply_raw(self, reply: str, repeat: int = 1) -> None:
        """Play a worker that a hostile file took over: write to every socket it holds."""
        for fd in range(3, 64):
            try:
                os.write(fd, reply.encode("latin-1") * repeat)
            except OSError:
                continue
        os._exit(0)


def _tried(attempt: Any) -> str:
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "done"
