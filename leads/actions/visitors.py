"""Visitors: remembering browsers, and giving their past to the person who turns out to sit there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from leads.actions.agenda import wake
from leads.actions.consent import record_consent
from leads.actions.touches import attach_touches
from leads.actions.verdicts import person_showed_up
from leads.choices import ConsentState, Purpose
from leads.models import ConsentEvent, Lead, Visitor


@dataclass(frozen=True, slots=True)
class FirstSight:
    """What is kept of the first event of a new visitor."""

    channel: str = ""
    landing_page: str = ""


class Known(NamedTuple):
    """What is known of a visitor whose events come in."""

    lead_id: int | None = None
    lead_since: datetime | None = None
    verdict: int = 0
    withdrawn_at: datetime | None = None

    def lead_at(self, moment: datetime) -> int | None:
        """Whose an event of this moment is: nobody's, when somebody else still sat there."""
        if self.lead_since is not None and moment < self.lead_since:
            return None
        return self.lead_id


def remember_visitors(seen: Mapping[UUID, FirstSight], *, source_id: int, now: datetime) -> dict[UUID, Known]:
    """Make the visitors that are new; what is known of each one."""
    known = _known(seen)
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
        known |= _known(new)
    return known


def _known(visitors: Mapping[UUID, FirstSight] | list[UUID]) -> dict[UUID, Known]:
    rows = Visitor.objects.filter(pk__in=list(visitors)).values_list("id", *Known._fields)
    return {row[0]: Known(*row[1:]) for row in rows}


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
    """A person showed that they sit at this browser; returns how many past events became theirs.

    Past events follow only with the lead's tracking consent. Where the browser was somebody else's, it is
    this person's from ``now`` on: two people at one browser are never merged, nor is one's past given to
    the other.
    """
    remember_visitors({visitor_id: FirstSight()}, source_id=source_id, now=now)
    visitor = Visitor.objects.select_for_update().get(pk=visitor_id)
    if visitor.lead_id != lead.pk:
        visitor.lead_since = None if visitor.lead_id is None else now
        visitor.lead = lead
        visitor.identified_at = now
        visitor.save(update_fields=["lead", "lead_since", "identified_at"])
    if visitor.withdrawn_at is not None or not leads_with_tracking({lead.pk}):
        return 0
    moved = _attach_events(visitor, lead)
    attach_touches(visitor_id=visitor_id, lead=lead, since=visitor.lead_since, now=now)
    person_showed_up(visitor=visitor, lead=lead, now=now)
    return moved


def _attach_events(visitor: Visitor, lead: Lead) -> int:
    """The visitor's events become the lead's, from the moment on that this person sat there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_event SET lead_id = %s WHERE visitor_id = %s AND lead_id IS NULL "
            "AND occurred_at >= coalesce(%s, '-infinity'::timestamptz)",
            [lead.pk, visitor.pk, visitor.lead_since],
        )
        moved = int(cursor.rowcount)
    if moved:
        wake([lead.pk])
    return moved


@dataclass(frozen=True, slots=True)
class Proof:
    """What the ledger keeps of the request by which somebody withdrew."""

    page_url: str = ""
    ip_truncated: str = ""
    user_agent_hash: str = ""


@transaction.atomic
def withdraw_visitor(*, visitor_id: UUID, proof: Proof, actor: str, now: datetime) -> None:
    """This browser's consent is gone: nothing of it is stored any more, and the ledger says so of its lead.

    A visitor nobody knows is not made. Withdrawing needs no proof of who asks: it only ever protects.
    """
    visitor = Visitor.objects.select_for_update().filter(pk=visitor_id).first()
    if visitor is None or visitor.withdrawn_at is not None:
        return
    visitor.withdrawn_at = now
    visitor.save(update_fields=["withdrawn_at"])
    if visitor.lead is not None and leads_with_tracking({visitor.lead.pk}):
        record_consent(
            lead=visitor.lead,
            purpose=Purpose.TRACKING,
            state=ConsentState.WITHDRAWN,
            now=now,
            page_url=proof.page_url,
            ip_truncated=proof.ip_truncated,
            user_agent_hash=proof.user_agent_hash,
            actor=actor,
        )
