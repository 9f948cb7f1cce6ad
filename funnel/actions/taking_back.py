"""A rep who let an offer pass by mistake or too late takes it back, as long as nobody is working on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.decisions import already
from funnel.actions.offers import put_on_tables
from funnel.actions.passages import Step, pass_on
from funnel.actions.standing import held
from funnel.actions.telling import tell
from funnel.allocation import Assignment, Rule
from funnel.choices import OfferStatus
from funnel.models import Offer, Rep, SalesPolicy, Standing
from funnel.queries.policy import sales_policy
from funnel.queries.taking_back import PASSED, may_still_take_back
from funnel.queries.waiting import desks_of
from funnel.refusals import NotYours, Refused
from funnel.stages import OFFERED, READY, Verb
from leads.models import Lead
from scoring.tellings import Telling


@transaction.atomic
def take_back(*, offer: Offer, by: User, now: datetime) -> Offer:
    """Offer the lead to this rep again, for ``take_back_minutes`` of working time; returns the new offer.

    Possible once a lead and cycle, within as many minutes of working time, as long as nobody has accepted
    the lead, put it aside or begun to find out more about it. Doing it twice is no error. Raises NotYours;
    Refused ``take_back_too_late``, ``take_back_once``, ``take_back_in_work``, ``already_accepted``,
    ``no_place``, ``not_a_rep`` …
    """
    standing = held(offer.lead_id)
    if offer.rep_id != by.pk:
        raise NotYours
    if standing.position not in (READY, OFFERED) or standing.cycle != offer.cycle:
        already(offer, by, OfferStatus.OPEN)
    other = Offer.objects.open().filter(lead=offer.lead_id).select_related("rep__user").first()
    if other is not None and other.rep_id == by.pk:
        return other
    policy, reps = sales_policy(), _locked_reps(offer, other)
    _require_allowed(offer, other, policy, reps[by.pk], now)
    if other is not None:
        _withdraw(standing, other, by, now=now)
    assignment = Assignment(offer.lead_id, by.pk, Rule.TAKEN_BACK, {})
    waiting = {offer.lead_id: standing}
    return put_on_tables([assignment], waiting, reps, policy, now=now, decide=policy.take_back)[0]


def _locked_reps(offer: Offer, other: Offer | None) -> dict[int, Rep]:
    """Both reps, locked in one order."""
    numbers = {offer.rep_id, *([other.rep_id] if other else ())}
    reps = Rep.objects.whole().filter(pk__in=numbers).order_by("pk")
    return {rep.pk: rep for rep in reps.select_for_update(of=("self",), no_key=True)}


def _require_allowed(offer: Offer, other: Offer | None, policy: SalesPolicy, rep: Rep, now: datetime) -> None:
    if not may_still_take_back(offer, rep, policy, now=now):
        raise Refused("take_back_too_late")
    passed = Offer.objects.filter(lead=offer.lead_id, rep=rep, cycle=offer.cycle, status__in=PASSED)
    if passed.exclude(pk=offer.pk).exists():
        raise Refused("take_back_once")
    if other is not None and (other.research_until or other.snoozed_until):
        raise Refused("take_back_in_work", who=other.rep.user.full_name)
    _require_place(rep, now)


def _require_place(rep: Rep, now: datetime) -> None:
    """Within places and SAL; the cap on offers a day is not for what one had before."""
    [desk] = desks_of([rep], now=now)
    if not desk.is_active:
        raise Refused("not_a_rep")
    if desk.used >= desk.places:
        raise Refused("no_place", used=desk.used, places=desk.places)
    if desk.sal_cap is not None and desk.sal >= desk.sal_cap:
        raise Refused("sal_cap", used=desk.sal, places=desk.sal_cap)


def _withdraw(standing: Standing, other: Offer, by: User, *, now: datetime) -> None:
    """Off the other rep's table again, who is told."""
    Offer.objects.filter(pk=other.pk).update(status=OfferStatus.WITHDRAWN, decided_at=now)
    details: Mapping[str, object] = {"rep": other.rep_id, "offer": other.pk}
    pass_on([Step(standing, Verb.WITHDRAW, READY, now, cause="taken_back", details=dict(details))])
    lead = Lead(pk=standing.lead_id)
    tell(users=[other.rep.user], kind=Telling.OFFER_TAKEN, lead=lead, now=now, who=by.full_name)
