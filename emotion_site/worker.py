"""gunicorn's threaded worker, made patient with many slow clients and impatient with each of them.

gunicorn gives a thread to a connection as soon as its first byte is there, and waits in it for the rest for ever.
Here a connection waits for its whole head in the poller, where it costs no thread, and every wait has an end.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

STALLED_AFTER_S = 10.0
"""Longest wait for the next byte, and for room to send one."""

HEAD_WITHIN_S = 10.0
"""Longest that the head of a request may take altogether."""

LINGER_S = 2.0
"""How long a closing connection reads on: closed at once, it could lose its client the answer."""

HEAD_BYTES = 64 * 1024
"""More than this is not waited for: the parser says what is wrong with it."""

HEAD_END = b"\r\n\r\n"

ANSWERS: dict[type[Exception], tuple[int, str, str]] = {
    LimitRequestLine: (414, "invalid_parameter", "The address is too long."),
    LimitRequestHeaders: (431, "invalid_parameter", "The request has too many or too long header fields."),
    TimeoutError: (408, "request_timeout", "The request did not arrive in time. Please send it again."),
    ParseException: (400, "invalid_parameter", "The request is not valid HTTP."),
}
"""What is said where no request could be read, so that no view can say it; any other exception is a fault of ours."""

FAULT = (500, "internal_error", "Something went wrong on our side. Please try again later.")


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
        """What has arrived, left where it is; nothing where that cannot be told."""
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


class Worker(ThreadWorker):  # type: ignore[misc]
    """The worker that `gunicorn.conf.py` names."""

    def accept(self, listener: Any) -> None:
        """Take a connection, and wait for its first request in the poller."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._await_head(Connection(self.cfg, PatientSocket(client), address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: PatientSocket) -> None:
        """A kept-alive connection begins another request."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_head(conn)

    def on_pending_socket_readable(self, conn: Connection, client: PatientSocket) -> None:
        """Give a connection to a thread once the whole head of its request is there."""
        head = client.peek(HEAD_BYTES)
        grows = len(head) > conn.head_bytes  # else the client has closed its side
        conn.head_bytes = len(head)
        if HEAD_END in head or not grows:
            conn.head_bytes = 0
            client.wake_at(1)
            super().on_pending_socket_readable(conn, client)
        elif len(head) == HEAD_BYTES:
            self.pending_conns.remove(conn)
            self._refuse(conn, LimitRequestHeaders(""))
        else:
            client.wake_at(len(head) + 1)

    def murder_pending(self) -> None:
        """Answer those whose head took too long, and close them."""
        now = time.monotonic()
        while self.pending_conns and self.pending_conns[0].timeout <= now:
            self._refuse(self.pending_conns.popleft(), TimeoutError())

    def handle(self, conn: Connection) -> Any:
        """Serve a request in a thread, which also closes the connection where it is not kept."""
        conn.sock.deadline = time.monotonic() + HEAD_WITHIN_S
        keep = super().handle(conn)
        if not keep:
            conn.close(graceful=True)
        return keep

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:  # noqa: ARG002
        """Answer what could not be read as a request; nothing of it goes into the log."""
        status, code, message = next((answer for kind, answer in ANSWERS.items() if isinstance(exc, kind)), FAULT)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("A request failed outside the application.", exc_info=exc)
        body = json.dumps({"error": {"code": code, "message": message}}).encode()
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n"
        )
        try:
            util.write(client, head.encode() + body)
        except OSError:
            self.log.debug("A client left before its answer.")

    def _await_head(self, conn: Connection) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + HEAD_WITHIN_S
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _refuse(self, conn: Connection, reason: Exception) -> None:
        self.poller.unregister(conn.sock)
        done = self.tpool.submit(self._tell, conn, reason)
        done.add_done_callback(lambda told: self.method_queue.defer(self.finish_request, conn, told))

    def _tell(self, conn: Connection, reason: Exception) -> bool:
        if conn.head_bytes:  # a browser that connected ahead of need and sent nothing has not asked
            conn.sock.setblocking(True)
            self.handle_error(None, conn.sock, conn.client, reason)
        conn.close(graceful=True)
        return False
