"""What marketing does with a lead by hand, always for a reason: make it an MQL, cool it, wake it, reopen it.

Marketing moves what sales do not work; managers of sales may do the same. A lead that was put down stays down
for as many days as the reason says, but for a strong event: the next look at its score does not undo it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import Grounds, settle
from funnel.actions.offers import withdraw_offers
from funnel.actions.passages import Owner, pass_on
from funnel.actions.standing import (
    WAKE_PURPOSE,
    held,
    record_decision,
    require_mover,
    settle_later,
    step,
)
from funnel.days import start_of_day
from funnel.models import Reason, Standing
from funnel.refusals import Refused
from funnel.stages import DAILY, LEAD, MARKETING, OFFERED, Position, Verb, refusal
from leads.actions.agenda import schedule
from leads.models import Lead


@transaction.atomic
def promote(*, lead: Lead, by: User, now: datetime, reason: str | Reason, note: str = "") -> Standing:
    """Lead → MQL by a marketer. It stays one until the gate has confirmed it and it cools again.

    Raises Refused (``not_a_lead``), NotYours, Incomplete.
    """
    standing, grounds = _held_for(Verb.PROMOTE, MARKETING, lead, by=by, now=now, reason=reason, note=note)
    standing.is_pinned = True
    standing.gates_shut_until = None
    pass_on([step(standing, Verb.PROMOTE, MARKETING, now=now, by=by, grounds=grounds)])
    record_decision(standing, "became_mql", now=now, by_hand=True, reason=grounds.reason.code)
    return standing


@transaction.atomic
def cool(*, lead: Lead, by: User, now: datetime, reason: str | Reason, note: str = "") -> Standing:
    """MQL → lead; an open offer is withdrawn. Raises Refused (``not_an_mql``), NotYours, Incomplete."""
    standing, grounds = _held_for(Verb.COOL, LEAD, lead, by=by, now=now, reason=reason, note=note)
    _put_down(standing, Verb.COOL, LEAD, grounds, by=by, now=now)
    record_decision(standing, "cooled_down", now=now, by_hand=True, reason=grounds.reason.code)
    return standing


@transaction.atomic
def put_back(*, lead: Lead, by: User, now: datetime, reason: str | Reason, note: str = "") -> Standing:
    """Ready or offered → in marketing; an open offer is withdrawn. Raises Refused (``not_ready``), NotYours,
    Incomplete."""
    standing, grounds = _held_for(Verb.UNREADY, MARKETING, lead, by=by, now=now, reason=reason, note=note)
    _put_down(standing, Verb.UNREADY, MARKETING, grounds, by=by, now=now)
    settle_later(standing, now=now)
    return standing


@transaction.atomic
def wake_up(*, lead: Lead, by: User, now: datetime, reason: str | Reason, note: str = "") -> Standing:
    """Recycled → lead, new cycle, before its wake date. Raises Refused (``not_recycled``), NotYours,
    Incomplete."""
    standing, grounds = _held_for(Verb.WAKE, LEAD, lead, by=by, now=now, reason=reason, note=note)
    _begin_anew(standing)
    pass_on([step(standing, Verb.WAKE, LEAD, now=now, by=by, grounds=grounds)])
    record_decision(standing, "woken", now=now, by_hand=True, reason=grounds.reason.code)
    return standing


@transaction.atomic
def reopen(*, lead: Lead, by: User, now: datetime, reason: str | Reason, note: str = "") -> Standing:
    """Disqualified or customer → lead, new cycle. Raises Refused (``not_closed``), NotYours, Incomplete."""
    standing, grounds = _held_for(Verb.REOPEN, LEAD, lead, by=by, now=now, reason=reason, note=note)
    _begin_anew(standing)
    pass_on([step(standing, Verb.REOPEN, LEAD, now=now, by=by, grounds=grounds, owner=Owner.NOBODY)])
    record_decision(standing, "reopened", now=now, reason=grounds.reason.code)
    return standing


def _held_for(
    verb: Verb, target: Position, lead: Lead, *, by: User, now: datetime, reason: str | Reason, note: str
) -> tuple[Standing, Grounds]:
    """The locked standing of a lead that may make this passage, and the checked grounds."""
    require_mover(by)
    grounds = settle(verb, reason, now=now, note=note)
    standing = held(lead.pk)
    if code := refusal(verb, standing.position, target):
        raise Refused(code)
    return standing, grounds


def _put_down(
    standing: Standing, verb: Verb, target: Position, grounds: Grounds, *, by: User, now: datetime
) -> None:
    """Down by hand, and not up again by itself before the day that the reason says."""
    if standing.position == OFFERED:
        withdraw_offers([standing.lead_id], now=now)
    standing.is_pinned = False
    standing.gates_shut_until = grounds.wake_on
    schedule(lead_id=standing.lead_id, purpose=WAKE_PURPOSE, due_at=start_of_day(grounds.wake_on))
    pass_on([step(standing, verb, target, now=now, by=by, grounds=grounds)])


def _begin_anew(standing: Standing) -> None:
    """A new cycle starts with open gates and its own passages."""
    for name in ("wake_on", "gates_shut_until", *DAILY):
        setattr(standing, name, None)
