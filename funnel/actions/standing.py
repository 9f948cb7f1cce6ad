"""Holding one lead while somebody decides on it, and who may."""

from __future__ import annotations

from datetime import datetime

import rules

from accounts.models import User
from funnel.actions.grounds import Grounds
from funnel.actions.passages import Owner, Step
from funnel.days import start_of_day
from funnel.models import Standing
from funnel.refusals import NotYours, Refused
from funnel.service_levels import DECIDED_PURPOSE, UNDO_IN_PAGE
from funnel.stages import Position, Verb
from leads.actions.agenda import schedule
from leads.actions.events import record_event
from leads.bell import ring
from leads.models import Source

WAKE_PURPOSE = "funnel.wake"


def held(lead_id: int) -> Standing:
    """The lead's standing (with the lead), both locked; the lead always first. Raises Refused."""
    standings = Standing.objects.select_related("lead").select_for_update(of=("lead", "self"), no_key=True)
    standing = standings.filter(lead=lead_id).first()
    if standing is None:
        raise Refused("not_in_funnel")
    return standing


def manages_sales(user: User) -> bool:
    return bool(rules.has_perm("funnel.manage_sales", user))


def require_worker(standing: Standing, by: User) -> None:
    """Only who works the lead, or who manages sales. Raises NotYours."""
    if standing.rep_id != by.pk and not manages_sales(by):
        raise NotYours


def moves_leads(user: User) -> bool:
    """Marketing's right over leads that sales do not work."""
    return bool(rules.has_perm("funnel.move_leads", user))


def require_mover(by: User) -> None:
    """Only marketing and who manages sales. Raises NotYours."""
    if not (moves_leads(by) or manages_sales(by)):
        raise NotYours


def step(
    standing: Standing,
    verb: Verb,
    target: Position,
    *,
    now: datetime,
    by: User,
    grounds: Grounds | None = None,
    note: str = "",
    outcome: str = "",
    details: dict[str, object] | None = None,
    owner: Owner = Owner.KEPT,
) -> Step:
    """A person's passage."""
    return Step(
        standing,
        verb,
        target,
        now,
        actor=by,
        reason=grounds.reason if grounds else None,
        note=grounds.note if grounds else note,
        outcome=outcome,
        details=(grounds.details if grounds else {}) | (details or {}),
        owner=owner,
    )


def park(standing: Standing, grounds: Grounds) -> None:
    """Shut the gates until the wake date, and have the lead looked at when it comes."""
    standing.wake_on = standing.gates_shut_until = grounds.wake_on
    standing.is_pinned = False
    schedule(lead_id=standing.lead_id, purpose=WAKE_PURPOSE, due_at=start_of_day(grounds.wake_on))


def record_decision(standing: Standing, kind: str, *, now: datetime, **properties: object) -> None:
    """The decision as an event of the lead. What follows from it is held for UNDO_IN_PAGE: the lead is looked
    at and webhooks leave only then."""
    known = {name: value for name, value in properties.items() if value not in (None, "", [], {})}
    record_event(
        lead_id=standing.lead_id,
        kind=kind,
        occurred_at=now,
        now=now,
        source=Source.PEOPLE,
        properties=known,
        wakes=False,
        told_at=now + UNDO_IN_PAGE,
    )
    settle_later(standing, now=now)


def settle_later(standing: Standing, *, now: datetime) -> None:
    """Have the lead looked at once the decision can no longer be undone in the page, not before."""
    schedule(lead_id=standing.lead_id, purpose=DECIDED_PURPOSE, due_at=now + UNDO_IN_PAGE)
    ring("pipeline", after=UNDO_IN_PAGE.total_seconds())
