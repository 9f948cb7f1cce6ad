"""Noting when a lead was last active: retention counts from there, lists sort by it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

# What people themselves did; what Écluse or sales did is no activity of theirs, a machine's neither.
_NOTE = """
UPDATE leads_lead AS lead SET last_activity_at = newest.at
FROM (
    SELECT one.id, (
        SELECT event.occurred_at FROM leads_event AS event
        WHERE event.lead_id = one.id AND event.signature_id <> 0 AND event.kind_id = ANY(%(kinds)s)
        ORDER BY event.occurred_at DESC LIMIT 1
    ) AS at
    FROM unnest(%(leads)s::bigint[]) AS one(id)
) AS newest
WHERE lead.id = newest.id AND newest.at IS NOT NULL AND lead.last_activity_at IS DISTINCT FROM newest.at
"""


def note_activity(lead_ids: Sequence[int]) -> int:
    """Bring ``last_activity_at`` of these leads up to date; how many changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM leads_eventkind WHERE is_activity")
        kinds = [row[0] for row in cursor.fetchall()]
        cursor.execute(_NOTE, {"leads": list(lead_ids), "kinds": kinds})
        return int(cursor.rowcount)
