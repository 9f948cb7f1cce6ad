"""From anywhere to a stage by hand: board, bulk, API and administration all come through here.

Finds the verb that leads there and calls its action, which refuses as it always does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from funnel.actions import decisions, marketing, sales
from funnel.actions.standing import held, manages_sales, moves_leads
from funnel.models import Offer, Reason, Standing
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.stages import OFFERED, SAL, SQL, TRANSITIONS, Position, Stage, Verb, verbs_between, way_refusal
from leads.models import Lead

_ACTIONS: Mapping[Verb, Callable[..., object]] = {
    Verb.PROMOTE: marketing.promote,
    Verb.COOL: marketing.cool,
    Verb.UNREADY: marketing.put_back,
    Verb.WAKE: marketing.wake_up,
    Verb.REOPEN: marketing.reopen,
    Verb.RETURN: decisions.return_to_marketing,
    Verb.DISQUALIFY: decisions.disqualify,
    Verb.QUALIFY: sales.qualify,
    Verb.WIN: sales.win,
    Verb.LOSE: sales.lose,
    Verb.REFER: sales.refer,
}
_ON_OFFERS: Mapping[Verb, Callable[..., object]] = {
    Verb.ACCEPT: decisions.accept,
    Verb.DECLINE: decisions.decline,
}
# The pipeline makes these without a reason; a person needs one.
_BY_MACHINES_TOO = frozenset({Verb.COOL, Verb.UNREADY, Verb.WAKE})


def needs_reason(verb: Verb) -> bool:
    """Whether a person has to say why."""
    return TRANSITIONS[verb].needs_reason or verb in _BY_MACHINES_TOO


@transaction.atomic
def move(
    *, lead: Lead, to: Stage, by: User, now: datetime, reason: str | Reason = "", note: str = "", **given: Any
) -> Standing:
    """Take the lead to a stage. ``given``: what the action besides asks for (``wake_month``, ``product`` …).

    Which verb it is follows from where the lead stands, who asks and which decisions the reason is for.
    Raises Refused with the code of what closes the way, NotYours, Incomplete.
    """
    standing = held(lead.pk)
    if code := way_refusal(standing.position, to):
        raise Refused(code)
    found = _reason(reason)
    verb = _verb(standing, to, by, found)
    carry_out(verb, lead=lead, by=by, now=now, reason=found or "", note=note, **given)
    standing.refresh_from_db()
    return standing


def carry_out(
    verb: Verb,
    *,
    lead: Lead,
    by: User,
    now: datetime,
    reason: str | Reason = "",
    note: str = "",
    **given: Any,
) -> None:
    """Call the action of a verb that is known already. Raises as that does."""
    if needs_reason(verb):
        given |= {"reason": reason, "note": note}
    if verb in _ON_OFFERS:
        _ON_OFFERS[verb](offer=_open_offer(lead), by=by, now=now, **given)
    else:
        _ACTIONS[verb](lead=lead, by=by, now=now, **given)


def _reason(reason: str | Reason) -> Reason | None:
    """The reason that is meant. Raises Incomplete for an unknown one."""
    if isinstance(reason, Reason) or not reason:
        return reason or None
    found = Reason.objects.filter(code=reason).first()
    if found is None:
        raise Incomplete("reason_unknown", field="reason")
    return found


def _verb(standing: Standing, to: Stage, by: User, reason: Reason | None) -> Verb:
    """Among the verbs that lead there and that this person may use, the one that the reason is for."""
    ways = verbs_between(standing.position, to)
    mine = [verb for verb in ways if not right_refusal(verb, standing, by)]
    if not mine:
        raise NotYours
    if reason is None:
        return next((verb for verb in mine if not needs_reason(verb)), mine[0])
    return next((verb for verb in mine if verb in reason.verbs), mine[0])


def _open_offer(lead: Lead) -> Offer:
    offer = Offer.objects.select_related("rep").filter(lead=lead).order_by("-id").first()
    if offer is None:
        raise Refused("not_offered")
    return offer


def possible_targets(standing: Standing, by: User) -> list[tuple[Stage, str]]:
    """Every other stage, with the code of what closes the way for this person, or "". Asks no database;
    ``standing`` comes with its lead. The action may still refuse (no place, checklist)."""
    return [(to, _target_refusal(standing, to, by)) for to in Stage if to.value != standing.stage]


def _target_refusal(standing: Standing, to: Stage, by: User) -> str:
    if code := way_refusal(standing.position, to):
        return code
    refused = [right_refusal(verb, standing, by) for verb in verbs_between(standing.position, to)]
    return "" if "" in refused else refused[0]


def right_refusal(verb: Verb, standing: Standing, by: User) -> str:
    """Whether this person may use this verb on this lead: "" or ``not_yours``."""
    may = may_use(verb, standing.position, by, works_it=_works_it(standing, by))
    return "" if may else "not_yours"


def may_use(verb: Verb, here: Position, by: User, *, works_it: bool) -> bool:
    """Whether this person may use this verb on a lead standing here. ``works_it``: it is on their table."""
    if manages_sales(by):
        return True
    match verb:
        case Verb.PROMOTE | Verb.COOL | Verb.UNREADY | Verb.WAKE | Verb.REOPEN:
            return moves_leads(by)
        case Verb.DISQUALIFY:
            return works_it or (here not in (OFFERED, SAL, SQL) and moves_leads(by))
        case _:
            return works_it


def _works_it(standing: Standing, by: User) -> bool:
    """Whether the lead is on this person's table: offered to them, or worked by them."""
    here: Position = standing.position
    if here == OFFERED:
        return standing.lead.offered_to_id == by.pk
    return here in (SAL, SQL) and by.pk in (standing.rep_id, standing.lead.owner_id)
