"""One POST to somebody else's server, without letting its address reach into our own network (SSRF).

The name is resolved once, every address it has must be public, and the connection goes to the address that
was checked: a name that changes its mind between the check and the call (DNS rebinding) gains nothing.
Redirects are not followed (bar: inputs B56).
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import certifi
import urllib3
from django.utils.translation import gettext

from leads.webhooks.retries import Answer

CONNECT_WITHIN = 3.0  # seconds
ANSWER_WITHIN = 5.0  # seconds in all
LARGEST_ANSWER = 65_536  # bytes that are read of an answer
PORTS = {"http": 80, "https": 443}
_CHUNK = 8_192


class Blocked(ValueError):
    """This address may not be called; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and whom to speak to there."""

    scheme: str
    host: str
    port: int
    address: str
    path: str


def check_url(url: str, *, private_hosts: Collection[str] = ()) -> SplitResult:
    """The parts of an address that may be called, its name not yet resolved. Raises Blocked.

    ``private_hosts`` are names (or name:port) on the own network that the operator allows.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise Blocked(gettext("This is not a web address.")) from None
    if parts.scheme not in PORTS or not host or any(c.isspace() or ord(c) < 32 for c in url):
        raise Blocked(gettext("Give a web address that begins with https://."))
    if parts.username is not None or parts.password is not None:
        raise Blocked(gettext("Leave user name and password out of the address."))
    if port not in {None, PORTS[parts.scheme]} and not _is_allowed(host, port, private_hosts):
        raise Blocked(gettext("Only the ports 80 and 443 may be called."))
    return parts


def resolve(url: str, *, private_hosts: Collection[str] = ()) -> Target:
    """Where ``url`` leads, resolved once. Raises Blocked unless every address of its name is public."""
    parts = check_url(url, private_hosts=private_hosts)
    host = parts.hostname or ""
    port = parts.port or PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Blocked(gettext("No server is known by this name.")) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not _is_allowed(host, port, private_hosts) and not all(is_public(address) for address in addresses):
        raise Blocked(gettext("This address belongs to a private network."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, addresses[0], path)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, whatever clothes it wears."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or _nat64(ip)
        if hidden is not None:
            return is_public(str(hidden))
    return ip.is_global and not ip.is_multicast


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a NAT64 gateway would reach (RFC 6052)."""
    if ip in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def _is_allowed(host: str, port: int | None, private_hosts: Collection[str]) -> bool:
    return host in private_hosts or f"{host}:{port}" in private_hosts


def post(url: str, *, body: str, headers: Mapping[str, str], private_hosts: Collection[str] = ()) -> Answer:
    """Send ``body`` and tell what was answered. Never raises: what goes wrong stands in the answer."""
    try:
        target = resolve(url, private_hosts=private_hosts)
        return _send(target, body.encode(), headers)
    except Blocked as blocked:
        return Answer(None, str(blocked))
    except urllib3.exceptions.HTTPError as error:
        return Answer(None, type(error).__name__)
    except OSError as error:
        return Answer(None, error.strerror or type(error).__name__)


def _send(target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    """The POST itself, to the address that was checked."""
    started = time.monotonic()
    with _pool(target) as pool:
        response = pool.urlopen(
            "POST",
            target.path,
            body=body,
            headers={**headers, "Host": _host_header(target), "Content-Type": "application/json"},
            redirect=False,
            preload_content=False,
        )
        try:
            size = 0
            while size < LARGEST_ANSWER and time.monotonic() - started < ANSWER_WITHIN:
                chunk = response.read(_CHUNK)
                if not chunk:
                    break
                size += len(chunk)
        finally:
            response.close()
    return Answer(response.status, "" if response.status < 300 else (response.reason or ""))


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    """A connection to the address, which proves itself by the certificate of the name."""
    timeout = urllib3.Timeout(connect=CONNECT_WITHIN, read=ANSWER_WITHIN, total=ANSWER_WITHIN)
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(target.address, target.port, timeout=timeout, retries=False)
    return urllib3.HTTPSConnectionPool(
        target.address,
        target.port,
        timeout=timeout,
        retries=False,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )


def _host_header(target: Target) -> str:
    name = f"[{target.host}]" if ":" in target.host else target.host
    return name if target.port == PORTS[target.scheme] else f"{name}:{target.port}"
