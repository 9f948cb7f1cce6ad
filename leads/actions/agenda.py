"""Putting leads on the agenda, now or later, and taking them off it to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from leads.bell import ring
from leads.models import Due


def wake(lead_ids: Iterable[int]) -> None:
    """Have these leads looked at as soon as the current transaction is committed."""
    distinct = sorted(set(lead_ids))
    if not distinct:
        return
    with connection.cursor() as cursor:
        # As one literal, numbers are adapted many times quicker than as a list.
        literal = "{" + ",".join(map(str, distinct)) + "}"
        cursor.execute("INSERT INTO leads_wake (lead_id) SELECT unnest(%s::bigint[])", [literal])
    ring("pipeline")


def schedule(*, lead_id: int, purpose: str, due_at: datetime) -> None:
    """Have this lead looked at when ``due_at`` has come; replaces what was scheduled for the purpose."""
    schedule_all([(lead_id, purpose, due_at)])


def schedule_all(rows: Sequence[tuple[int, str, datetime]]) -> None:
    """Schedule many (lead id, purpose, due at) at once."""
    Due.objects.bulk_create(
        [Due(lead_id=lead_id, purpose=purpose, due_at=due_at) for lead_id, purpose, due_at in rows],
        update_conflicts=True,
        unique_fields=["lead_id", "purpose"],
        update_fields=["due_at"],
    )


def cancel(*, lead_ids: Iterable[int], purpose: str) -> None:
    """Forget what was scheduled for ``purpose``."""
    Due.objects.filter(lead_id__in=list(lead_ids), purpose=purpose).delete()


# Takes what is due: wakes in the order they came, then rows whose time has come. SKIP LOCKED shares the
# agenda between workers; the DELETE rolls back with everything else if the worker dies.
_TAKE = """
WITH woken AS (
    DELETE FROM leads_wake WHERE id = ANY(ARRAY(
        SELECT id FROM leads_wake ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )) RETURNING lead_id
), due AS (
    DELETE FROM leads_due WHERE id = ANY(ARRAY(
        SELECT id FROM leads_due WHERE due_at <= %(now)s
        ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )) RETURNING lead_id
)
SELECT lead_id FROM woken UNION SELECT lead_id FROM due
"""


def claim(*, limit: int, now: datetime) -> list[int]:
    """Take up to ``limit`` wakes and as many due rows; the ids of their leads, each once, locked in id order.

    A lead that somebody else is just working on is put back for the next round, so nobody waits. Call in
    the transaction that draws the conclusions.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"limit": limit, "now": now})
        taken = [row[0] for row in cursor.fetchall()]
        if not taken:
            return []
        cursor.execute(
            "SELECT id FROM leads_lead WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED", [taken]
        )
        locked = [row[0] for row in cursor.fetchall()]
        busy = set(taken) - set(locked)
        if busy:
            cursor.execute(
                "INSERT INTO leads_wake (lead_id) SELECT id FROM leads_lead WHERE id = ANY(%s)",
                [sorted(busy)],
            )
    return locked
