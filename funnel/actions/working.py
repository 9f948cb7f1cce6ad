"""Who may work on a lead day by day: who has it on the table or works it, and who manages sales."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from funnel.actions.standing import held, manages_sales
from funnel.models import Standing
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.stages import OFFERED, SAL, SQL
from leads.models import Lead


def held_for_work(lead: Lead, by: User) -> Standing:
    """The held standing of a lead that is offered to sales or worked by them. Raises NotYours, Refused."""
    standing = held(lead.pk)
    if by.pk not in (standing.rep_id, standing.lead.offered_to_id) and not manages_sales(by):
        raise NotYours
    if standing.position not in (OFFERED, SAL, SQL):
        raise Refused("not_with_sales")
    return standing


def checked_due(due_at: datetime | None, now: datetime) -> datetime:
    """A time for something to do: not past, not beyond two years. Raises Incomplete."""
    if due_at is None:
        raise Incomplete("due_required", field="due_at")
    if due_at < now:
        raise Incomplete("due_past", field="due_at")
    if (due_at - now).days > 730:
        raise Incomplete("due_too_far", field="due_at")
    return due_at
