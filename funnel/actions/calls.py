"""A call with a lead: what the law allows, how it ended, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import User
from funnel.actions.grounds import checked_line, checked_note
from funnel.actions.tasks import NextStep, done_by_call, write_task
from funnel.actions.working import held_for_work
from funnel.call_rules import CallAnswer, Callee, may_call
from funnel.models import Call, Standing, Task
from funnel.next_action import WORKED
from funnel.queries.work import callee_of, planned
from funnel.refusals import Incomplete, Refused
from funnel.work import (
    EVIDENCE_LIMIT,
    LONGEST_CALL_MINUTES,
    CallBasis,
    CallOutcome,
    Direction,
    TaskKind,
)
from leads.actions.consent import record_consent
from leads.actions.events import record_event
from leads.actions.people import update_profile
from leads.choices import ConsentState, ContactChannel, Origin, Purpose
from leads.models import Lead, Source

# How long after a call it can still be written down.
LATEST = timedelta(days=7)
_KIND = {Direction.OUT: "outbound_call", Direction.IN: "inbound_call"}


@dataclass(frozen=True, slots=True)
class Logged:
    """What is told about one call.

    ``contract`` proves an ongoing contract where a consumer gave no consent; ``leaves`` says that the lead is
    returned, disqualified or won right after, so that nothing has to come next.
    """

    outcome: CallOutcome
    direction: Direction = Direction.OUT
    at: datetime | None = None
    minutes: int = 0
    note: str = ""
    contract: str = ""
    next_step: NextStep | None = None
    leaves: bool = False


@transaction.atomic
def log_call(
    *, lead: Lead, by: User, now: datetime, call: Logged, task: Task | None = None, key: UUID | None = None
) -> Call:
    """Write a call down, with its event, what follows from it and what comes next; by the same ``key`` once.

    ``task``: the planned call that this was. Raises NotYours; Refused (``not_with_sales``, and
    ``call_<reason>`` of funnel.call_rules for a call of ours that the law forbids at that moment);
    Incomplete (``next_action_required``, ``call_time_impossible`` …).
    """
    standing = held_for_work(lead, by)
    if key and (known := Call.objects.filter(key=key, by=by).first()):
        return known
    at = _checked_time(call, now)
    callee = callee_of(standing.lead, now=at, contract=_contract(call))
    basis, evidence = _ground(call, callee, at)
    row = Call.objects.create(
        lead_id=standing.lead_id,
        key=key or uuid4(),
        by=by,
        direction=call.direction,
        outcome=call.outcome,
        at=at,
        logged_at=now,
        minutes=call.minutes,
        note=checked_note(call.note),
        basis=basis,
        evidence=evidence,
    )
    _follow(standing, row, by=by, now=now)
    done_by_call(standing, task=task, outbound=call.direction is Direction.OUT, by=by, now=now)
    _plan_next(standing, call, callee, by=by, now=now)
    return row


def _contract(call: Logged) -> str:
    return checked_line(call.contract, "contract", limit=EVIDENCE_LIMIT)


def _checked_time(call: Logged, now: datetime) -> datetime:
    """When the call began. Raises Incomplete."""
    if not 0 <= call.minutes <= LONGEST_CALL_MINUTES:
        raise Incomplete("call_too_long", field="minutes")
    at = call.at or now - timedelta(minutes=call.minutes)
    if not now - LATEST <= at <= now:
        raise Incomplete("call_time_impossible", field="at")
    return at


def _ground(call: Logged, callee: Callee, at: datetime) -> tuple[CallBasis, str]:
    """On what the call rested. Raises Refused when the law forbids it."""
    if call.direction is Direction.IN:
        return CallBasis.INBOUND, ""
    answer = may_call(callee, at)
    if not answer.allowed or answer.basis is None:
        raise refusal_of(answer)
    return answer.basis, answer.evidence


def refusal_of(answer: CallAnswer) -> Refused:
    """What is said when a call is not allowed."""
    return Refused(f"call_{answer.reason}", next_at=answer.next_at)


def _follow(standing: Standing, row: Call, *, by: User, now: datetime) -> None:
    """The event, a number that is wrong, a person who does not want to be called."""
    record_event(
        lead_id=standing.lead_id,
        kind=_KIND[Direction(row.direction)],
        occurred_at=row.at,
        now=now,
        source=Source.PEOPLE,
        event_id=f"call:{row.key}",
        properties={"outcome": str(row.outcome), "minutes": row.minutes, "by": by.pk},
    )
    if row.outcome == CallOutcome.WRONG_NUMBER and row.direction == Direction.OUT:
        changes = {"phone_is_valid": False}
        update_profile(lead=standing.lead, changes=changes, origin=Origin.SALES, now=now, by=by)
    if row.outcome == CallOutcome.REFUSED:
        record_consent(
            lead=standing.lead,
            purpose=Purpose.SALES,
            channel=ContactChannel.PHONE,
            state=ConsentState.WITHDRAWN,
            now=now,
            actor=f"user:{by.pk}",
        )


def _plan_next(standing: Standing, call: Logged, callee: Callee, *, by: User, now: datetime) -> None:
    """The next step: a lead in work needs one, unless something is planned or it leaves."""
    step = call.next_step
    if step:
        _require_allowed_then(step, call, callee)
        write_task(standing, step, by=by, now=now)
    elif call.outcome is CallOutcome.CALL_BACK:
        raise Incomplete("call_back_when", field="due_at")
    elif standing.stage in WORKED and not call.leaves and not planned([standing.lead_id], now=now):
        raise Incomplete("next_action_required", field="then")


def _require_allowed_then(step: NextStep, call: Logged, callee: Callee) -> None:
    """No call is planned for a time at which this person may not be called, or for who refused."""
    if step.kind is not TaskKind.CALL:
        return
    if call.outcome is CallOutcome.REFUSED:
        raise Incomplete("call_after_refusal", field="then")
    if call.outcome is CallOutcome.WRONG_NUMBER:
        raise Incomplete("call_wrong_number", field="then")
    answer = may_call(callee, step.due_at)
    if answer.reason == "outside_hours":
        raise Incomplete("call_then_outside_hours", field="due_at", next_at=answer.next_at)
