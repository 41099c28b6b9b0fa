"""A catalogue that does what the recording tells it: sleeps, crashes, eats memory, or tries what a worker may not."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

from ml.errors import AudioError, ModelError, RequestError
from ml.results import ModelId, NormalVoice, Prediction, Score

SCRIPT_BYTES = 1 << 16  # of a recording that comes as a file


class ActingCatalogue:
    def __init__(self, folder: Path, default: str) -> None:
        self.default = default
        self.version = (folder / "version").read_text()
        self.warnings = tuple(path.read_text() for path in folder.glob("warning"))
        self.unreadable = tuple(path.read_text() for path in folder.glob("unreadable"))
        self.others = [path.read_text() for path in folder.glob("other")]

    @classmethod
    def load(cls, *, model_dir: Path, default: str, **_: object) -> Self:
        if (model_dir / "refuse").exists():
            raise ModelError((model_dir / "refuse").read_text())
        if (model_dir / "compiles").exists():
            (Path(os.environ["NUMBA_CACHE_DIR"]) / "new.nbi").touch()
        if (model_dir / "stillborn").exists():
            os.register_at_fork(after_in_child=lambda: os._exit(1))
        return cls(model_dir, default)

    def rehearse(self) -> None:
        self.rehearsed_in = os.getpid()

    def summaries(self) -> list[dict[str, Any]]:
        return [{"name": name, "version": self.version} for name in (self.default, *self.others)]

    def classify_timed(
        self,
        audio: bytes | BinaryIO,
        *,
        model: str | None = None,
        voice: str | None = None,
        max_seconds: float,
        **_: object,
    ) -> tuple[Prediction, dict[str, float]]:
        said = self._play(audio) if voice is None else f"{voice} {self._play(audio)}"
        return prediction(said, model or self.default, self.version), {"decode": 0.25, "predict": 0.5}

    def normal_voice(self, recordings: Sequence[bytes], *, max_seconds: float) -> NormalVoice:
        return NormalVoice(len(recordings), max_seconds, " ".join(map(self._play, recordings)))

    def _play(self, audio: bytes | BinaryIO) -> str:
        content = audio if isinstance(audio, bytes) else audio.read(SCRIPT_BYTES)
        script = json.loads(content.partition(b"\0")[0])
        return str(getattr(self, script.pop("act"))(**script))

    def say(self, words: str) -> str:
        return words

    def pid(self) -> int:
        return os.getpid()

    def rehearsed(self) -> bool:
        return self.rehearsed_in == os.getpid()

    def wait_for(self, path: str) -> str:
        while not Path(path).exists():
            time.sleep(0.005)
        return "waited"

    def spin(self) -> None:
        while True:
            pass

    def burn(self, seconds: float) -> None:
        while time.process_time() < seconds:
            pass

    def spin_unwatched(self, seconds: int) -> None:
        """Play a clip that outlives its web process: only the processor limit is left."""
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        self.spin()

    def crash(self) -> None:
        ctypes.string_at(0)

    def leave(self, status: int) -> None:
        os._exit(status)

    def refuse(self) -> None:
        code = "no_speech"
        raise AudioError(code, "There is no speech in this recording.")

    def refuse_as(self, code: str) -> None:
        raise AudioError(code, "There is something.")

    def ask_for_the_impossible(self) -> None:
        code = "unknown_model"
        raise RequestError(code, "There is no model of that name.")

    def blunder(self, secret: str) -> None:
        raise ValueError(secret)

    def eat(self, megabytes: int) -> int:
        return len(b"x" * (megabytes * 2**20))

    def hoard(self, megabytes: int) -> int:
        self.hoarded = b"x" * (megabytes * 2**20)
        return os.getpid()

    def environment(self) -> str:
        return json.dumps(dict(os.environ))

    def limits(self) -> str:
        names = ("RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CPU")
        return json.dumps({name: resource.getrlimit(getattr(resource, name))[0] for name in names})

    def chatter(self) -> None:
        sys.stdout.write("to stdout")
        sys.stdout.flush()
        os.write(1, b"to stdout")
        os.write(2, b"to stderr")

    def write_file(self, path: str) -> str:
        return tried(lambda: Path(path).write_text("mine"))

    def read_file(self, path: str) -> str:
        return tried(lambda: Path(path).read_bytes())

    def open_socket(self) -> str:
        return tried(lambda: socket.socket().close())

    def run_program(self) -> str:
        return tried(lambda: subprocess.run(["/bin/true"], check=True))

    def execute(self) -> str:
        return tried(lambda: os.execv("/bin/true", ["true"]))

    def fork(self) -> str:
        return tried(lambda: os.fork() or os._exit(0))

    def start_thread(self) -> str:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        return "done"

    def kill(self, pid: int) -> str:
        return tried(lambda: os.kill(pid, 0))

    def limit_other(self, pid: int) -> str:
        return tried(lambda: resource.prlimit(pid, resource.RLIMIT_CORE))

    def open_many(self, count: int) -> str:
        return tried(lambda: [os.dup(0) for _ in range(count)])

    def open_sockets(self) -> int:
        return sum(map(_is_socket, range(64)))

    def reply(self, latin1: str, repeat: int = 1, then_stay: bool = False) -> None:
        """Play a worker that a hostile file took over: write anything to the web process."""
        with suppress(OSError):
            for _ in range(repeat):
                os.write(next(fd for fd in range(3, 64) if _is_socket(fd)), latin1.encode("latin-1"))
        while then_stay:
            time.sleep(1)
        os._exit(0)


def prediction(said: str, model: str = "acting", version: str = "1") -> Prediction:
    scores = (Score("calm", 1.0),)
    return Prediction("calm", 1.0, False, scores, (said,), False, 1.0, 1.0, ModelId(model, version, "none"))


def tried(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def _is_socket(fd: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False
