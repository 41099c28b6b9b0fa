"""Clients that send whole requests to a site over connections of their own, evenly or in turns, and note the answers.

One thread serves them all from prepared bytes: they share the machine with the site that they measure, and what they
spent on themselves would be missing there.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_OPEN = 400
"""Requests that the senders keep open at a time; what would exceed them is not sent."""

PATIENCE_S = 30.0
PROBE_EVERY_S = 0.05
READ_BYTES = 64 * 1024


@dataclass
class Seen:
    """What the senders saw: seconds of each answer by its status, and requests that got none."""

    answers: dict[int, list[float]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    seconds: float = 0.0

    def of(self, *statuses: int) -> list[float]:
        """Seconds of the answers with these statuses."""
        return [seconds for status in statuses for seconds in self.answers.get(status, [])]

    @property
    def goodput(self) -> float:
        """Clips heard a second."""
        return len(self.of(200)) / self.seconds


def send(port: int, requests: Sequence[bytes], *, rate: float, seconds: float, clients: int = 0) -> Seen:
    """Send for some seconds: so many requests a second, or as many as so many patient clients can."""
    crowd = Crowd(port)
    started = time.monotonic()
    if rate:
        _send_evenly(crowd, requests, rate, until=started + seconds)
    else:
        _take_turns(crowd, requests, clients, until=started + seconds)
    crowd.seen.seconds = time.monotonic() - started
    return crowd.seen


def one(port: int, request: bytes) -> float:
    """Seconds of one answer, which must be 200."""
    crowd = Crowd(port)
    crowd.ask(request)
    crowd.attend_all()
    return crowd.seen.of(200)[0]


def _send_evenly(crowd: Crowd, requests: Sequence[bytes], rate: float, *, until: float) -> None:
    started, number = time.monotonic(), 0
    while (due := started + number / rate) < until and time.monotonic() < until:
        crowd.attend(until=due)
        if crowd.open < MOST_OPEN:
            crowd.ask(requests[number % len(requests)])
        number += 1
    crowd.attend_all()


def _take_turns(crowd: Crowd, requests: Sequence[bytes], clients: int, *, until: float) -> None:
    number = 0
    while time.monotonic() < until:
        while crowd.open < clients:
            crowd.ask(requests[number % len(requests)])
            number += 1
        crowd.attend(until=time.monotonic(), at_least_one=True)
    crowd.attend_all()


class Crowd:
    """Clients with one request each."""

    def __init__(self, port: int) -> None:
        self.seen = Seen()
        self.open = 0
        self._address = ("127.0.0.1", port)
        self._selector = selectors.DefaultSelector()

    def ask(self, request: bytes) -> None:
        """Let one more client connect and begin to send."""
        self.seen.sent += 1
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(self._address)
        visit = Visit(client, memoryview(request), time.monotonic())
        self._selector.register(client, selectors.EVENT_WRITE, visit)
        self.open += 1

    def attend(self, *, until: float, at_least_one: bool = False) -> None:
        """Serve the clients until then."""
        while True:
            left_s = until - time.monotonic()
            events = self._selector.select(PATIENCE_S if at_least_one else max(left_s, 0.0))
            for key, _ in events:
                self._go_on(key.data)
            if left_s <= 0 or at_least_one:
                return

    def attend_all(self) -> None:
        """Serve the clients until each has its answer, or has waited in vain."""
        deadline = time.monotonic() + PATIENCE_S
        while self.open and time.monotonic() < deadline:
            self.attend(until=deadline, at_least_one=True)
        self.seen.failures += Counter({"TimeoutError": self.open})
        self._selector.close()

    def _go_on(self, visit: Visit) -> None:
        try:
            if visit.unsent:
                visit.unsent = visit.unsent[visit.client.send(visit.unsent) :]
                if not visit.unsent:
                    self._selector.modify(visit.client, selectors.EVENT_READ, visit)
                return
            piece = visit.client.recv(READ_BYTES)
            visit.answer = visit.answer or piece
        except OSError as error:
            self.seen.failures[type(error).__name__] += 1
            self._end(visit)
            return
        if not piece:
            self._note(visit)
            self._end(visit)

    def _note(self, visit: Visit) -> None:
        if visit.answer.startswith(b"HTTP/1.1 "):
            took_s = time.monotonic() - visit.started
            self.seen.answers.setdefault(int(visit.answer[9:12]), []).append(took_s)
        else:
            self.seen.failures["no answer"] += 1

    def _end(self, visit: Visit) -> None:
        self._selector.unregister(visit.client)
        visit.client.close()
        self.open -= 1


@dataclass
class Visit:
    """One client, what it has still to send, and the beginning of its answer."""

    client: socket.socket
    unsent: memoryview
    started: float
    answer: bytes = b""


def probe(port: int, seconds: float) -> list[float]:
    """Seconds that `/healthz` takes, asked again and again."""
    took, started = [], time.monotonic()
    while time.monotonic() - started < seconds:
        asked = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while client.recv(4096):
                continue
        took.append(time.monotonic() - asked)
        time.sleep(PROBE_EVERY_S)
    return took
