"""Visitors: remembering browsers, and giving their past to the person who turns out to sit there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from leads.actions.agenda import wake
from leads.choices import ConsentState, Purpose
from leads.models import ConsentEvent, Lead, Visitor


@dataclass(frozen=True, slots=True)
class FirstSight:
    """What is kept of the first event of a new visitor."""

    channel: str = ""
    landing_page: str = ""


def remember_visitors(
    seen: Mapping[UUID, FirstSight], *, source_id: int, now: datetime
) -> dict[UUID, int | None]:
    """Make the visitors that are new; for each one the lead they were identified as, or None."""
    known: dict[UUID, int | None] = dict(
        Visitor.objects.filter(pk__in=list(seen)).values_list("id", "lead_id")
    )
    new = sorted(seen.keys() - known.keys())
    if new:
        Visitor.objects.bulk_create(
            [
                Visitor(
                    id=visitor_id,
                    source_id=source_id,
                    first_seen_at=now,
                    channel=seen[visitor_id].channel,
                    landing_page=seen[visitor_id].landing_page[:500],
                )
                for visitor_id in new
            ],
            ignore_conflicts=True,
        )
        known |= dict(Visitor.objects.filter(pk__in=new).values_list("id", "lead_id"))
    return known


def leads_with_tracking(lead_ids: set[int]) -> set[int]:
    """Those whose last word in the ledger allows tracking; a cookie is no proof (bar: inputs B67)."""
    if not lead_ids:
        return set()
    last = (
        ConsentEvent.objects.filter(lead_id__in=lead_ids, purpose=Purpose.TRACKING)
        .order_by("lead_id", "-at", "-id")
        .distinct("lead_id")
    )
    return {lead for lead, state in last.values_list("lead_id", "state") if state == ConsentState.GRANTED}


@transaction.atomic
def identify_visitor(*, visitor_id: UUID, lead: Lead, source_id: int, now: datetime) -> int:
    """This browser belongs to this lead; returns how many of its past events became the lead's.

    Past events follow only with the lead's tracking consent. A browser that was somebody else's already
    stays theirs: two people at one browser are never merged, nor is one's past given to the other.
    """
    remember_visitors({visitor_id: FirstSight()}, source_id=source_id, now=now)
    visitor = Visitor.objects.select_for_update().get(pk=visitor_id)
    if visitor.lead_id is None:
        visitor.lead = lead
        visitor.identified_at = now
        visitor.save(update_fields=["lead", "identified_at"])
    if visitor.lead_id != lead.pk or not leads_with_tracking({lead.pk}):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_event SET lead_id = %s WHERE visitor_id = %s AND lead_id IS NULL",
            [lead.pk, visitor_id],
        )
        moved = int(cursor.rowcount)
    if moved:
        wake([lead.pk])
    return moved
