"""What a rep whose inbox is empty can expect."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from funnel.models import Offer, Rep
from funnel.next_offer import HABIT, Desk, Outlook, outlook
from funnel.queries.inbox import Head
from funnel.queries.waiting import waiting_room

# Enough to say "many".
MOST_COUNTED = 100


def outlook_of(head: Head, *, now: datetime) -> Outlook:
    """When the next offer is likely. Two queries."""
    return outlook(_desk(head.rep, head, now) if head.rep else None, now)


def _desk(rep: Rep, head: Head, now: datetime) -> Desk:
    calendar = rep.calendar
    today = datetime.combine(calendar.local_day(now), time(), ZoneInfo(rep.time_zone))
    offers = Offer.objects.filter(rep=rep.pk, offered_at__gt=now - HABIT, offered_at__lte=now)
    made = offers.aggregate(lately=Count("pk"), today=Count("pk", filter=Q(offered_at__gte=today)))
    return Desk(
        calendar=calendar,
        is_active=rep.is_active,
        free=head.free,
        used_up=made["today"] >= rep.offers_per_day,
        waiting=len(waiting_room().values_list("pk", flat=True)[:MOST_COUNTED]),
        lately=made["lately"],
    )
