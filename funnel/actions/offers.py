"""Ready leads to reps with a free place, and off their tables again when their time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from funnel.actions.passages import Step, pass_on
from funnel.allocation import Assignment, Plan, plan
from funnel.choices import OfferStatus
from funnel.days import start_of_day, today
from funnel.models import Absence, Offer, Rep, Standing
from funnel.queries.held import settled
from funnel.queries.policy import sales_policy
from funnel.queries.waiting import desks_of, passed_over, queue_of, waiting_room
from funnel.service_levels import due
from funnel.stages import OFFERED, READY, Verb
from leads.actions.agenda import schedule_all
from leads.actions.events import new_event, record_events
from leads.failpoints import failpoint
from leads.incoming import NewEvent
from leads.kinds import BY_CODE
from leads.models import Due, Source

log = structlog.get_logger(__name__)

DEADLINE_PURPOSE = "funnel.deadline"
WAITING_PURPOSE = "funnel.waiting"
# Taken besides what can be placed, for those that nobody may take.
SPARE = 20
MOST_SEEN = 500


@transaction.atomic
def fill_places(*, now: datetime) -> list[Offer]:
    """Give the waiting leads, best first, to the reps that can take one; returns the new offers.

    Leads that somebody else is just working on are left for the next run. Locks leads, then reps; as long
    as nobody can take any lead, which is the usual state of a busy team, it locks nothing. Looks at no more
    than 500 leads a run, so that leads nobody may take do not hold up the others for ever.
    """
    offers: list[Offer] = []
    seen: list[int] = []
    queue, free = _queue_and_places(now)
    while free and len(seen) < MOST_SEEN and (waiting := _take(queue.exclude(lead__in=seen), free + SPARE)):
        seen += [standing.lead_id for standing in waiting]
        reps = {rep.pk: rep for rep in _locked_reps()}
        made = plan(queue_of(waiting, now=now), desks_of(list(reps.values()), now=now), now)
        offers += _make_offers(made, {one.lead_id: one for one in waiting}, reps, now=now)
        full_page = len(waiting) == free + SPARE
        free = sum(desk.free for desk in made.desks.values()) if full_page else 0
    _look_again_tomorrow(now)
    return offers


def _queue_and_places(now: datetime) -> tuple[QuerySet[Standing], int]:
    """Who may be offered at all, and how many offers can be taken now, as far as one can tell without locks.

    When only managers have places left, only what reps let pass is worth looking at.
    """
    reps = list(Rep.objects.whole().filter(is_active=True))
    desks = desks_of(reps, now=now)
    free = sum(desk.free for desk in desks if not desk.last_resort)
    if free:
        return settled(waiting_room(), now=now), free
    return passed_over(settled(waiting_room(), now=now)), sum(desk.free for desk in desks)


def _take(queue: QuerySet[Standing], number: int) -> list[Standing]:
    """The best of the queue, locked; none that another transaction holds."""
    return list(queue.select_for_update(of=("lead", "self"), no_key=True, skip_locked=True)[:number])


def _look_again_tomorrow(now: datetime) -> None:
    """A new day gives new offers and may bring reps back: the best of those who wait rings then."""
    best = waiting_room().values_list("lead", flat=True).first()
    if best is not None and not Due.objects.filter(lead_id=best, purpose=WAITING_PURPOSE).exists():
        schedule_all([(best, WAITING_PURPOSE, start_of_day(today(now) + timedelta(days=1)))])


def _locked_reps() -> list[Rep]:
    """Every rep, locked in one order, before any place is counted."""
    return list(Rep.objects.whole().select_for_update(of=("self",), no_key=True).order_by("pk"))


def _make_offers(
    made: Plan, waiting: Mapping[int, Standing], reps: Mapping[int, Rep], *, now: datetime
) -> list[Offer]:
    """Write the plan down: offers with their why, passages, events, deadlines, the reps' accounts."""
    log.info("allocated", offered=len(made.assignments), waiting=len(made.unplaced))
    if not made.assignments:
        return []
    decide = sales_policy().decide
    offers = Offer.objects.bulk_create(
        _offer(one, waiting[one.lead], reps[one.rep], decide, now) for one in made.assignments
    )
    failpoint("route.after_pick")
    pass_on(
        [
            Step(waiting[one.lead], Verb.OFFER, OFFERED, now, cause=one.rule, offered_to=one.rep)
            for one in made.assignments
        ]
    )
    schedule_all([(offer.lead_id, DEADLINE_PURPOSE, offer.deadline) for offer in offers])
    record_events([_event(offer.lead_id, "offered", now) for offer in offers], now=now)
    for number, desk in made.desks.items():
        reps[number].credit, reps[number].last_served_at = desk.credit, desk.last_served_at
    Rep.objects.bulk_update(reps.values(), ["credit", "last_served_at"])
    return offers


