"""What a rep does with a lead of theirs: confirm what is known, qualify it, win, lose or refer it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import Grounds, checked_line, settle
from funnel.actions.opportunities import PRODUCT_LIMIT, close_opportunity, open_opportunity
from funnel.actions.passages import Owner, last_passage, pass_on
from funnel.actions.standing import held, park, record_decision, require_worker, step
from funnel.choices import Outcome
from funnel.models import Reason, Standing
from funnel.queries.checklist import missing_labels, progress_of
from funnel.refusals import Incomplete, Refused
from funnel.stages import CUSTOMER, RECYCLED, SQL, Position, Stage, Verb, refusal
from leads.models import Lead


def _done_before(standing: Standing, verb: Verb, by: User) -> bool:
    """A double press: the last thing that happened to the lead is this very decision of this person."""
    last = last_passage(standing.lead_id)
    return last is not None and last.verb == verb and last.actor_id == by.pk


@transaction.atomic
def qualify(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    product: str,
    expected_amount: Decimal | None,
    expected_close: date | None,
) -> Standing:
    """SAL → SQL, with its opportunity. Doing it twice is no error.

    Raises Refused: ``checklist_incomplete`` (``codes`` names the items), ``not_accepted``; NotYours;
    Incomplete.
    """
    standing = held(lead.pk)
    _require_owner(standing, by)
    if standing.position == SQL and _done_before(standing, Verb.QUALIFY, by):
        return standing
    if code := refusal(Verb.QUALIFY, standing.position, SQL):
        raise Refused(code)
    found = progress_of(standing)
    if not found.holds:
        codes = [gap.code for gap in found.gaps]
        raise Refused("checklist_incomplete", missing=", ".join(missing_labels(codes)), codes=codes)
    open_opportunity(standing, now=now, product=product, amount=expected_amount, close=expected_close)
    pass_on([step(standing, Verb.QUALIFY, SQL, now=now, by=by)])
    record_decision(standing, "qualified", now=now)
    return standing


@transaction.atomic
def win(*, lead: Lead, by: User, now: datetime, amount: Decimal | None = None, product: str = "") -> Standing:
    """SAL or SQL → customer; the owner stays. Doing it twice is no error. Raises as qualify does."""
    standing = held(lead.pk)
    _require_owner(standing, by)
    if standing.position == CUSTOMER and _done_before(standing, Verb.WIN, by):
        return standing
    if code := refusal(Verb.WIN, standing.position, CUSTOMER):
        raise Refused(code)
    product = checked_line(product, "product", limit=PRODUCT_LIMIT)
    close_opportunity(standing, Outcome.WON, now=now, amount=amount, product=product)
    pass_on([step(standing, Verb.WIN, CUSTOMER, now=now, by=by, outcome=Outcome.WON)])
    record_decision(standing, "won", now=now, amount=str(amount) if amount is not None else "")
    return standing


def _require_owner(standing: Standing, by: User) -> None:
    """Who works it, or who won it."""
    if standing.lead.owner_id != by.pk:
        require_worker(standing, by)


@transaction.atomic
def lose(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    reason: str | Reason,
    note: str = "",
    wake_month: date | None = None,
) -> Standing:
    """SQL → recycled or disqualified, as the reason says. Raises Refused, NotYours, Incomplete."""
    grounds = settle(Verb.LOSE, reason, now=now, note=note, month=wake_month)
    return _end(Verb.LOSE, lead=lead, by=by, now=now, grounds=grounds)


@transaction.atomic
def refer(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    partner: str,
    reason: str | Reason = "better_served",
    note: str = "",
) -> Standing:
    """SAL or SQL → to a partner who serves it better: neither lost nor negative. Raises as lose does."""
    partner = checked_line(partner, "partner", limit=PRODUCT_LIMIT)
    if not partner:
        raise Incomplete("partner_required", field="partner")
    grounds = settle(Verb.REFER, reason, now=now, note=note or partner)
    return _end(Verb.REFER, lead=lead, by=by, now=now, grounds=grounds, partner=partner)


_OUTCOME = {Verb.LOSE: Outcome.LOST, Verb.REFER: Outcome.REFERRED}


def _end(verb: Verb, *, lead: Lead, by: User, now: datetime, grounds: Grounds, partner: str = "") -> Standing:
    """The business ended without a sale; the reason says where the lead goes."""
    target = Position(Stage(grounds.reason.lands_on))
    standing = held(lead.pk)
    if standing.position == target and _done_before(standing, verb, by):
        return standing
    _require_owner(standing, by)
    if code := refusal(verb, standing.position, target):
        raise Refused(code)
    outcome, details = _OUTCOME[verb], dict[str, object](partner=partner) if partner else {}
    close_opportunity(standing, outcome, now=now, partner=partner)
    if target == RECYCLED:
        park(standing, grounds)
    passage = step(standing, verb, target, now=now, by=by, grounds=grounds, outcome=outcome, details=details)
    pass_on([replace(passage, owner=Owner.NOBODY)])
    known = grounds.details | details | {"reason": grounds.reason.code}
    record_decision(standing, outcome.value, now=now, **known)
    return standing
