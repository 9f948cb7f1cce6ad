"""Where a request comes from, as far as it can be believed (bar: inputs B26)."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def client_address(request: HttpRequest) -> str:
    """The address that the last trusted proxy saw; X-Forwarded-For beyond it is anybody's invention.

    An IPv6 address is given as its /64 network, which is what one customer holds.
    """
    remote = _normal(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES <= 0:
        return remote or UNKNOWN
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(hops) < settings.TRUSTED_PROXIES:
        return remote or UNKNOWN
    return _normal(hops[-settings.TRUSTED_PROXIES]) or remote or UNKNOWN


def _normal(text: str) -> str:
    """The address in its normal form, or an empty text for garbage."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def truncated(address: str) -> str:
    """The address without what tells the household: enough for the consent ledger's proof."""
    if address == UNKNOWN or "/" in address:
        return "" if address == UNKNOWN else address
    return str(ipaddress.ip_network((address, 24), strict=False))
