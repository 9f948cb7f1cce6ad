"""Drawing the conclusion from a score: through the gates, back down, awake again, or a customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from funnel.actions.offers import expire_offers, withdraw_offers
from funnel.actions.passages import Step, enter, pass_on, save
from funnel.actions.snoozing import wake_snoozed
from funnel.choices import Outcome
from funnel.days import start_of_day, today
from funnel.goals import AMOUNT_PROPERTY, possible_amount, reached
from funnel.models import Opportunity, Standing
from funnel.queries.goals import conversion_goals
from funnel.stages import OFFERED, READY, Path, Signals, Stage, Verb, automatic_path
from leads.actions.agenda import schedule_all, wake
from leads.actions.events import new_event, record_events
from leads.incoming import NewEvent
from leads.kinds import BY_CODE, STRONG_CODES
from leads.models import NOT_COUNTED, Event, Lead, Source
from scoring.verdict import Verdict

# A late or imported event older than this moves nobody by itself (it is scored all the same).
TRIGGER_WINDOW = timedelta(days=7)
GATE_PURPOSE = "funnel.gate"

_EVENT_OF = {Verb.GATE: "became_mql", Verb.COOL: "cooled_down", Verb.WAKE: "woken", Verb.CONVERT: "won"}


@dataclass(slots=True)
class Happened:
    """When strong events of one lead happened and when converting ones came in, with what they tell."""

    strong: list[datetime] = field(default_factory=list)
    converting: list[tuple[datetime, Mapping[str, object]]] = field(default_factory=list)

    def signals(self, verdict: Verdict, standing: Standing) -> Signals:
        """The verdict with what happened since the lead stands where it stands.

        In its first cycle any conversion counts: the very event that made the lead came before it stood.
        """
        since = standing.since
        return Signals(
            mql_gate=verdict.mql_gate,
            mql_keep=verdict.mql_keep,
            ready_gate=verdict.ready_gate,
            ready_keep=verdict.ready_keep,
            strong=any(at > since for at in self.strong),
            converted=any(standing.cycle == 1 or received > since for received, _ in self.converting),
        )


@transaction.atomic
def place(verdicts: Mapping[int, Verdict], *, now: datetime) -> list[Step]:
    """Move each scored lead to where its verdict says it belongs, and say what moved.

    Leads new to the funnel enter it; overdue offers among them expire, snoozed ones come back when their
    lead did something of weight. Where rules ask for the stage, who moved is looked at again: each gate lets
    a lead through once a day each way, so that comes to rest. The caller holds the leads' locks.
    """
    reachable = _reachable(verdicts)
    standings = _standings(reachable, now)
    happened = _what_happened([lead for lead, one in standings.items() if one.stage in _WATCHED], now)
    steps: list[Step] = []
    waiting: list[int] = []
    touched: list[Standing] = []
    for lead, standing in standings.items():
        verdict, day = verdicts[lead], today(now)
        seen = happened[lead].signals(verdict, standing)
        path = automatic_path(standing.stand(is_reachable=reachable[lead]), seen, day)
        if path.tomorrow:
            waiting.append(lead)
        if standing.priority != verdict.priority or standing.is_pinned != path.stand.pinned:
            touched.append(standing)
        standing.priority = verdict.priority
        steps += _steps(standing, path, cause=verdict.fast_path, now=now)
    _carry_out(steps, touched, happened, now=now)
    wake({one.standing.lead_id for one in steps if verdicts[one.standing.lead_id].reads_stage})
    schedule_all([(lead, GATE_PURPOSE, start_of_day(today(now) + timedelta(days=1))) for lead in waiting])
    expire_offers(now=now, lead_ids=list(standings))
    if offered := [lead for lead, one in standings.items() if one.position == OFFERED]:
        wake_snoozed(offered, now=now)
    return steps


def _reachable(lead_ids: Iterable[int]) -> dict[int, bool]:
    """Which of these leads are still there, and whether each can be reached (Lead.is_reachable)."""
    present = Lead.objects.filter(pk__in=list(lead_ids), merged_into=None, erased_at=None).order_by("pk")
    return {lead: bool(email or phone) for lead, email, phone in present.values_list("pk", "email", "phone")}


def _standings(lead_ids: Iterable[int], now: datetime) -> dict[int, Standing]:
    """The standing of each lead, in id order; leads new to the funnel enter it now."""
    leads = list(lead_ids)
    found = Standing.objects.in_bulk(leads)
    found |= {one.lead_id: one for one in enter([(lead, now) for lead in leads if lead not in found])}
    return {lead: found[lead] for lead in leads}


_WATCHED = frozenset({Stage.LEAD, Stage.MQL, Stage.RECYCLED})


def _steps(standing: Standing, path: Path, *, cause: str, now: datetime) -> list[Step]:
    """The passages of a path; the standing takes over what the path spent."""
    stand = path.stand
    standing.is_pinned = stand.pinned
    standing.wake_on, standing.gates_shut_until = stand.wake_on, stand.gates_shut_until
    standing.up_on, standing.down_on = stand.up_on, stand.down_on
    standing.ready_on, standing.unready_on = stand.ready_on, stand.unready_on
    return [
        Step(standing, move.verb, move.target, now, cause=cause if move.target == READY else "")
        for move in path.moves
    ]


def _carry_out(
    steps: list[Step], touched: list[Standing], happened: Mapping[int, Happened], *, now: datetime
) -> None:
    """Write passages and standings, take offers off the table, close what was bought, record the events."""
    offered = [step.standing.lead_id for step in steps if step.standing.position == OFFERED]
    if offered:
        withdraw_offers(offered, now=now)
    pass_on(steps)
    moved = {step.standing.lead_id for step in steps}
    save(standing for standing in touched if standing.lead_id not in moved)
    for step in steps:
        if step.verb is Verb.CONVERT:
            _close_as_won(step.standing, happened[step.standing.lead_id], now=now)
    if events := [event for step in steps for event in _events(step)]:
        record_events(events, now=now)


def _events(step: Step) -> Iterator[NewEvent]:
    codes = [_EVENT_OF[step.verb]] if step.verb in _EVENT_OF else []
    if step.target == READY:
        codes.append("ready")
    for code in codes:
        yield new_event(
            lead_id=step.standing.lead_id,
            kind_id=BY_CODE[code].id,
            occurred_at=step.at,
            source_id=Source.ECLUSE,
            event_id=str(uuid4()),
            properties={},
            wakes=False,
        )


def _what_happened(lead_ids: list[int], now: datetime) -> defaultdict[int, Happened]:
    """Strong and converting events of these leads, as far as they count and are recent."""
    goals = conversion_goals()
    strong = {BY_CODE[code].id for code in STRONG_CODES}
    found: defaultdict[int, Happened] = defaultdict(Happened)
    events = (
        Event.objects.filter(
            lead_id__in=lead_ids,
            occurred_at__gt=now - TRIGGER_WINDOW,
            kind_id__in=list(strong | {goal.kind for goal in goals}),
        )
        .exclude(signature_id=NOT_COUNTED)
        .order_by("occurred_at", "id")
    )
    for event in events:
        assert event.lead_id is not None
        if event.kind_id in strong:
            found[event.lead_id].strong.append(event.occurred_at)
        if reached(goals, event.kind_id, event.properties):
            found[event.lead_id].converting.append((event.received_at, event.properties))
    return found


def _close_as_won(standing: Standing, happened: Happened, *, now: datetime) -> None:
    at, properties = happened.converting[-1]
    Opportunity.objects.update_or_create(
        lead_id=standing.lead_id,
        cycle=standing.cycle,
        defaults={
            "outcome": Outcome.WON,
            "closed_at": now,
            "amount": possible_amount(properties.get(AMOUNT_PROPERTY)),
        },
        create_defaults={
            "outcome": Outcome.WON,
            "opened_at": at,
            "closed_at": now,
            "amount": possible_amount(properties.get(AMOUNT_PROPERTY)),
        },
    )
