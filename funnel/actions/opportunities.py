"""Opportunities: opened at SQL, closed by how the business ended."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from funnel.actions.grounds import checked_line
from funnel.choices import Outcome
from funnel.days import today
from funnel.models import Opportunity, Standing
from funnel.queries.products import usual_amount
from funnel.refusals import Incomplete

PRODUCT_LIMIT = 200
_BEYOND = Decimal(10) ** 10


def open_opportunity(
    standing: Standing, *, now: datetime, product: str, amount: Decimal | None, close: date | None
) -> Opportunity:
    """The opportunity of an SQL. Raises Incomplete unless product, amount and a coming date are given."""
    product = checked_line(product, "product", limit=PRODUCT_LIMIT)
    if not product:
        raise Incomplete("product_required", field="product")
    amount = usual_amount(product) if amount is None else amount
    if amount is None:
        raise Incomplete("amount_required", field="expected_amount")
    if close is None:
        raise Incomplete("close_date_required", field="expected_close")
    if close < today(now):
        raise Incomplete("close_date_past", field="expected_close")
    standing.changed["opportunity"] = None
    return Opportunity.objects.create(
        lead_id=standing.lead_id,
        cycle=standing.cycle,
        product=product,
        expected_amount=checked_amount(amount, "expected_amount"),
        expected_close=close,
        opened_at=now,
    )


def close_opportunity(
    standing: Standing,
    outcome: Outcome,
    *,
    now: datetime,
    amount: Decimal | None = None,
    product: str = "",
    partner: str = "",
    competitor: str = "",
) -> Opportunity:
    """How the business of this cycle ended; one that never was an SQL gets its row now."""
    found = Opportunity.objects.filter(lead=standing.lead_id, cycle=standing.cycle).first()
    standing.changed["opportunity"] = row_of(found) if found else None
    opportunity = found or Opportunity(lead_id=standing.lead_id, cycle=standing.cycle, opened_at=now)
    opportunity.outcome, opportunity.closed_at = outcome, now
    opportunity.amount = checked_amount(amount, "amount") if amount is not None else None
    opportunity.product = product or opportunity.product
    opportunity.partner, opportunity.competitor = partner, competitor
    opportunity.save()
    return opportunity


def row_of(opportunity: Opportunity) -> dict[str, object]:
    """All its values by column, as they are stored."""
    return {field.attname: getattr(opportunity, field.attname) for field in opportunity._meta.concrete_fields}


def checked_amount(amount: Decimal, name: str) -> Decimal:
    """Euros and cents. Raises Incomplete for what no business could be worth."""
    try:
        rounded = amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        raise Incomplete("amount_impossible", field=name) from None
    if not rounded.is_finite() or not 0 <= rounded < _BEYOND:
        raise Incomplete("amount_impossible", field=name)
    return rounded
