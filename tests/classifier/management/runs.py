"""The command as a process of its own, and what came of it."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ml.training import Trained
from tests.classifier.live import PATIENCE_S, ROOT


@dataclass(frozen=True)
class Ran:
    """How the command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out, newline="")))


class Started:
    """The command as it runs over many files, with the model of the miniature corpus."""

    def __init__(self, place: str | Path, trained: Trained, *arguments: str | Path) -> None:
        environment = {
            **os.environ,
            "MODEL_DIR": str(trained.stored.folder.parent.parent),
            "EMOTION_MODEL": trained.stored.manifest.name,
            "WORKERS": "2",
        }
        command = [sys.executable, "manage.py", "classify", str(place), *map(str, arguments)]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A shell that put the tests in the background made them, and so the command, deaf to interrupts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def rows_in(self, output: Path) -> int:
        assert self.process.poll() is None, self.process.communicate()
        return output.read_bytes().count(b"\n") if output.exists() else 0

    def ended(self) -> Ran:
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return Ran(self.process.returncode, out, err)
