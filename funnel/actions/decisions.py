"""What a rep does with an offer: accept it, pass it on, return or disqualify the lead, find out more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan

from accounts.models import User
from funnel.actions.grounds import Grounds, settle
from funnel.actions.offers import DEADLINE_PURPOSE
from funnel.actions.opportunities import close_opportunity
from funnel.actions.passages import Owner, last_passage, pass_on
from funnel.actions.standing import (
    held,
    manages_sales,
    moves_leads,
    park,
    record_decision,
    require_worker,
    step,
)
from funnel.actions.tasks import plan_first_contact
from funnel.choices import OfferStatus, Outcome
from funnel.models import Offer, Reason, Rep, Standing
from funnel.offer_times import Times
from funnel.queries.capacity import used_places
from funnel.queries.policy import first_contact_of, sales_policy
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.research import checked
from funnel.stages import DISQUALIFIED, OFFERED, READY, RECYCLED, SAL, SQL, Position, Verb, refusal
from leads.actions.agenda import schedule
from leads.actions.people import update_profile
from leads.choices import Origin
from leads.failpoints import failpoint
from leads.models import Lead


@transaction.atomic
def accept(*, offer: Offer, by: User, now: datetime, value_rating: int | None = None) -> Offer:
    """The lead becomes a SAL and ``by`` its owner. Doing it twice is not an error.

    Raises Refused: ``already_accepted`` (naming who), ``already_decided``, ``offer_expired``,
    ``offer_withdrawn``, ``no_place``, ``not_a_rep``; NotYours; Incomplete for an impossible rating.
    """
    _check_rating(value_rating)
    standing = held(offer.lead_id)
    require_decider(offer, by)
    rep = Rep.objects.select_for_update(no_key=True).filter(pk=by.pk, is_active=True).first()
    if rep is None:
        raise Refused("not_a_rep")
    failpoint("accept.after_lock")
    values = {
        "status": OfferStatus.ACCEPTED,
        "decided_at": now,
        "decided_by": by,
        "value_rating": value_rating,
    }
    if not Offer.objects.filter(_place_free(offer, rep, now), pk=offer.pk, status=OfferStatus.OPEN).update(
        **values
    ):
        return _not_taken(offer, by, rep, now)
    # The desk that came with the offer, if it is the same: what was read of it is not read again.
    standing.rep = offer.rep if offer.rep_id == rep.pk else rep
    details: dict[str, object] = {"offer": offer.pk}
    pass_on([step(standing, Verb.ACCEPT, SAL, now=now, by=by, details=details, owner=Owner.ACTOR)])
    plan_first_contact(standing, first_contact_of(offer), by=by, now=now)
    record_decision(standing, "accepted", now=now, by=by.email, offer=offer.pk)
    for name, value in values.items():
        setattr(offer, name, value)
    return offer


def _place_free(offer: Offer, rep: Rep, now: datetime) -> Q:
    """The place is counted by the very UPDATE that takes the offer, under the lock on the rep's row.

    An accepted offer keeps the place it held; one taken over from somebody else needs a free one.
    """
    worked = Standing.objects.filter(rep=rep).order_by().values("rep").annotate(leads=Count("pk"))
    taken: Combinable = Coalesce(Subquery(worked.values("leads")), 0)
    if offer.rep_id != rep.pk:
        offers = Offer.objects.open().filter(rep=rep).order_by().values("rep").annotate(leads=Count("pk"))
        taken = taken + Coalesce(Subquery(offers.values("leads")), 0)
        taken = taken + used_places([rep.pk], now=now)[rep.pk].held
    return Q(LessThan(taken, rep.places)) & _sal_free(rep)


def _sal_free(rep: Rep) -> Q:
    """Whether one more SAL keeps within the cap on them, where there is one."""
    if rep.sal_cap is None:
        return Q()
    sal = Standing.objects.filter(rep=rep, stage=SAL.stage).order_by().values("rep")
    counted = Coalesce(Subquery(sal.annotate(leads=Count("pk")).values("leads")), 0)
    return Q(LessThan(counted, rep.sal_cap))


def _not_taken(offer: Offer, by: User, rep: Rep, now: datetime) -> Offer:
    """Why the offer could not be taken: no place, or somebody was quicker (perhaps this user before)."""
    if Offer.objects.open().filter(pk=offer.pk).exists():
        used = used_places([rep.pk], now=now)[rep.pk]
        taken = used.worked if offer.rep_id == rep.pk else used.total
        if taken < rep.places and rep.sal_cap is not None:
            raise Refused("sal_cap", used=used.accepted, places=rep.sal_cap)
        raise Refused("no_place", used=taken, places=rep.places)
    return already(offer, by, OfferStatus.ACCEPTED)


def _check_rating(rating: int | None) -> None:
    if rating is not None and rating not in range(1, 6):
        raise Incomplete("rating_impossible", field="value_rating")


def require_decider(offer: Offer, by: User) -> None:
    """Only whose offer it is, or who manages sales. Raises NotYours."""
    if offer.rep_id != by.pk and not manages_sales(by):
        raise NotYours


def already(offer: Offer, by: User, wanted: OfferStatus) -> Offer:
    """The offer is no longer open: fine when ``by`` did just this before, else say who did what (Refused)."""
    offer.refresh_from_db()
    if offer.status == wanted and offer.decided_by_id == by.pk:
        return offer
    same = Offer.objects.filter(lead=offer.lead_id, cycle=offer.cycle, status=OfferStatus.ACCEPTED)
    winner = same.select_related("decided_by").first()
    if winner and winner.decided_by:
        raise Refused("already_accepted", who=winner.decided_by.full_name)
    if offer.status == OfferStatus.EXPIRED:
        raise Refused("offer_expired")
    if offer.decided_by is None:
        raise Refused("offer_withdrawn")
    raise Refused("already_decided", who=offer.decided_by.full_name, what=offer.get_status_display())


@dataclass(frozen=True, slots=True)
class _Decision:
    """What somebody decided against, on what grounds."""

    verb: Verb
    by: User
    now: datetime
    grounds: Grounds
    value_rating: int | None = None

    @property
    def status(self) -> OfferStatus:
        """What becomes of the offer."""
        return _STATUS[self.verb]

    def close(self, offers: QuerySet[Offer]) -> bool:
        """Compare and set: whether it was this decision that closed the open one of ``offers``."""
        closed = offers.filter(status=OfferStatus.OPEN).update(
            status=self.status,
            decided_at=self.now,
            decided_by=self.by,
            reason=self.grounds.reason,
            note=self.grounds.note,
            value_rating=self.value_rating,
        )
        return bool(closed)


_STATUS = {
    Verb.RETURN: OfferStatus.RETURNED,
    Verb.DISQUALIFY: OfferStatus.DISQUALIFIED,
    Verb.DECLINE: OfferStatus.REFUSED,
}
_KIND = {Verb.RETURN: "returned", Verb.DISQUALIFY: "disqualified", Verb.DECLINE: "offer_refused"}


@transaction.atomic
def decline(*, offer: Offer, by: User, now: datetime, reason: str | Reason, note: str = "") -> Offer:
    """Not for this rep (wrong territory, overloaded): the lead stays ready, for somebody else.

    Raises Refused as accept does; NotYours; Incomplete.
    """
    decision = _Decision(Verb.DECLINE, by, now, settle(Verb.DECLINE, reason, now=now, note=note))
    standing = held(offer.lead_id)
    require_decider(offer, by)
    if not decision.close(Offer.objects.filter(pk=offer.pk)):
        return already(offer, by, OfferStatus.REFUSED)
    _pass(standing, decision, READY, details={"offer": offer.pk})
    offer.status, offer.decided_at, offer.decided_by = decision.status, now, by
    return offer


@transaction.atomic
def return_to_marketing(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    reason: str | Reason,
    note: str = "",
    wake_month: date | None = None,
    missing_fields: Sequence[str] = (),
    value_rating: int | None = None,
) -> Standing:
    """Recycled, owner emptied and remembered, gates shut until the wake date. Doing it twice is no error.

    ``wake_month``: for which month the project is planned, where the reason asks: the lead wakes 30 days
    before. Raises Refused, NotYours, Incomplete.
    """
    _check_rating(value_rating)
    grounds = settle(Verb.RETURN, reason, now=now, note=note, month=wake_month, missing_fields=missing_fields)
    return _put_aside(lead, _Decision(Verb.RETURN, by, now, grounds, value_rating), RECYCLED)


@transaction.atomic
def disqualify(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    reason: str | Reason,
    note: str = "",
    value_rating: int | None = None,
) -> Standing:
    """Nobody works it any more; reversible by reopen. Doing it twice is no error.

    Sales disqualify what is on their table; marketing and managers any lead. Raises as return does.
    """
    _check_rating(value_rating)
    grounds = settle(Verb.DISQUALIFY, reason, now=now, note=note)
    return _put_aside(lead, _Decision(Verb.DISQUALIFY, by, now, grounds, value_rating), DISQUALIFIED)


def _put_aside(lead: Lead, decision: _Decision, target: Position) -> Standing:
    standing = held(lead.pk)
    if _did_it_before(standing, decision, target):
        return standing
    before = standing.position
    if before == OFFERED:
        _close_open_offer(standing, decision)
    else:
        _require_right(standing, decision)
    if code := refusal(decision.verb, before, target):
        raise Refused(code)
    if before == SQL:
        close_opportunity(standing, Outcome.LOST, now=decision.now)
    if target == RECYCLED:
        park(standing, decision.grounds)
    _pass(standing, decision, target)
    return standing


def _pass(
    standing: Standing, decision: _Decision, target: Position, details: dict[str, object] | None = None
) -> None:
    """The passage and its event."""
    by, now, grounds = decision.by, decision.now, decision.grounds
    owner = Owner.KEPT if target == READY else Owner.NOBODY
    pass_on(
        [step(standing, decision.verb, target, now=now, by=by, grounds=grounds, details=details, owner=owner)]
    )
    facts = grounds.details | {"reason": grounds.reason.code, "by": by.email} | (details or {})
    record_decision(standing, _KIND[decision.verb], now=now, **facts)


def _did_it_before(standing: Standing, decision: _Decision, target: Position) -> bool:
    """A double press: the lead already stands where this very decision of this person put it."""
    last = last_passage(standing.lead_id) if standing.position == target else None
    return last is not None and last.verb == decision.verb and last.actor_id == decision.by.pk


def _close_open_offer(standing: Standing, decision: _Decision) -> None:
    mine = Offer.objects.filter(lead=standing.lead_id)
    if not manages_sales(decision.by):
        mine = mine.filter(rep=decision.by.pk)
    if not decision.close(mine):
        _explain_loss(standing, decision)


def _require_right(standing: Standing, decision: _Decision) -> None:
    """Who works it; for a lead that sales do not work, marketing (to disqualify) or a manager."""
    if standing.position in (SAL, SQL):
        allowed = standing.rep_id == decision.by.pk
    else:
        allowed = decision.verb is Verb.DISQUALIFY and moves_leads(decision.by)
    if not (allowed or manages_sales(decision.by)):
        _explain_loss(standing, decision)


def _explain_loss(standing: Standing, decision: _Decision) -> None:
    """Somebody who once had this lead on the table reads what became of it; to others it does not exist."""
    own = Offer.objects.filter(lead=standing.lead_id, rep=decision.by.pk).order_by("-id").first()
    if own is None or own.is_open:
        raise NotYours
    already(own, decision.by, decision.status)
    raise Refused("already_decided", who=decision.by.full_name, what=own.get_status_display())


@transaction.atomic
def research(*, offer: Offer, by: User, now: datetime, fields: Mapping[str, object]) -> Offer:
    """Fill in what was missing (origin "sales"). The first time, an open offer's deadline is extended.

    Possible as long as the offer is open and, once accepted, for who works the lead. Raises Incomplete
    for fields that are unknown or impossible, Refused when the offer is closed, NotYours.
    """
    changes = checked(fields)
    standing = held(offer.lead_id)
    require_decider(offer, by)
    offer.refresh_from_db()
    if offer.status == OfferStatus.ACCEPTED:
        require_worker(standing, by)
    elif not offer.is_open:
        already(offer, by, OfferStatus.OPEN)
    elif offer.research_until is None:
        _extend(offer)
    update_profile(lead=standing.lead, changes=changes, origin=Origin.SALES, now=now, by=by)
    return offer


def _extend(offer: Offer) -> None:
    policy, asked = sales_policy(), offer.remind_at is not None
    times = Times.of(offer.rep, policy, offer.deadline, policy.research)
    offer.research_until = offer.deadline = times.deadline
    offer.remind_at = times.remind_at if asked else None
    offer.save(update_fields=["research_until", "deadline", "remind_at"])
    schedule(lead_id=offer.lead_id, purpose=DEADLINE_PURPOSE, due_at=offer.deadline)
