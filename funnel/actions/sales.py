"""What a rep does with a lead of theirs: confirm what is known, qualify it, win, lose or refer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import Grounds, checked_line, settle
from funnel.actions.opportunities import PRODUCT_LIMIT, close_opportunity, open_opportunity
from funnel.actions.passages import Owner, last_passage, pass_on
from funnel.actions.referrals import hand_over, partner_named, require_consent
from funnel.actions.standing import held, park, record_decision, require_worker, step
from funnel.choices import Outcome
from funnel.models import Partner, Reason, Standing
from funnel.queries.checklist import missing_labels, progress_of
from funnel.refusals import Refused
from funnel.stages import CUSTOMER, RECYCLED, SAL, SQL, Position, Stage, Verb, refusal
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
    deal = {"product": product, "expected_amount": expected_amount, "expected_close": expected_close}
    record_decision(standing, "qualified", now=now, by=by.email, **_plain(deal))
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
    record_decision(standing, "won", now=now, by=by.email, **_plain({"amount": amount, "product": product}))
    return standing


def _plain(facts: Mapping[str, object]) -> dict[str, object]:
    """What is told of a deal, as an event keeps it; amounts in euros."""
    return {name: str(value) for name, value in facts.items() if value is not None}


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
    competitor: str = "",
) -> Standing:
    """SQL → recycled or disqualified, as the reason says. Raises Refused, NotYours, Incomplete."""
    grounds = settle(Verb.LOSE, reason, now=now, note=note, month=wake_month)
    told = {"competitor": checked_line(competitor, "competitor", limit=PRODUCT_LIMIT)}
    return _end(Verb.LOSE, lead=lead, by=by, now=now, grounds=grounds, told=told)


@transaction.atomic
def refer(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    partner: Partner | str,
    reason: str | Reason = "better_served",
    note: str = "",
) -> Standing:
    """SAL or SQL → to a partner (or the one of this name) who serves it better: neither lost nor negative.

    Only with the lead's own consent. Raises as lose does; Refused ``transfer_no_consent``.
    """
    chosen = partner if isinstance(partner, Partner) else partner_named(partner)
    grounds = settle(Verb.REFER, reason, now=now, note=note or chosen.name)
    standing = held(lead.pk)
    if standing.position in (SAL, SQL):
        _require_owner(standing, by)
        require_consent(standing.lead, now=now)
        hand_over(standing.lead, chosen, by=by, now=now)
    return _end(Verb.REFER, lead=lead, by=by, now=now, grounds=grounds, told={"partner": chosen.name})


_OUTCOME = {Verb.LOSE: Outcome.LOST, Verb.REFER: Outcome.REFERRED}


def _end(
    verb: Verb, *, lead: Lead, by: User, now: datetime, grounds: Grounds, told: Mapping[str, str]
) -> Standing:
    """The business ended without a sale; the reason says where the lead goes. ``told``: to whom it went."""
    target = Position(Stage(grounds.reason.lands_on))
    standing = held(lead.pk)
    if standing.position == target and _done_before(standing, verb, by):
        return standing
    _require_owner(standing, by)
    if code := refusal(verb, standing.position, target):
        raise Refused(code)
    outcome = _OUTCOME[verb]
    details: dict[str, object] = {name: value for name, value in told.items() if value}
    close_opportunity(
        standing, outcome, now=now, partner=told.get("partner", ""), competitor=told.get("competitor", "")
    )
    if target == RECYCLED:
        park(standing, grounds)
    passage = step(standing, verb, target, now=now, by=by, grounds=grounds, outcome=outcome, details=details)
    pass_on([replace(passage, owner=Owner.NOBODY)])
    known = grounds.details | details | {"reason": grounds.reason.code, "by": by.email}
    record_decision(standing, outcome.value, now=now, **known)
    return standing
