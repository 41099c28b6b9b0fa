"""A real HTTP server on this machine that serves an archive as well, or as badly, as a test wants."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ml.corpora.download import Published

CLIPS = {f"Actor_{actor:02}/03-01-05-01-01-01-{actor:02}.wav": bytes([actor]) * 5000 for actor in (1, 2)}
NO_PAUSES_S = (0.0, 0.0, 0.0)


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # without the time, the same bytes every time
    return file.getvalue()


def published(content: bytes, name: str = "speech.zip") -> Published:
    return Published(name=name, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


@dataclass
class Mirror:
    """What is served, and how.

    Attributes
    ----------
    files : dict of str to bytes
        By name.
    ranges : bool
        Whether it can go on where a client had stopped.
    cut_after : list of int
        How many bytes the next answers send before the connection is cut.
    statuses : list of int
        What the next requests are answered with instead.
    asked : list of (str, str or None)
        Path and `Range` of each request.
    """

    files: dict[str, bytes]
    ranges: bool = True
    cut_after: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""

    @property
    def ranges_asked(self) -> list[str | None]:
        return [asked for _, asked in self.asked]


@contextmanager
def serving(mirror: Mirror) -> Iterator[Mirror]:
    """Serve until the context ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            mirror.asked.append((self.path, self.headers["Range"]))
            content = mirror.files.get(self.path.split("?")[0].lstrip("/"))
            if mirror.statuses:
                self.send_error(mirror.statuses.pop(0))
            elif content is None:
                self.send_error(404)
            else:
                self._send(content)

        def _send(self, content: bytes) -> None:
            start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")) if self._partial else 0
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if self._partial else 200)
            if self._partial:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            end = start + mirror.cut_after.pop(0) if mirror.cut_after else None
            self.wfile.write(content[start:end])

        @property
        def _partial(self) -> bool:
            return mirror.ranges and "Range" in self.headers

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        mirror.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield mirror
        finally:
            server.shutdown()
            thread.join()
