"""What a post carries besides the answers: from where, by which browser, after which visit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest

from leads.api.addresses import client_address, truncated
from leads.normalise import clean_line

UTM = ("source", "medium", "campaign", "term", "content")
LONGEST_ADDRESS = 500
HONEYPOT = "website"
# Names of our own in a post; questions are named by their targets, which hold a dot.
TOKEN, PROOF, PAGE, REFERRER, VISITOR, WHO, THEME, CONSENT = (
    "_token",
    "_proof",
    "_page",
    "_referrer",
    "_visitor",
    "_who",
    "_theme",
    "consent",
)
_HEX = re.compile(r"[0-9a-fA-F-]{32,36}", re.ASCII)


class Way(StrEnum):
    """How a post came."""

    OURS = "ours"  # the hosted page, or the embedded one: ours as well
    FOREIGN = "foreign"  # plain HTML in a page of a site
    API = "api"


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """All of a request that a submission keeps or is judged by; ``address`` itself is never kept.

    ``visitor`` is the browser as the site's tracker names it, which it tells only with consent.
    """

    way: Way = Way.OURS
    address: str = ""
    origin: str = ""
    user_agent_hash: str = ""
    ip_truncated: str = ""
    page: str = ""
    referrer: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)
    visitor: UUID | None = None
    token: str = ""
    proof: str = ""
    honeypot: bool = False


def facts_of(request: HttpRequest, posted: Mapping[str, object], *, way: Way) -> RequestFacts:
    """The facts of a request with these posted values (its own names among them)."""
    agent = request.headers.get("User-Agent", "")
    address = client_address(request)
    return RequestFacts(
        way=way,
        address=address,
        origin=request.headers.get("Origin", ""),
        user_agent_hash=sha256(agent.encode()).hexdigest() if agent else "",
        ip_truncated=truncated(address),
        page=web_address(posted.get(PAGE) or (way is Way.FOREIGN and request.headers.get("Referer"))),
        referrer=web_address(posted.get(REFERRER)),
        utm=utm_of(posted),
        visitor=visitor_of(posted.get(VISITOR)),
        token=_text(posted.get(TOKEN), 2000),
        proof=_text(posted.get(PROOF), 4000),
        honeypot=bool(posted.get(HONEYPOT)),
    )


def web_address(value: object) -> str:
    """An http(s) address of modest length; an empty text for anything else."""
    text = clean_line(value)[:LONGEST_ADDRESS] if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.hostname else ""


def utm_of(posted: Mapping[str, object]) -> dict[str, str]:
    """The campaign parameters among posted or queried values, by their names without ``utm_``."""
    found = {name: _text(posted.get(f"utm_{name}"), 200) for name in UTM}
    return {name: clean_line(value) for name, value in found.items() if value}


def visitor_of(value: object) -> UUID | None:
    """The browser's id as the tracker writes it, else None."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def _text(value: object, length: int) -> str:
    return value[:length] if isinstance(value, str) else ""
