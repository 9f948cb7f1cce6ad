"""The one event that says why to look at a lead now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from funnel.snooze import WEIGHTY
from leads.kinds import BY_ID, Kind

WHY_WINDOW = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class WhyNow:
    """The event that says why to look at this lead now."""

    kind: Kind
    at: datetime


_WHY = """
SELECT DISTINCT ON (lead_id) lead_id, kind_id, occurred_at FROM leads_event
WHERE lead_id = ANY(%(leads)s) AND kind_id = ANY(%(kinds)s) AND signature_id <> 0 AND occurred_at > %(after)s
ORDER BY lead_id, kind_id = ANY(%(intents)s) DESC, occurred_at DESC
"""


def why_now(lead_ids: Sequence[int], *, now: datetime) -> dict[int, WhyNow]:
    """For each lead the newest act of intent of the last 90 days, else the newest event that weighs."""
    if not lead_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _WHY,
            {
                "leads": list(lead_ids),
                "kinds": list(WEIGHTY),
                "intents": [number for number, kind in WEIGHTY.items() if kind.is_intent],
                "after": now - WHY_WINDOW,
            },
        )
        return {lead: WhyNow(BY_ID[kind], at) for lead, kind, at in cursor.fetchall()}
