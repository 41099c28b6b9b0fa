"""How gunicorn serves the site: one process with many threads, which owns the engine, its queue and the metrics.

SIGHUP reads the models again without downtime: gunicorn's own answer, to replace its worker process, would start
another engine and leave clips without an answer meanwhile; so the master hands the signal to the worker, whose engine
verifies and warms the new models beside the old ones and swaps them. Settings are read at start only.
SIGTERM finishes the requests in work, for up to `graceful_timeout`, then stops the engine.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import threading
from queue import SimpleQueue
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emotion_site.settings")

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from gunicorn.glogging import Logger


class Log(Logger):  # type: ignore[misc]
    """gunicorn's, but it does not gather what an access log would say: the site writes a log of requests itself."""

    access_log_enabled = False


try:
    settings.PORT  # noqa: B018  (the first that is asked for reads them all)
except ImproperlyConfigured as error:
    sys.exit(f"The site cannot start. {error}")

SPARE_FILES = 100  # that may be open beside connections: of the engine, static files, logs

wsgi_app = "emotion_site.wsgi"
bind = f"0.0.0.0:{settings.PORT}"
workers = 1
worker_class = "emotion_site.worker.Worker"
threads = settings.THREADS
worker_connections = max(min(1000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_FILES), 2 * threads)
backlog = 512
keepalive = 10
timeout = 60
graceful_timeout = 30
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190
forwarded_allow_ips = ""
control_socket_disable = True
logger_class = Log
logconfig_dict = settings.LOGGING

# gunicorn's worker shows that it lives by touching an empty file, which needs no disk where there is memory to hold it.
MEMORY = "/dev/shm"  # noqa: S108 (the file has no name)
worker_tmp_dir = MEMORY if os.access(MEMORY, os.W_OK) else None
try:
    tempfile.TemporaryFile(dir=worker_tmp_dir).close()
except OSError as error:
    sys.exit(
        f"The site cannot start without one folder that it can write: mount a tmpfs at /tmp or /dev/shm ({error})."
    )


def when_ready(server: Any) -> None:
    """Hand SIGHUP to the worker."""
    server.handle_hup = lambda: server.kill_workers(signal.SIGHUP)


def post_worker_init(worker: Any) -> None:  # noqa: ARG001
    """Have memory given back, and reload the models on SIGHUP in a thread of its own: requests are served meanwhile."""
    from classifier import services
    from emotion_site.heap import keep_large_blocks_apart

    keep_large_blocks_apart()
    asked: SimpleQueue[int] = SimpleQueue()

    def reload_when_asked() -> None:
        while asked.get():
            while not asked.empty():  # who asked several times meanwhile is served by one reload
                asked.get()
            services.reload()

    threading.Thread(target=reload_when_asked, name="reload", daemon=True).start()
    signal.signal(signal.SIGHUP, lambda number, frame: asked.put(number))  # noqa: ARG005
    signal.siginterrupt(signal.SIGHUP, False)


def worker_exit(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Leave no process behind."""
    from classifier import services

    services.stop(grace_s=graceful_timeout)
