"""Revising what is expected of an opportunity; every change is kept."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import checked_line
from funnel.actions.opportunities import PRODUCT_LIMIT, checked_amount
from funnel.actions.standing import held, require_worker
from funnel.days import today
from funnel.models import Opportunity, OpportunityChange
from funnel.refusals import Incomplete, Refused
from funnel.stages import SQL
from leads.models import Lead


@transaction.atomic
def revise(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    product: str,
    expected_amount: Decimal | None,
    expected_close: date | None,
) -> Opportunity:
    """Expect something else of the open opportunity of an SQL. What stays the same leaves no trace.

    Raises Refused (``not_an_sql``), NotYours, Incomplete.
    """
    standing = held(lead.pk)
    require_worker(standing, by)
    opportunity = Opportunity.objects.filter(lead=lead, cycle=standing.cycle, outcome="").first()
    if standing.position != SQL or opportunity is None:
        raise Refused("not_an_sql")
    wanted = _checked(opportunity, product, expected_amount, expected_close, now)
    changes = [_change(opportunity, name, value, by, now) for name, value in wanted.items()]
    OpportunityChange.objects.bulk_create(one for one in changes if one.old != one.new)
    for name, value in wanted.items():
        setattr(opportunity, name, value)
    opportunity.save(update_fields=list(wanted))
    return opportunity


def _checked(
    opportunity: Opportunity, product: str, amount: Decimal | None, close: date | None, now: datetime
) -> dict[str, object]:
    """The new expectations. A date that has gone by may stay, but nobody can choose one."""
    if amount is None:
        raise Incomplete("amount_required", field="expected_amount")
    if close is None:
        raise Incomplete("close_date_required", field="expected_close")
    if close < today(now) and close != opportunity.expected_close:
        raise Incomplete("close_date_past", field="expected_close")
    name = checked_line(product, "product", limit=PRODUCT_LIMIT)
    if not name:
        raise Incomplete("product_required", field="product")
    return {
        "product": name,
        "expected_amount": checked_amount(amount, "expected_amount"),
        "expected_close": close,
    }


def _change(opportunity: Opportunity, name: str, value: object, by: User, now: datetime) -> OpportunityChange:
    old = getattr(opportunity, name)
    return OpportunityChange(
        opportunity=opportunity, field=name, old=_stored(old), new=_stored(value), at=now, by=by
    )


def _stored(value: object) -> object:
    return value if value is None or isinstance(value, str) else str(value)
