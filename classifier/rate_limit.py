"""So many requests that cost work, per client and minute; counted together by replicas that share a cache."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from classifier import answers, arrival, clients
from classifier.errors import WebError

WINDOW_S = 60

View = Callable[[HttpRequest], HttpResponseBase]

logger = logging.getLogger(__name__)


def middleware(get_response: View) -> View:
    """Refuse a client over the limit before its recording is read; pages and probes are not counted."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        if request.method != "POST" or not settings.RATE_LIMIT:
            return get_response(request)
        try:
            admit(clients.network(request), limit=settings.RATE_LIMIT)
        except WebError as error:
            arrival.drain(request)
            return answers.answer(request, error)
        return get_response(request)

    return handle


def admit(client: str, *, limit: int) -> None:
    """Count one request of a client over a sliding minute.

    The minute slides by counting whole minutes and weighing the last one by how much of it is still in view.

    Raises
    ------
    WebError
        `rate_limited`, with the seconds after which one more request is let through.
    """
    minute, second = divmod(time.time(), WINDOW_S)
    try:
        now, before = _count(client, int(minute)), _counted(client, int(minute) - 1)
        if now + before * (1 - second / WINDOW_S) <= limit:
            return
        cache.decr(_key(client, int(minute)))
    except (RedisError, ValueError):
        logger.warning("The cache that counts requests cannot be used: nobody is limited.")
        return
    wait_s = _wait_s(now - 1, before, second=second, limit=limit)
    message = f"At most {limit} requests a minute are answered. Please wait {wait_s} seconds, then try again."
    raise WebError(code="rate_limited", message=message, retry_after_s=wait_s)


def _count(client: str, minute: int) -> int:
    key = _key(client, minute)
    cache.add(key, 0, timeout=2 * WINDOW_S)
    return cache.incr(key)


def _counted(client: str, minute: int) -> int:
    return int(cache.get(_key(client, minute), 0))


def _key(client: str, minute: int) -> str:
    """A name for the client that does not tell its address to whoever reads the cache."""
    return f"requests:{salted_hmac('undertone.rate_limit', client).hexdigest()}:{minute}"


def _wait_s(now: int, before: int, *, second: float, limit: int) -> int:
    """Seconds until the sliding count leaves room for one request more."""
    room = limit - now - 1
    if room >= 0:
        wait_s = WINDOW_S * (1 - room / before) - second
    else:
        wait_s = WINDOW_S - second + WINDOW_S * (1 - (limit - 1) / now)
    return max(math.ceil(wait_s), 1)
