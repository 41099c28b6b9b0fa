"""A client's connection, whose every wait has an end."""

from __future__ import annotations

import socket
import time

from gunicorn.workers.gthread import TConn

STALLED_AFTER_S = 10.0
"""Longest wait for the next byte, and for room to send one."""

LINGER_S = 2.0
"""How long a closing connection reads on: closed at once, it could lose its client the answer."""


class PatientSocket(socket.socket):
    """A client's socket whose every wait has an end.

    Attributes
    ----------
    deadline : float
        On the monotonic clock; nothing is waited for after it. `classifier.arrival` sets it for a body.
    """

    __slots__ = ("deadline",)

    def __init__(self, client: socket.socket) -> None:
        super().__init__(client.family, client.type, client.proto, client.detach())
        self.deadline = float("inf")

    def setblocking(self, flag: bool) -> None:
        """Blocking means: for as long as a client may stall."""
        self.settimeout(STALLED_AFTER_S if flag else 0.0)

    def peek(self, size: int) -> bytes:
        """What has arrived, at most so many bytes, left where it is; nothing where that cannot be told."""
        try:
            return super().recv(size, socket.MSG_PEEK)
        except OSError:
            return b""

    def wake_at(self, size: int) -> None:
        """Let the poller see nothing here before this many bytes have arrived, or the client has gone."""
        self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """The next bytes; raises TimeoutError where none come in time."""
        self.settimeout(max(min(STALLED_AFTER_S, self.deadline - time.monotonic()), 0.001))
        try:
            return super().recv(size, flags)
        finally:
            self.settimeout(STALLED_AFTER_S)


class Connection(TConn):  # type: ignore[misc]
    """A connection that its thread closes, and not the loop that all connections share.

    Attributes
    ----------
    head_bytes : int
        How much of the next request's head has been seen.
    """

    head_bytes = 0
    closed = False

    def close(self, graceful: bool = False) -> None:
        """Close once; gracefully means to let the client read what was sent, for at most `LINGER_S`."""
        if not self.closed:
            self.closed = True
            self.sock.deadline = time.monotonic() + LINGER_S
            super().close(graceful=graceful)
