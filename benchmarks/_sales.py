"""Reps, leads that wait, leads being worked: what the benchmarks of the funnel start from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection

# Leads that stand in the funnel already; their priorities spread without any order.
_STANDINGS = """
INSERT INTO funnel_standing (lead_id, stage, situation, cycle, since, ready_since, rep_id, is_pinned,
    priority)
SELECT lead, %(stage)s, %(situation)s, 1, %(at)s, %(ready)s, rep, false, lead * 7919 %% 1000
FROM unnest(%(leads)s::bigint[], %(reps)s::bigint[]) AS given(lead, rep)
"""


def make_reps(number: int, **fields: object) -> list[int]:
    """Reps alike, with desks of these fields; their ids."""
    from accounts.models import User
    from accounts.roles import Role
    from funnel.models import Rep

    users = User.objects.bulk_create(
        User(email=f"rep{n}@desk.example", first_name="Rep", last_name=str(n), role=Role.REP, password="!")
        for n in range(number)
    )
    Rep.objects.bulk_create(Rep(user=user, **fields) for user in users)
    return [user.pk for user in users]


def stand(leads: list[int], stage: str, *, situation: str = "", reps: list[int] | None = None) -> None:
    """Have these leads stand there since three days, worked by these reps in turn where there are any."""
    at = datetime.now(UTC) - timedelta(days=3)
    workers = [reps[n % len(reps)] if reps else None for n in range(len(leads))]
    with connection.cursor() as cursor:
        cursor.execute(
            _STANDINGS,
            {
                "leads": leads,
                "reps": workers,
                "stage": stage,
                "situation": situation,
                "at": at,
                "ready": at if situation == "ready" else None,
            },
        )
        cursor.execute(
            "UPDATE leads_lead AS lead SET stage = %s, owner_id = rep_id FROM funnel_standing AS standing"
            " WHERE standing.lead_id = lead.id AND lead.id = ANY(%s)",
            [stage, leads],
        )
        cursor.execute("ANALYZE funnel_standing")
