"""New rules move leads at a pace that sales, marketing and mail servers can follow.

A pass after publishing stores every new score at once, but does not wake the leads whose band changed: it
holds them, and lets so many go each hour (``settings.PUBLISHED_LEADS_AN_HOUR``), the highest priority first.
Passages, offers and mails follow from waking, so none of them can be more than that because of new rules.
What a lead does itself wakes it at once, as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from leads.actions.agenda import wake
from scoring.models import HeldRelease, HeldWake
from scoring.sql import HELD_LOCK

HOUR = timedelta(hours=1)
KEPT = timedelta(days=7)


def hold(lead_ids: Sequence[int], priorities: Sequence[int], *, now: datetime) -> int:
    """Keep these leads for later; how many. Without a limit they are woken at once, and none is held."""
    if not lead_ids:
        return 0
    if not settings.PUBLISHED_LEADS_AN_HOUR:
        wake(lead_ids)
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scoring_heldwake (lead_id, priority, held_at) "
            "SELECT *, %s::timestamptz FROM unnest(%s::bigint[], %s::int[]) "
            "ON CONFLICT (lead_id) DO UPDATE SET priority = EXCLUDED.priority",
            [now, list(lead_ids), list(priorities)],
        )
    return len(lead_ids)


def allowance(per_hour: int, released: int) -> int:
    """How many may go now, when ``released`` went in the last hour: a minute's share at once, and never more
    than ``per_hour`` within an hour. 0 an hour is no limit at all, and lets everybody go."""
    if not per_hour:
        return 2**31 - 1
    return max(0, min(ceil(per_hour / 60), per_hour - released))


@transaction.atomic
def release_held(*, now: datetime) -> int:
    """Wake the most promising of those held, as many as may go now; how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [HELD_LOCK])
        HeldRelease.objects.filter(at__lt=now - KEPT).delete()
        recent = HeldRelease.objects.filter(at__gt=now - HOUR).aggregate(leads=Sum("leads"))["leads"] or 0
        cursor.execute(
            "DELETE FROM scoring_heldwake WHERE lead_id IN (SELECT lead_id FROM scoring_heldwake "
            "ORDER BY priority DESC, lead_id LIMIT %s FOR UPDATE) RETURNING lead_id",
            [allowance(settings.PUBLISHED_LEADS_AN_HOUR, recent)],
        )
        lead_ids = [row[0] for row in cursor.fetchall()]
    if lead_ids:
        HeldRelease.objects.create(at=now, leads=len(lead_ids))
        wake(lead_ids)
    return len(lead_ids)


def still_held() -> int:
    """How many wait."""
    return HeldWake.objects.count()
