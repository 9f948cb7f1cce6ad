"""Who may work on a lead day by day: who has it on the table or works it, and who manages sales."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.standing import held, manages_sales
from funnel.models import Standing
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.research import checked
from funnel.stages import OFFERED, SAL, SQL
from leads.actions.people import update_profile
from leads.choices import Origin
from leads.models import Lead


def held_for_work(lead: Lead, by: User) -> Standing:
    """The held standing of a lead that is offered to sales or worked by them. Raises NotYours, Refused."""
    standing = held(lead.pk)
    if by.pk not in (standing.rep_id, standing.lead.offered_to_id) and not manages_sales(by):
        raise NotYours
    if standing.position not in (OFFERED, SAL, SQL):
        raise Refused("not_with_sales")
    return standing


@transaction.atomic
def find_out(*, lead: Lead, by: User, now: datetime, fields: Mapping[str, object]) -> list[str]:
    """Fill in what was missing about a lead in work (origin "sales"); the fields that changed.

    Raises Incomplete for fields that are unknown or impossible, NotYours, Refused.
    """
    changes = checked(fields)
    standing = held_for_work(lead, by)
    rows = update_profile(lead=standing.lead, changes=changes, origin=Origin.SALES, now=now, by=by)
    return [row.field for row in rows]


def checked_due(due_at: datetime | None, now: datetime) -> datetime:
    """A time for something to do: not past, not beyond two years. Raises Incomplete."""
    if due_at is None:
        raise Incomplete("due_required", field="due_at")
    if due_at < now:
        raise Incomplete("due_past", field="due_at")
    if (due_at - now).days > 730:
        raise Incomplete("due_too_far", field="due_at")
    return due_at
