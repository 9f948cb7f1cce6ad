"""Ready leads to reps with a free place, and off their tables again when their time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from funnel.actions.allocation_log import note_offers, note_unplaced
from funnel.actions.passages import Step, pass_on
from funnel.actions.telling import Tale, tell_all
from funnel.allocation import Assignment, Plan, plan
from funnel.choices import OfferStatus
from funnel.days import start_of_day, today
from funnel.models import Absence, Offer, Rep, SalesPolicy, Standing
from funnel.offer_times import Times
from funnel.queries.foreseen_offers import foresee
from funnel.queries.policy import sales_policy
from funnel.queries.waiting import desks_of, queue_of, waiting_room
from funnel.stages import OFFERED, READY, Verb
from leads.actions.agenda import schedule_all, wake
from leads.actions.events import new_event, record_events
from leads.failpoints import failpoint
from leads.incoming import NewEvent
from leads.kinds import BY_CODE
from leads.models import Due, Source
from scoring.tellings import Telling

log = structlog.get_logger(__name__)

DEADLINE_PURPOSE = "funnel.deadline"
WAITING_PURPOSE = "funnel.waiting"
# So many offers are made at once, so that leads and reps are not locked for long; the next run goes on.
MOST_OFFERS = 500


@transaction.atomic
def fill_places(*, now: datetime) -> list[Offer]:
    """Give the waiting leads, best first, to the reps that can take one; returns the new offers.

    Who would get which is found out without locks; then only leads that will be offered are locked, then the
    reps, and the plan is made anew under the locks. So as long as nobody can take any lead, which is the
    usual state of a busy team, nothing is locked. Leads that somebody else is just working on are woken, for
    the next run; so is the best that waits when there are more than 500 to offer.
    """
    foreseen = foresee(now=now, most=MOST_OFFERS)
    offers = _offer_to(foreseen.leads, now=now) if foreseen.leads else []
    note_unplaced(foreseen.unplaced, now=now)
    if len(foreseen.leads) > len(offers) or len(offers) >= MOST_OFFERS:
        wake(foreseen.leads[-1:] if not offers else waiting_room().values_list("lead", flat=True)[:1])
    _look_again_tomorrow(now)
    return offers


def fill_all_places(*, now: datetime) -> int:
    """Fill the places however many leads wait, in short transactions; how many offers were made."""
    made = 0
    while offers := fill_places(now=now):
        made += len(offers)
    return made


def _offer_to(leads: Sequence[int], *, now: datetime) -> list[Offer]:
    """Offer those of these leads that nobody else holds."""
    waiting = {one.lead_id: one for one in _take(leads)}
    reps = {rep.pk: rep for rep in _locked_reps()}
    policy = sales_policy()
    queue, desks = queue_of(list(waiting.values()), now=now), desks_of(list(reps.values()), now=now)
    made = plan(queue, desks, now, reps_before_manager=policy.reps_before_manager)
    return _make_offers(made, waiting, reps, policy, now=now)


def _take(leads: Sequence[int]) -> list[Standing]:
    """Those still waiting, locked; none that another transaction holds."""
    queue = waiting_room().filter(lead__in=leads)
    return list(queue.select_for_update(of=("lead", "self"), no_key=True, skip_locked=True))


def _look_again_tomorrow(now: datetime) -> None:
    """A new day gives new offers and may bring reps back: the best of those who wait rings then."""
    best = waiting_room().values_list("lead", flat=True).first()
    if best is not None and not Due.objects.filter(lead_id=best, purpose=WAITING_PURPOSE).exists():
        schedule_all([(best, WAITING_PURPOSE, start_of_day(today(now) + timedelta(days=1)))])


def _locked_reps() -> list[Rep]:
    """Every rep, locked in one order, before any place is counted."""
    return list(Rep.objects.whole().select_for_update(of=("self",), no_key=True).order_by("pk"))


def _make_offers(
    made: Plan,
    waiting: Mapping[int, Standing],
    reps: Mapping[int, Rep],
    policy: SalesPolicy,
    *,
    now: datetime,
) -> list[Offer]:
    """Write the plan down: offers with their why, passages, events, deadlines, the reps' accounts."""
    log.info("allocated", offered=len(made.assignments), waiting=len(made.unplaced))
    if not made.assignments:
        return []
    offers = put_on_tables(made.assignments, waiting, reps, policy, now=now)
    failpoint("route.after_pick")
    _keep_accounts(made)
    return offers


