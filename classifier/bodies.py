"""Bodies of requests as they arrive: into memory only, all within one budget, and never for longer than they move."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
import time
from typing import Any

from django.conf import settings

from classifier.errors import WebError

BLOCK = 64 * 1024

GRACE_S = 30.0
SLOWEST_BYTES_PER_S = 1024
"""A block may take as long as at this pace, after a grace; a body that is slower stalls on purpose."""

PATIENCE_S = 3.0
"""Where there is no room for another body, who has been waited for longer than this makes way."""

LEFT = "The upload ended before it was complete. Please send it again."
SLOW = f"Nothing arrived for {settings.STALLED_AFTER_S} seconds, or much too slowly. Please send it again."
CROWDED = "Too many recordings are being sent at the moment. Please try again shortly."


class StalledError(WebError):
    """Nothing arrives any more: there is nothing to drain either."""

    def __init__(self) -> None:
        super().__init__("request_timeout", SLOW)


class Body:
    """A request's body as it arrives: the stream that Django reads a form from.

    Parameters
    ----------
    environ : dict
        The WSGI environment.
    budget : Budget
        Lets it in, and pays for what arrives, until `release`.

    Raises
    ------
    WebError
        At once, and while it is read: `busy`, `request_timeout`, or `invalid_parameter` where the sender left.
    """

    def __init__(self, environ: dict[str, Any], *, budget: Budget) -> None:
        self.received = 0
        self.waiting_since = math.inf
        self._environ = environ
        self._budget = budget
        self._length = int(environ["CONTENT_LENGTH"])
        self._is_sent_away = False
        budget.admit(self)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size` of them; none at the end."""
        missing = self._length - self.received
        wanted = missing if size is None or size < 0 else min(size, missing)
        blocks = []
        while wanted:
            blocks.append(self._block(min(wanted, BLOCK)))
            wanted -= len(blocks[-1])
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    def readline(self, size: int = -1) -> bytes:  # noqa: ARG002
        """The next bytes, whether a line or not: Django reads what follows a form by lines, only to drop it."""
        return self.read(BLOCK)

    def close(self) -> None:
        """Django closes a stream that it has read; what was read stays in memory, and paid for."""

    def release(self) -> None:
        """Return the share of the budget: the request is answered."""
        self._budget.release(self)

    def send_away(self) -> None:
        """End the wait for its next bytes, in whichever thread that is."""
        self._is_sent_away = True
        with contextlib.suppress(OSError):
            self._environ["gunicorn.socket"].shutdown(socket.SHUT_RD)

    def _block(self, wanted: int) -> bytes:
        self.waiting_since = time.monotonic()
        wait_until(self._environ, self.waiting_since + GRACE_S + wanted / SLOWEST_BYTES_PER_S)
        try:
            block: bytes = self._environ["wsgi.input"].read(wanted)
        except TimeoutError:
            raise StalledError from None
        except OSError:
            raise WebError(code="invalid_parameter", message=LEFT) from None
        finally:
            self.waiting_since = math.inf
        if self._is_sent_away:
            raise StalledError
        if not block:
            raise WebError(code="invalid_parameter", message=LEFT)
        self._budget.pay(self, len(block))
        return block


class Budget:
    """The memory that all bodies share, and how many of them there may be at a time.

    Parameters
    ----------
    max_bytes, max_bodies : int
    """

    def __init__(self, *, max_bytes: int, max_bodies: int) -> None:
        self._lock = threading.Lock()
        self._bytes_left = max_bytes
        self._max_bodies = max_bodies
        self._bodies: set[Body] = set()

    def admit(self, body: Body) -> None:
        """Let one more body in; raises `WebError` (`busy`) where there is no room."""
        with self._lock:
            if len(self._bodies) >= self._max_bodies and not self._make_way():
                raise WebError(code="busy", message=CROWDED)
            self._bodies.add(body)

    def pay(self, body: Body, bytes_: int) -> None:
        """Count what has arrived of a body; raises `WebError` (`busy`) where too little memory is left."""
        with self._lock:
            if bytes_ > self._bytes_left:
                self._make_way()  # for those who come next: its memory is given back in a moment
                raise WebError(code="busy", message=CROWDED)
            self._bytes_left -= bytes_
            body.received += bytes_

    def release(self, body: Body) -> None:
        """Take back the share of a body."""
        with self._lock:
            self._bytes_left += body.received
            self._bodies.discard(body)

    def _make_way(self) -> bool:
        """Send away the body that has been waited for longest, if that is too long; whether one was."""
        longest = min(self._bodies, key=lambda body: body.waiting_since, default=None)
        if longest is None or time.monotonic() - longest.waiting_since < PATIENCE_S:
            return False
        self._bodies.discard(longest)
        longest.send_away()
        return True


def wait_until(environ: dict[str, Any], deadline: float) -> None:
    """Tell the server's socket, where it is ours, until when (on the monotonic clock) bytes are worth waiting for."""
    sock = environ.get("gunicorn.socket")
    if sock is not None and hasattr(sock, "deadline"):
        sock.deadline = deadline
