"""What a page's request says besides its events: consent, the browser's clock, signs of a machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from leads.api.addresses import client_address
from leads.channel_rules import Marks, marks_of
from leads.crawlers import is_crawler
from leads.traffic import NO_SIGNS, Signs, is_prefetch

# Envelope fields of a page's batch besides its events.
ENVELOPE = frozenset({"consent", "sent_at", "automated"})
# A browser's clock is only corrected when it is wrong by this much; less is the way through the network.
CORRECTED_FROM = timedelta(minutes=55)
CORRECTED_UP_TO = timedelta(days=60 * 365)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a page. ``consent`` is the batch's flag; ``drift`` is added to each event's time."""

    may_track: bool = True
    consent: bool | None = None
    drift: timedelta = timedelta()
    signs: Signs = NO_SIGNS

    def declines(self, consent: bool | None) -> bool:
        """Whether an event with this flag of its own must not be stored: only a clear yes is one."""
        return not self.may_track or (self.consent if consent is None else consent) is not True


NO_VISIT = Visit()


def visit_of(request: HttpRequest, envelope: Mapping[str, object], *, now: datetime) -> Visit:
    """The visit, from the request's headers and the batch's envelope."""
    consent = envelope.get("consent")
    return Visit(
        may_track=request.headers.get("Sec-GPC") != "1" and request.headers.get("DNT") != "1",
        consent=consent if isinstance(consent, bool) else None,
        drift=_drift(envelope.get("sent_at"), now),
        signs=signs_of(request, is_automated=envelope.get("automated") is True),
    )


def signs_of(request: HttpRequest, *, is_automated: bool = False) -> Signs:
    """What the request itself gives away."""
    told = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return Signs(
        is_crawler=is_crawler(request.headers.get("User-Agent", "")),
        is_prefetch=is_prefetch(" ".join(told)),
        is_head=request.method in {"HEAD", "OPTIONS"},
        is_automated=is_automated,
        is_datacentre=bool(settings.DATACENTRE_NETWORKS) and _is_listed(client_address(request)),
    )


@lru_cache(maxsize=1)
def _networks(
    listed: tuple[str, ...],
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(one.strip(), strict=False) for one in listed)


def _is_listed(address: str) -> bool:
    """Whether the operator listed the network that this address is in."""
    try:
        own = ipaddress.ip_network(address)
    except ValueError:
        return False
    listed = _networks(tuple(settings.DATACENTRE_NETWORKS))
    return any(own.version == one.version and own.subnet_of(one) for one in listed)  # type: ignore[arg-type]


def _drift(sent_at: object, now: datetime) -> timedelta:
    """How much the browser's clock is behind ours; nothing where it does not say, or is nearly right."""
    try:
        told = datetime.fromisoformat(sent_at) if isinstance(sent_at, str) else None
        drift = now - told if told is not None and told.tzinfo is not None else timedelta()
    except (ValueError, OverflowError):
        return timedelta()
    return drift if CORRECTED_FROM <= abs(drift) <= CORRECTED_UP_TO else timedelta()


def marks_of_event(properties: Mapping[str, object]) -> Marks:
    """Where a visit came from, as the properties of its page event tell."""
    told = {name: value for name, value in properties.items() if isinstance(value, str)}
    return marks_of(
        utm={name.removeprefix("utm_"): value for name, value in told.items() if name.startswith("utm_")},
        referrer=told.get("referrer", ""),
        page=told.get("url", ""),
        clicks=told.get("clicks", "").split(),
    )
