"""Noting by which source somebody came, each time, and giving a visitor's touches to the lead it became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from leads.actions.people import update_profile
from leads.channel_rules import DIRECT, Marks, marks_of
from leads.choices import Origin
from leads.models import Campaign, Lead, Touch
from leads.sources import found_for

# The same source again within this time is the same visit.
ONE_VISIT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Arriving:
    """Somebody came: a visitor, a lead, or a visitor who is a lead. ``channel`` "" asks the rules."""

    at: datetime
    marks: Marks
    visitor_id: UUID | None = None
    lead_id: int | None = None
    channel: str = ""
    campaign_id: int | None = None

    @property
    def who(self) -> UUID | int | None:
        """By whom touches are compared."""
        return self.visitor_id or self.lead_id


@transaction.atomic
def note_touch(
    *,
    at: datetime,
    lead_id: int | None = None,
    visitor_id: UUID | None = None,
    channel: str = "",
    campaign: Campaign | int | None = None,
    utm: Mapping[str, str] | None = None,
    referrer: str = "",
    page: str = "",
) -> bool:
    """Note that a lead or a visitor came by a source; false when it is no new one.

    ``channel`` is what the caller knows (a trade show, a form's own channel); without it the channel rules
    decide. The same source again within half an hour is the same visit, and a page opened directly says
    nothing of somebody who came by a source before.
    """
    arriving = Arriving(
        at=at,
        marks=marks_of(utm=utm, referrer=referrer, page=page),
        visitor_id=visitor_id,
        lead_id=lead_id,
        channel=channel,
        campaign_id=campaign.pk if isinstance(campaign, Campaign) else campaign,
    )
    return bool(note_touches([arriving]))


def note_touches(arrivals: Sequence[Arriving]) -> list[Touch]:
    """Note those that are new, in one insert; call inside a transaction."""
    drafts = [touch for touch in map(_draft, arrivals) if touch.channel]
    if not drafts:
        return []
    last = _last_touches(drafts)
    new = []
    for touch in sorted(drafts, key=lambda one: one.at):
        who = touch.visitor_id or touch.lead_id
        if _is_new(touch, last.get(who)):
            last[who] = touch
            new.append(touch)
    return Touch.objects.bulk_create(new)


def _draft(arriving: Arriving) -> Touch:
    marks = arriving.marks
    found = found_for(marks)
    return Touch(
        lead_id=arriving.lead_id,
        visitor_id=arriving.visitor_id,
        at=arriving.at,
        channel=arriving.channel or found.channel,
        campaign_id=arriving.campaign_id or found.campaign,
        utm={name: value[:200] for name, value in marks.utm.items()},
        referrer="" if marks.is_internal else marks.referrer[:255],
        page=marks.page[:500],
        marks=list(marks.clicks),
    )


def _last_touches(drafts: Iterable[Touch]) -> dict[UUID | int | None, Touch]:
    """The newest touch of each of them, by visitor where one is known, else by lead."""
    rows = list(drafts)
    visitors = {row.visitor_id for row in rows if row.visitor_id}
    leads = {row.lead_id for row in rows if row.lead_id and not row.visitor_id}
    found: dict[UUID | int | None, Touch] = {}
    if visitors:
        known = Touch.objects.filter(visitor_id__in=visitors).order_by("visitor_id", "-at", "-id")
        found |= {touch.visitor_id: touch for touch in known.distinct("visitor_id")}
    if leads:
        mine = Touch.objects.filter(lead_id__in=leads).order_by("lead_id", "-at", "-id")
        found |= {touch.lead_id: touch for touch in mine.distinct("lead_id")}
    return found


def _is_new(touch: Touch, last: Touch | None) -> bool:
    """Whether it is another source than the last, or the same one on another visit."""
    if last is None:
        return True
    if touch.channel == DIRECT:
        return False
    same = (touch.channel, touch.campaign_id, touch.utm, touch.referrer) == (
        last.channel,
        last.campaign_id,
        last.utm,
        last.referrer,
    )
    return not (same and abs(touch.at - last.at) < ONE_VISIT)


def attach_touches(*, visitor_id: UUID, lead: Lead, since: datetime | None, now: datetime) -> int:
    """A visitor's touches (from ``since``, if somebody else sat there before) become the lead's."""
    mine = Touch.objects.filter(visitor_id=visitor_id, lead=None)
    if since is not None:
        mine = mine.filter(at__gte=since)
    moved = mine.update(lead=lead)
    if moved:
        _settle_channels(lead, now=now)
    return moved


def _settle_channels(lead: Lead, *, now: datetime) -> None:
    """The first touch is how a lead came who was only made now; what was known before stays."""
    first = Touch.objects.filter(lead=lead).order_by("at", "id").first()
    is_new = lead.created_at == now
    if first is None or not (is_new or not lead.channel) or first.channel in ("", lead.channel):
        return
    update_profile(lead=lead, changes={"channel": first.channel}, origin=Origin.DEDUCED, now=now, wakes=False)
