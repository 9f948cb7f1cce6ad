"""Social selling: where a lead is found on networks, and the messages that were exchanged there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import checked_line
from funnel.actions.tasks import done_by_call
from funnel.actions.working import held_for_work
from funnel.models import Network, SocialMessage
from funnel.refusals import Incomplete
from funnel.work import Direction
from leads.actions.events import record_event
from leads.actions.people import update_profile
from leads.choices import Origin
from leads.models import Lead, Source

# How long after a message it can still be written down.
LATEST = timedelta(days=30)
_KIND = {Direction.OUT: "social_message_sent", Direction.IN: "social_replied"}
# The sites of each network; a profile elsewhere is "other".
_SITES = {
    Network.LINKEDIN: ("linkedin.com",),
    Network.X: ("x.com", "twitter.com"),
    Network.FACEBOOK: ("facebook.com",),
    Network.INSTAGRAM: ("instagram.com",),
    Network.WHATSAPP: ("wa.me", "whatsapp.com"),
}


@transaction.atomic
def log_social(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    network: str,
    direction: Direction,
    at: datetime | None = None,
    note: str = "",
    key: UUID | None = None,
) -> SocialMessage:
    """Write down a message sent to a lead on a network, or their reply; by the same ``key`` once.

    A message of ours is a first contact, as a call is. Raises NotYours, Refused (``not_with_sales``),
    Incomplete.
    """
    standing = held_for_work(lead, by)
    if key and (known := SocialMessage.objects.filter(key=key, by=by).first()):
        return known
    moment = at or now
    if not now - LATEST <= moment <= now:
        raise Incomplete("social_time_impossible", field="at")
    row = SocialMessage.objects.create(
        lead_id=standing.lead_id,
        key=key or uuid4(),
        by=by,
        network=Network(network),
        direction=direction,
        at=moment,
        note=checked_line(note, "note", limit=1000),
    )
    record_event(
        lead_id=standing.lead_id,
        kind=_KIND[direction],
        occurred_at=moment,
        now=now,
        source=Source.PEOPLE,
        event_id=f"social:{row.key}",
        properties={"network": row.network, "by": by.pk},
    )
    done_by_call(standing, task=None, outbound=direction is Direction.OUT, by=by, now=now)
    return row


@transaction.atomic
def set_profile(*, lead: Lead, by: User, now: datetime, url: str) -> Mapping[str, str]:
    """Remember where the lead is found on a network, known by the address. Raises Incomplete, NotYours."""
    standing = held_for_work(lead, by)
    url = checked_line(url, "url", limit=300)
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Incomplete("link_impossible", field="url")
    social = {network_of(parts.hostname).value: url}
    update_profile(lead=standing.lead, changes={"social": social}, origin=Origin.SALES, now=now, by=by)
    return social


def network_of(host: str) -> Network:
    """Which network a site is."""
    for network, sites in _SITES.items():
        if any(host == site or host.endswith(f".{site}") for site in sites):
            return network
    return Network.OTHER