_ACCOUNTS = """
UPDATE funnel_rep AS rep SET credit = new.credit, last_served_at = new.last_served_at
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[]) AS new(rep, credit, last_served_at)
WHERE rep.user_id = new.rep
"""


def _keep_accounts(made: Plan) -> None:
    """Each rep's account of fair share, as it is after the plan."""
    desks = list(made.desks.values())
    numbers, accounts = [desk.rep for desk in desks], [desk.credit for desk in desks]
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, [numbers, accounts, [desk.last_served_at for desk in desks]])


def put_on_tables(
    assignments: Sequence[Assignment],
    waiting: Mapping[int, Standing],
    reps: Mapping[int, Rep],
    policy: SalesPolicy,
    *,
    now: datetime,
    decide: timedelta | None = None,
) -> list[Offer]:
    """Make these offers with passages, events, deadlines, reminders and the log; all are locked by the
    caller. ``decide``: how long to decide, where it is not what the policy says."""
    times = _times({one.rep: reps[one.rep] for one in assignments}, policy, now, decide)
    offers = Offer.objects.bulk_create(
        _offer(one, waiting[one.lead], times[one.rep], now) for one in assignments
    )
    pass_on(
        [
            Step(waiting[one.lead], Verb.OFFER, OFFERED, now, cause=one.rule, offered_to=one.rep)
            for one in assignments
        ]
    )
    schedule_all([(offer.lead_id, DEADLINE_PURPOSE, offer.deadline) for offer in offers])
    emails = {number: rep.user.email for number, rep in reps.items()}
    record_events([_event(offer, "offered", emails[offer.rep_id], now) for offer in offers], now=now)
    note_offers(assignments, waiting, now=now)
    tell_all(
        [
            Tale(one.rep_id, Telling.OFFER_NEW, one.lead_id, {"until": one.deadline, "offer": one.pk})
            for one in offers
        ],
        now=now,
        may_see=True,
    )
    return offers


def _times(
    reps: Mapping[int, Rep], policy: SalesPolicy, now: datetime, decide: timedelta | None
) -> dict[int, Times]:
    """Each rep's deadline and reminder; worked out once for all who work the same hours."""
    known: dict[str, Times] = {}
    found: dict[int, Times] = {}
    for number, rep in reps.items():
        away = [(one.first_day, one.last_day) for one in rep.absences.all()]
        hours = f"{rep.time_zone} {rep.region} {rep.hours} {away}"
        if hours not in known:
            known[hours] = Times.of(rep, policy, now, decide)
        found[number] = known[hours]
    return found


def _offer(assignment: Assignment, standing: Standing, times: Times, now: datetime) -> Offer:
    return Offer(
        lead_id=assignment.lead,
        rep_id=assignment.rep,
        cycle=standing.cycle,
        offered_at=now,
        deadline=times.deadline,
        remind_at=times.remind_at,
        why={"rule": assignment.rule, "passed_over": {str(k): v for k, v in assignment.passed_over.items()}},
    )


def _event(offer: Offer, kind: str, email: str, now: datetime) -> NewEvent:
    """What is told of an offer; ``email`` is the rep's."""
    return new_event(
        lead_id=offer.lead_id,
        kind_id=BY_CODE[kind].id,
        occurred_at=now,
        source_id=Source.ECLUSE,
        event_id=str(uuid4()),
        properties={"offer": offer.pk, "rep": email, "deadline": offer.deadline.isoformat()},
        wakes=False,
    )


_ENDED = {OfferStatus.EXPIRED.value: "offer_expired", OfferStatus.WITHDRAWN.value: "offer_withdrawn"}


def _tell_ended(offers: Sequence[Offer], *, now: datetime) -> None:
    """That these offers were taken off the table. Needs their reps."""
    record_events([_event(one, _ENDED[one.status], one.rep.user.email, now) for one in offers], now=now)


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
    _tell_ended(offers, now=now)
    late = [offer for offer in offers if offer.status == OfferStatus.EXPIRED]
    tell_all(
        [Tale(one.rep_id, Telling.OFFER_EXPIRED, one.lead_id, {"offer": one.pk}) for one in late], now=now
    )
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
    """Close the open offers of leads that left the waiting room by themselves; how many there were.

    The caller holds the leads' locks.
    """
    offers = list(Offer.objects.open().filter(lead__in=lead_ids).select_related("rep__user"))
    if offers:
        Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(
            status=OfferStatus.WITHDRAWN, decided_at=now
        )
        for offer in offers:
            offer.status = OfferStatus.WITHDRAWN
        _tell_ended(offers, now=now)
    return len(offers)
