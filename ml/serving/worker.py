"""One worker: a forked process that confines itself and then analyses clips, one at a time, until it is let go of."""

from __future__ import annotations

import os
import signal
import socket
import traceback
from collections.abc import Sequence
from typing import Any, BinaryIO, NoReturn

from ml.errors import AudioError, RequestError
from ml.serving import confinement, wire
from ml.serving.jobs import Answer, EngineConfig, VoiceJob

STAYING_BYTES = 32 * 2**20  # what a worker may keep between clips; forking a fresh one takes milliseconds


def work(sock: socket.socket, catalogue: Any, config: EngineConfig, parent_pid: int) -> NoReturn:
    """Confine this newly forked process and serve clips until the web process lets go of it."""
    status = 1
    try:
        _detach(sock)
        catalogue.rehearse()
        size = confinement.Size()
        confined_by = confinement.confine(memory_budget_mb=config.memory_budget_mb, parent_pid=parent_pid)
        wire.send(sock, {"confined_by": confined_by})
        _serve(sock, catalogue, config, size)
        status = 0
    finally:
        os._exit(status)  # never unwinds into the parent's code, nor flushes what the parent had buffered


def _detach(sock: socket.socket) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, sock.fileno())
    os.closerange(sock.fileno() + 1, os.sysconf("SC_OPEN_MAX"))


def _serve(sock: socket.socket, catalogue: Any, config: EngineConfig, size: confinement.Size) -> None:
    while True:
        try:
            header, recordings = wire.receive(sock)
            file = wire.receive_file(sock) if header["by_file"] else None
        except EOFError:
            return
        confinement.rearm_cpu(config.timeout_s(header["options"]))
        answer = _answer(catalogue, header, [file] if file else recordings, config)
        del recordings
        if file:
            file.close()
        leaving = size.growth_bytes > STAYING_BYTES
        wire.send(sock, {**answer.as_dict(), "leaving": leaving})
        if leaving:
            return


def _answer(
    catalogue: Any, header: dict[str, Any], recordings: Sequence[bytes | BinaryIO], config: EngineConfig
) -> Answer:
    try:
        if header["task"] == VoiceJob.task:
            return Answer(outcome=catalogue.normal_voice(recordings, max_seconds=config.max_seconds))
        prediction, seconds = catalogue.classify_timed(*recordings, **header["options"], max_seconds=config.max_seconds)
    except (AudioError, RequestError) as error:
        return Answer(outcome=error)
    except MemoryError:
        return Answer(outcome=_too_big(config.memory_budget_mb))
    except Exception as error:  # noqa: BLE001 (no recording may cost more than its own answer)
        return Answer(outcome=_unforeseen(), fault=_place(error))
    return Answer(outcome=prediction, seconds=seconds)


def _too_big(budget_mb: int) -> AudioError:
    message = f"This recording needs more than {budget_mb} MB of memory to analyse. Please try a shorter one."
    return AudioError("unusable_signal", message)


def _unforeseen() -> AudioError:
    return AudioError("undecodable", "This recording could not be analysed. Please save it as WAV and try again.")


def _place(error: Exception) -> str:
    # Type and place only: the message might quote what is in the recording.
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    return f"{type(error).__name__} in {frame.f_globals['__name__']}:{line}"
