"""Joining lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction

from leads.actions.events import new_event, record_events
from leads.kinds import BY_CODE
from leads.models import Lead, List, Source

# Both the new and those who had left are returned, who is a member already is not.
_JOIN = """
INSERT INTO leads_listmembership AS known (list_id, lead_id, joined_at)
SELECT %(list)s, lead_id, joined_at
  FROM unnest(%(leads)s::bigint[], %(times)s::timestamptz[]) AS joining(lead_id, joined_at)
    ON CONFLICT (list_id, lead_id) DO UPDATE SET joined_at = excluded.joined_at, left_at = NULL
 WHERE known.left_at IS NOT NULL
RETURNING lead_id
"""


def join_list(*, lead: Lead, joined: List, now: datetime) -> bool:
    """The lead is in the list from now on; false when it is already.

    Who had left and comes back joins again: the event says so.
    """
    return bool(join_list_at(joined=joined, times={lead.pk: now}, now=now))


@transaction.atomic
def join_list_at(*, joined: List, times: Mapping[int, datetime], now: datetime) -> set[int]:
    """As ``join_list`` for many leads by id, each from a time of its own; who joined."""
    leads = sorted(times)
    moments = [times[lead] for lead in leads]
    with connection.cursor() as cursor:
        cursor.execute(_JOIN, {"list": joined.pk, "leads": leads, "times": moments})
        new = {lead for (lead,) in cursor.fetchall()}
    if new:
        events = [
            new_event(
                lead_id=lead,
                kind_id=BY_CODE["list_joined"].id,
                occurred_at=times[lead],
                source_id=Source.ECLUSE,
                event_id=str(uuid4()),
                properties={"list": joined.code},
            )
            for lead in sorted(new)
        ]
        record_events(events, now=now)
    return new