def _offer(assignment: Assignment, standing: Standing, rep: Rep, decide: timedelta, now: datetime) -> Offer:
    return Offer(
        lead_id=assignment.lead,
        rep=rep,
        cycle=standing.cycle,
        offered_at=now,
        deadline=due(now, decide, rep.calendar),
        why={"rule": assignment.rule, "passed_over": {str(k): v for k, v in assignment.passed_over.items()}},
    )


def _event(lead_id: int, kind: str, now: datetime) -> NewEvent:
    return new_event(
        lead_id=lead_id,
        kind_id=BY_CODE[kind].id,
        occurred_at=now,
        source_id=Source.ECLUSE,
        event_id=str(uuid4()),
        properties={},
        wakes=False,
    )


@transaction.atomic
def expire_offers(*, now: datetime, lead_ids: Sequence[int] | None = None) -> list[Offer]:
    """Take the offers off the table whose deadline has passed or whose rep is away or gone.

    Their leads are ready again at once, for the next rep. Leads that somebody is just deciding on are
    left alone: whoever holds the lead's lock decides. Returns the offers taken back.
    """
    over = Q(deadline__lte=now) | Q(rep__is_active=False) | Q(rep__user__is_active=False) | _away(now)
    candidates = Offer.objects.open().filter(over)
    if lead_ids is not None:
        candidates = candidates.filter(lead__in=lead_ids)
    standings = _lock_quietly(list(candidates.values_list("lead", flat=True)))
    if not standings:
        return []
    offers = list(Offer.objects.open().filter(over, lead__in=standings).select_related("rep__user"))
    for offer in offers:
        offer.status = OfferStatus.EXPIRED if offer.deadline <= now else OfferStatus.WITHDRAWN
        offer.decided_at = now
    Offer.objects.bulk_update(offers, ["status", "decided_at"])
    pass_on([_back_to_ready(standings[offer.lead_id], offer, now) for offer in offers])
    record_events([_event(offer.lead_id, "offer_refused", now) for offer in offers], now=now)
    return offers


def _away(now: datetime) -> Q:
    """Absence is in whole days of the site; the rep's own zone decides when offers are made."""
    day = today(now)
    return Q(Exists(Absence.objects.on(day).filter(rep=OuterRef("rep"))))


def _lock_quietly(lead_ids: Sequence[int]) -> dict[int, Standing]:
    """Those of these leads that nobody else holds, locked in id order."""
    if not lead_ids:
        return {}
    standings = Standing.objects.filter(lead__in=lead_ids).select_related("lead").order_by("lead")
    locked = standings.select_for_update(of=("lead", "self"), no_key=True, skip_locked=True)
    return {standing.lead_id: standing for standing in locked}


def _back_to_ready(standing: Standing, offer: Offer, now: datetime) -> Step:
    expired = offer.status == OfferStatus.EXPIRED
    verb, cause = (Verb.EXPIRE, "deadline") if expired else (Verb.WITHDRAW, "rep_away")
    return Step(standing, verb, READY, now, cause=cause, details={"rep": offer.rep_id, "offer": offer.pk})


def withdraw_offers(lead_ids: Sequence[int], *, now: datetime) -> int:
    """Close the open offers of leads that left the waiting room by themselves; how many there were."""
    return Offer.objects.open().filter(lead__in=lead_ids).update(status=OfferStatus.WITHDRAWN, decided_at=now)
