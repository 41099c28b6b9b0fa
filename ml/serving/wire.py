"""Frames between the web process, the parent and the workers: JSON and raw bytes, never a pickle.

A frame is a length, a JSON object and the binary parts it announces. Whoever reads one sets the limit and the
deadline, so that a worker which a hostile file took over can neither run code in the reader, fill it nor hold it up.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from typing import Any, BinaryIO, NoReturn

_LENGTH = struct.Struct(">I")


class GarbledError(Exception):
    """What arrived is not a frame."""


def send(sock: socket.socket, header: dict[str, Any], *parts: bytes, deadline: float | None = None) -> None:
    """Write one frame.

    Parameters
    ----------
    sock : socket.socket
    header : dict
        What JSON can carry.
    *parts : bytes
        Written as they are, without a copy.
    deadline : float or None
        `time.monotonic()` after which `TimeoutError` is raised.
    """
    head = json.dumps({**header, "parts": [len(part) for part in parts]}, allow_nan=False).encode()
    for piece in (_LENGTH.pack(len(head)) + head, *parts):
        sock.settimeout(_left_s(deadline))
        sock.sendall(piece)


def receive(
    sock: socket.socket, *, limit: int | None = None, deadline: float | None = None
) -> tuple[dict[str, Any], list[bytes]]:
    """Read one frame.

    Parameters
    ----------
    sock : socket.socket
    limit : int or None
        Most bytes that are accepted.
    deadline : float or None
        `time.monotonic()` after which `TimeoutError` is raised.

    Returns
    -------
    tuple of dict and list of bytes
        The JSON object and the binary parts.

    Raises
    ------
    EOFError
        The other end is closed.
    GarbledError
        What arrived is not a frame, or is larger than the limit.
    """
    (length,) = _LENGTH.unpack(_read(sock, _LENGTH.size, deadline))
    _check_size(length, limit)
    header = _parse(_read(sock, length, deadline))
    sizes = header.pop("parts", None)
    if not isinstance(sizes, list) or not all(type(size) is int and size >= 0 for size in sizes):
        message = "a frame without the sizes of its parts"
        raise GarbledError(message)
    _check_size(length + sum(sizes), limit)
    return header, [_read(sock, size, deadline) for size in sizes]


def send_open(sock: socket.socket, passed: socket.socket | BinaryIO) -> None:
    """Hand an open socket or file to the process at the other end."""
    socket.send_fds(sock, [b"+"], [passed.fileno()])


def receive_socket(sock: socket.socket) -> socket.socket:
    """The socket that the other end handed over."""
    return socket.socket(fileno=_receive_open(sock))


def receive_file(sock: socket.socket) -> BinaryIO:
    """The file that the other end handed over, to be read."""
    return os.fdopen(_receive_open(sock), "rb")


def _receive_open(sock: socket.socket) -> int:
    _, fds, _, _ = socket.recv_fds(sock, 1, 1)
    if not fds:
        raise EOFError
    os.set_inheritable(fds[0], False)
    return fds[0]


def is_quiet(sock: socket.socket) -> bool:
    """Whether the other end is open and has said nothing that nobody asked for."""
    sock.setblocking(False)
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _read(sock: socket.socket, size: int, deadline: float | None) -> bytes:
    pieces = []
    while size:
        sock.settimeout(_left_s(deadline))
        piece = sock.recv(size, socket.MSG_WAITALL)  # a whole recording in one piece, without a copy
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _left_s(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s


def _check_size(size: int, limit: int | None) -> None:
    if limit is not None and size > limit:
        message = f"a frame of {size} bytes, over the limit of {limit}"
        raise GarbledError(message)


def _parse(head: bytes) -> dict[str, Any]:
    try:
        header = json.loads(head, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        message = "a frame without JSON"
        raise GarbledError(message) from error
    if not isinstance(header, dict):
        message = "a frame whose JSON is not an object"
        raise GarbledError(message)
    return header


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
