"""Imported history: leads and what had become of them elsewhere, set-wise, marked as imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from funnel.actions.passages import Step, enter, pass_on
from funnel.actions.standing import WAKE_PURPOSE
from funnel.choices import Outcome
from funnel.days import start_of_day
from funnel.models import Opportunity, Reason, Standing
from funnel.stages import (
    CUSTOMER,
    DISQUALIFIED,
    MARKETING,
    OFFERED,
    READY,
    RECYCLED,
    SAL,
    SQL,
    Position,
    Stage,
    Verb,
)
from leads.actions.agenda import schedule_all
from leads.actions.events import new_event, record_events
from leads.incoming import NewEvent
from leads.kinds import BY_CODE
from leads.models import Lead, Source


@dataclass(frozen=True, slots=True)
class ImportedOutcome:
    """One lead's history elsewhere: when it came, how far it got, when. Every stage can be imported: a lost
    lead is Recycled or Disqualified, with its ``reason``.

    The passages between are not known: they are made at ``reached_at``. ``accepted_by`` worked it
    (needed for SAL and SQL), ``closed_by`` won it. Without either a customer converted by
    itself. Who works a SAL or SQL needs a Rep row.
    """

    lead_id: int
    entered_at: datetime
    stage: Stage = Stage.MQL
    reached_at: datetime | None = None
    accepted_by: User | None = None
    closed_by: User | None = None
    product: str = ""
    amount: Decimal | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import: leads recorded, and those left alone because they were in the funnel."""

    recorded: int
    skipped: int


DAYS_OF_REST = 30  # before a lost lead wakes whose reason nobody noted

_WON_BY_SALES = (
    (Verb.GATE, READY),
    (Verb.OFFER, OFFERED),
    (Verb.ACCEPT, SAL),
    (Verb.QUALIFY, SQL),
    (Verb.WIN, CUSTOMER),
)
_PATHS: dict[Stage, tuple[tuple[Verb, Position], ...]] = {
    Stage.LEAD: (),
    Stage.MQL: ((Verb.GATE, MARKETING),),
    Stage.SAL: _WON_BY_SALES[:3],
    Stage.SQL: _WON_BY_SALES[:4],
    Stage.CUSTOMER: _WON_BY_SALES,
    Stage.RECYCLED: (*_WON_BY_SALES[:4], (Verb.LOSE, RECYCLED)),
    Stage.DISQUALIFIED: ((Verb.DISQUALIFY, DISQUALIFIED),),
}
_CONVERTED = ((Verb.GATE, MARKETING), (Verb.CONVERT, CUSTOMER))
_KINDS = {
    Verb.GATE: "became_mql",
    Verb.ACCEPT: "accepted",
    Verb.QUALIFY: "qualified",
    Verb.WIN: "won",
    Verb.LOSE: "lost",
    Verb.DISQUALIFY: "disqualified",
}
_OUTCOMES = {Verb.WIN: Outcome.WON, Verb.CONVERT: Outcome.WON, Verb.LOSE: Outcome.LOST}
# What ends an opportunity, by where the lead stands then.
_ENDED = {Stage.CUSTOMER: Outcome.WON, Stage.RECYCLED: Outcome.LOST}


@transaction.atomic
def record_outcomes(outcomes: Sequence[ImportedOutcome], *, now: datetime) -> Imported:
    """Write these histories. A lead that is in the funnel already is left alone: run it twice if you like.

    Raises ValueError for a SAL or SQL without ``accepted_by`` and for a stage that cannot be imported.
    """
    for outcome in outcomes:
        _check(outcome)
    wanted = {outcome.lead_id: outcome for outcome in outcomes}
    leads = Lead.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted, standing=None)
    fresh = list(leads.order_by("pk").values_list("pk", flat=True))
    standings = enter([(lead, wanted[lead].entered_at) for lead in fresh], is_imported=True)
    steps = [step for one in standings for step in _steps(one, wanted[one.lead_id])]
    pass_on(steps)
    _own(wanted[one.lead_id] for one in standings)
    schedule_all([(one.lead_id, WAKE_PURPOSE, start_of_day(one.wake_on)) for one in standings if one.wake_on])
    _close([one for one in standings if one.stage in _ENDED], wanted)
    record_events([_event(step) for step in steps if step.verb in _KINDS], now=now)
    return Imported(len(fresh), len(wanted) - len(fresh))


