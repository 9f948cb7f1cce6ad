"""What a rep whose inbox is empty can expect."""

from __future__ import annotations

from datetime import datetime

from funnel.models import Offer, Rep
from funnel.next_offer import HABIT, Desk, Outlook, outlook
from funnel.queries.capacity import offered_today
from funnel.queries.inbox import Head
from funnel.queries.waiting import waiting_room

# Enough to say "many".
MOST_COUNTED = 100


def outlook_of(head: Head, *, now: datetime) -> Outlook:
    """When the next offer is likely. Three queries."""
    return outlook(_desk(head.rep, head, now) if head.rep else None, now)


def _desk(rep: Rep, head: Head, now: datetime) -> Desk:
    given = offered_today([rep.pk], now=now)[rep.pk]
    lately = Offer.objects.filter(rep=rep.pk, offered_at__gt=now - HABIT, offered_at__lte=now)
    return Desk(
        calendar=rep.calendar,
        is_active=rep.is_active,
        free=head.free,
        used_up=given >= rep.offers_per_day,
        waiting=len(waiting_room().values_list("pk", flat=True)[:MOST_COUNTED]),
        lately=lately.count(),
    )
