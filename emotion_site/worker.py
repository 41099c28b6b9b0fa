"""gunicorn's threaded worker, made patient with many slow clients and impatient with each of them.

gunicorn gives a thread to a connection as soon as its first byte is there, and waits in it for the rest for ever.
Here a connection waits for its whole head in the poller, where it costs no thread, and every wait has an end. What
would find no room is answered from there too.
"""

from __future__ import annotations

import selectors
import socket
import sys
import time
from collections import deque
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from classifier import outright
from classifier.outright import HEAD_END
from emotion_site.connections import LINGER_S, Connection, PatientSocket

HEAD_WITHIN_S = 10.0
"""Longest that the head of a request may take altogether."""

HEAD_BYTES = 64 * 1024
"""More than this is not waited for: the parser says what is wrong with it."""

USUAL_HEAD_BYTES = 4 * 1024
"""Most heads are no longer, so that little of the body behind them is looked at too."""

ROOM = 50
"""So many silent connections make way when there is no place for another."""

BIN_BYTES = 256 * 1024
"""Of what nobody will read, this much is thrown away at a time."""

RUSH_PAUSE_S = 0.008
"""While senders are turned away: so long they gather, since many at once cost less than one by one."""

UNREAD = socket.MSG_TRUNC if sys.platform == "linux" else 0
"""Linux throws away without a copy."""

ANSWERS: dict[type[Exception], tuple[int, str, str]] = {
    LimitRequestLine: (414, "invalid_parameter", "The address is too long."),
    LimitRequestHeaders: (431, "invalid_parameter", "The request has too many or too long header fields."),
    TimeoutError: (408, "request_timeout", "The request did not arrive in time. Please send it again."),
    ParseException: (400, "invalid_parameter", "The request is not valid HTTP."),
}
"""What is said where no request could be read, so that no view can say it; any other exception is a fault of ours."""

FAULT = (500, "internal_error", "Something went wrong on our side. Please try again later.")


class Worker(ThreadWorker):  # type: ignore[misc]
    """The worker that `gunicorn.conf.py` names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leaving_conns: deque[Connection] = deque()
        self._bin = bytearray(BIN_BYTES)
        self._in_rush = False

    def accept(self, listener: Any) -> None:
        """Take the connections that are there, and wait for their first requests in the poller."""
        server = listener.getsockname()
        while self.nr_conns < self.worker_connections:
            try:
                client, address = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # no descriptor or no memory is left for it
                self.log.warning("A connection could not be taken: %s.", error.strerror)
                self._make_room()
                self._in_rush = True
                return
            self.nr_conns += 1
            self._await_head(Connection(self.cfg, PatientSocket(client), address, server))

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Serve who is there, and in a rush, who comes within a moment."""
        if self._in_rush:
            self._in_rush = False
            time.sleep(RUSH_PAUSE_S)
        super().wait_for_and_dispatch_events(timeout)

    def on_client_socket_readable(self, conn: Connection, client: PatientSocket) -> None:
        """A kept-alive connection begins another request."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_head(conn)

    def on_pending_socket_readable(self, conn: Connection, client: PatientSocket) -> None:
        """Give a connection to a thread once the whole head of its request is there, or answer it outright."""
        head = _head_of(client)
        grows = len(head) > conn.head_bytes  # else the client has closed its side
        conn.head_bytes = len(head)
        if HEAD_END in head or not grows:
            client.wake_at(1)
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self._begin(conn, head)
        elif len(head) == HEAD_BYTES:
            self.pending_conns.remove(conn)
            self._refuse(conn, LimitRequestHeaders(""))
        else:
            client.wake_at(len(head) + 1)

    def on_leaving_socket_readable(self, conn: Connection, client: PatientSocket) -> None:
        """Throw away what a client still sends, until it has read its answer and closes."""
        try:
            more = client.recv_into(self._bin, 0, UNREAD)
        except BlockingIOError:
            return
        except OSError:
            more = 0
        if not more:
            self.leaving_conns.remove(conn)
            self._let_go(conn)

    def murder_pending(self) -> None:
        """Answer those whose head took too long, and close them; close those who do not leave."""
        now = time.monotonic()
        while self.pending_conns and self.pending_conns[0].timeout <= now:
            self._refuse(self.pending_conns.popleft(), TimeoutError())
        while self.leaving_conns and self.leaving_conns[0].timeout <= now:
            self._let_go(self.leaving_conns.popleft())
        if self.nr_conns >= self.worker_connections:
            self._make_room()

    def handle(self, conn: Connection) -> Any:
        """Serve a request in a thread, which also closes the connection where it is not kept."""
        conn.sock.deadline = time.monotonic() + HEAD_WITHIN_S
        keep = super().handle(conn)
        outright.arrived(conn.sock)
        if not keep:
            conn.close(graceful=True)
        return keep

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:  # noqa: ARG002
        """Answer what could not be read as a request."""
        try:
            util.write(client, self._answer_to(exc))
        except OSError:
            self.log.debug("A client left before its answer.")

    def _answer_to(self, exc: Exception) -> bytes:
        status, code, message = next((answer for kind, answer in ANSWERS.items() if isinstance(exc, kind)), FAULT)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("A request failed outside the application.", exc_info=exc)
        return outright.misread(status, code, message)

    def _await_head(self, conn: Connection) -> None:
        conn.sock.setblocking(False)
        head = _head_of(conn.sock)
        if HEAD_END in head:  # when much is going on, it is often here before anybody looks
            self._begin(conn, head)
            return
        conn.timeout = time.monotonic() + HEAD_WITHIN_S
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _begin(self, conn: Connection, head: bytes) -> None:
        """Answer a request outright, or give it to a thread."""
        conn.head_bytes = 0
        if refusal := outright.refusal_for(head, conn.sock):
            self._in_rush = True
            self._send_away(conn, refusal)
        else:
            conn.data_ready = True
            self.enqueue_req(conn)

    def _send_away(self, conn: Connection, answer: bytes) -> None:
        """Answer and half-close; the poller sees to the rest, without a thread."""
        conn.timeout = time.monotonic() + LINGER_S
        self.leaving_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_leaving_socket_readable, conn))
        try:
            conn.sock.send(answer)  # whole or not at all: it is small, and the first that is sent
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.log.debug("A client left before its answer.")

    def _make_room(self) -> None:
        """Close some of those who have asked nothing for longest; who comes now may have something to ask."""
        for _ in range(ROOM):
            if silent := self.keepalived_conns or self.pending_conns:
                self._let_go(silent.popleft())

    def _let_go(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def _refuse(self, conn: Connection, reason: Exception) -> None:
        if conn.head_bytes:
            self.poller.unregister(conn.sock)
            self._send_away(conn, self._answer_to(reason))
        else:  # a browser that connected ahead of need and sent nothing has not asked
            self._let_go(conn)


def _head_of(client: PatientSocket) -> bytes:
    """What has arrived of a request's head, and perhaps something of what follows it."""
    head = client.peek(USUAL_HEAD_BYTES)
    return head if len(head) < USUAL_HEAD_BYTES or HEAD_END in head else client.peek(HEAD_BYTES)
