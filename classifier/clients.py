"""Who is asking: the address of a client, behind as many proxies as the deployment says it has."""

from __future__ import annotations

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

IPV6_SUBSCRIBER_BITS = 64
"""One IPv6 subscriber has at least this whole network (RFC 6177), so that single addresses tell nothing."""


def network(request: HttpRequest) -> str:
    """The client's IPv4 address or IPv6 network; the peer's own where the proxies said nothing usable."""
    peer = request.META.get("REMOTE_ADDR", "")
    return _network(_forwarded_for(request)) or _network(peer) or peer


def is_local(request: HttpRequest) -> bool:
    """Whether the request comes from this machine itself and not through a proxy on it."""
    forwarded = {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"} & request.META.keys()
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    return not forwarded and peer is not None and peer.is_loopback


def hops(forwarded_for: str) -> list[str]:
    """The addresses that proxies wrote down: for a client that sends none itself, as many as TRUSTED_PROXIES says."""
    return [hop.strip() for hop in forwarded_for.split(",")] if forwarded_for else []


def _forwarded_for(request: HttpRequest) -> str:
    """Each trusted proxy adds whom it speaks to at the end; what stands before that, the client may have made up."""
    noted, count = hops(request.META.get("HTTP_X_FORWARDED_FOR", "")), settings.TRUSTED_PROXIES
    return noted[-count] if 0 < count <= len(noted) else ""


def _network(text: str) -> str:
    address = _address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_SUBSCRIBER_BITS), strict=False))
    return str(address or "")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    without_port = re.sub(r"^\[(.+)\](:\d+)?$|^([\d.]+):\d+$", r"\1\3", text)
    try:
        address = ipaddress.ip_address(without_port)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