def record_outcome(outcome: ImportedOutcome, *, now: datetime) -> Imported:
    """The same for one lead."""
    return record_outcomes([outcome], now=now)


def _check(outcome: ImportedOutcome) -> None:
    if outcome.stage not in _PATHS:
        raise ValueError(f"an imported lead cannot start as {outcome.stage}")
    if outcome.stage in (Stage.SAL, Stage.SQL) and outcome.accepted_by is None:
        raise ValueError(f"an imported {outcome.stage} needs somebody who works it")


def _path(outcome: ImportedOutcome) -> Iterable[tuple[Verb, Position]]:
    by_itself = outcome.accepted_by is None and outcome.closed_by is None
    return _CONVERTED if outcome.stage is Stage.CUSTOMER and by_itself else _PATHS[outcome.stage]


def _steps(standing: Standing, outcome: ImportedOutcome) -> list[Step]:
    standing.is_pinned = outcome.stage is Stage.MQL
    reached = outcome.reached_at or outcome.entered_at
    if outcome.stage is Stage.RECYCLED:
        rest = timedelta(days=outcome.reason.cooldown_days if outcome.reason else DAYS_OF_REST)
        standing.wake_on = standing.gates_shut_until = (reached + rest).date()
    return [
        Step(
            standing,
            verb,
            target,
            at=outcome.entered_at if verb is Verb.GATE else reached,
            actor=_actor(verb, outcome),
            reason=outcome.reason if verb in (Verb.LOSE, Verb.DISQUALIFY) else None,
            cause="import",
            outcome=_OUTCOMES.get(verb, ""),
            rep_id=_worker(outcome) if verb is Verb.ACCEPT else None,
            is_imported=True,
        )
        for verb, target in _path(outcome)
    ]


def _worker(outcome: ImportedOutcome) -> int | None:
    """Who works it now: whom sales have let go of is nobody's, nor need who worked it then have a desk."""
    working = outcome.stage in (Stage.SAL, Stage.SQL) and outcome.accepted_by
    return working.pk if working else None


def _actor(verb: Verb, outcome: ImportedOutcome) -> User | None:
    accepted, closed = outcome.accepted_by or outcome.closed_by, outcome.closed_by or outcome.accepted_by
    return {Verb.ACCEPT: accepted, Verb.QUALIFY: accepted, Verb.WIN: closed}.get(verb)


def _own(outcomes: Iterable[ImportedOutcome]) -> None:
    """Who closed it owns it, else who works it."""
    leads_of: dict[int, list[int]] = defaultdict(list)
    for outcome in outcomes:
        owner = outcome.closed_by or outcome.accepted_by
        if owner:
            leads_of[owner.pk].append(outcome.lead_id)
    for owner_id, leads in leads_of.items():
        Lead.objects.filter(pk__in=leads).update(owner=owner_id)


def _close(ended: Sequence[Standing], wanted: dict[int, ImportedOutcome]) -> None:
    Opportunity.objects.bulk_create(
        Opportunity(
            lead_id=standing.lead_id,
            cycle=standing.cycle,
            product=wanted[standing.lead_id].product,
            amount=wanted[standing.lead_id].amount,
            opened_at=standing.since,
            closed_at=standing.since,
            outcome=_ENDED[Stage(standing.stage)],
        )
        for standing in ended
    )


def _event(step: Step) -> NewEvent:
    kind = _KINDS[step.verb]
    return new_event(
        lead_id=step.standing.lead_id,
        kind_id=BY_CODE[kind].id,
        occurred_at=step.at,
        source_id=Source.IMPORT,
        event_id=f"funnel:{step.standing.lead_id}:{kind}",
        properties={},
        wakes=False,
    )
