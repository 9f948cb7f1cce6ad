"""Promised answers: made when a lead asks, kept by the first act towards it, escalated when nobody acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from funnel.actions.telling import Tale, tell_all
from funnel.models import AnswerPromise, Rep, ServiceLevel, Standing
from funnel.queries.answers import (
    OWED,
    calendar_of,
    course_of,
    first_acts,
    managers,
    open_promises,
    promise_of,
    rep_of,
)
from funnel.service_levels import UNDO_ON_SERVER
from funnel.sla import Course, Promise, Step, go_on
from leads.kinds import BY_CODE, BY_ID
from leads.models import NOT_COUNTED, Event, Lead
from scoring.tellings import Telling

# An event that came in later than this (an import, a queue that stood still) promises nothing any more.
FRESH = timedelta(days=1)
MOST_A_RUN = 500


@dataclass(frozen=True, slots=True)
class _Asked:
    standing: Standing
    subject: str
    at: datetime
    minutes: int


def promise_answers(
    lead_ids: Sequence[int], bands: Mapping[int, str], *, now: datetime
) -> list[AnswerPromise]:
    """Promise an answer to those of these leads that just asked for something or just became ready.

    ``bands``: A1 … D4 of each scored lead. Only who is ready, offered or a SAL is promised one; who was
    promised an earlier one already is not promised another. The caller holds the leads' locks.
    """
    levels = dict(ServiceLevel.objects.filter(is_active=True).values_list("subject", "minutes"))
    standings = _asking(lead_ids) if levels else {}
    if not standings:
        return []
    asked = [*_asked(standings, levels, now), *_arrived(standings, bands, levels, now)]
    known = _known(standings) if asked else {}
    made = [_made(one) for one in asked]
    urgent = [one for one in made if one.lead_id not in known or one.due_at < known[one.lead_id]]
    AnswerPromise.objects.bulk_create(urgent, ignore_conflicts=True)
    return urgent


def _asking(lead_ids: Sequence[int]) -> dict[int, Standing]:
    """Those of these leads that sales owe an answer."""
    rows = Standing.objects.filter(
        lead__in=lead_ids, stage__in={one.stage for one in OWED}, lead__merged_into=None, lead__erased_at=None
    ).select_related("rep", "lead__offered_to__rep")
    return {one.lead_id: one for one in rows if one.position in OWED}


def _asked(standings: Mapping[int, Standing], levels: Mapping[str, int], now: datetime) -> Iterator[_Asked]:
    """What these leads did lately that is promised an answer."""
    kinds = [BY_CODE[subject].id for subject in levels if subject in BY_CODE]
    events = Event.objects.filter(
        lead__in=list(standings), kind__in=kinds, occurred_at__range=(now - FRESH, now), voided_at=None
    ).exclude(signature_id=NOT_COUNTED)
    for lead, kind, at in events.values_list("lead_id", "kind_id", "occurred_at"):
        subject = BY_ID[kind].code
        yield _Asked(standings[lead], subject, at, levels[subject])


def _arrived(
    standings: Mapping[int, Standing], bands: Mapping[int, str], levels: Mapping[str, int], now: datetime
) -> Iterator[_Asked]:
    """Who became ready for sales just now, in a band that is promised an answer."""
    for lead, standing in standings.items():
        band = bands.get(lead, "")
        if band in levels and standing.ready_since == now:
            yield _Asked(standing, band, now, levels[band])


def _known(lead_ids: Mapping[int, Standing]) -> dict[int, datetime]:
    """Until when each of these leads is promised an answer already; what was answered is asked anew."""
    rows = AnswerPromise.objects.filter(lead__in=list(lead_ids), ended_at=None).order_by("-due_at")
    return dict(rows.values_list("lead_id", "due_at"))


def _made(asked: _Asked) -> AnswerPromise:
    rep = rep_of(asked.standing)
    return AnswerPromise(
        lead_id=asked.standing.lead_id,
        cycle=asked.standing.cycle,
        subject=asked.subject,
        asked_at=asked.at,
        minutes=asked.minutes,
        rep=rep,
        due_at=Promise(asked.at, asked.minutes, calendar_of(rep)).due_at,
    )


def follow_up(*, now: datetime) -> int:
    """See what became of every promise: end those that were kept or are owed no more, escalate the others.

    Each step is told once, also by two at a time: a promise changes only under its lead's lock, and a lead
    that somebody is just deciding on is left for the next run. Returns how many promises changed.
    """
    rows = list(open_promises()[:MOST_A_RUN])
    changing = {change.row.lead_id for change in _changes(rows, now)}
    return _settle(changing, now) if changing else 0


@transaction.atomic
def _settle(lead_ids: set[int], now: datetime) -> int:
    rows = list(open_promises().filter(lead__in=_lock_quietly(lead_ids)))
    changes = list(_changes(rows, now))
    tell_all([tale for change in changes for tale in _carry_out(change)], now=now)
    return len(changes)


def _lock_quietly(lead_ids: set[int]) -> list[int]:
    """Those of these leads that nobody else holds, locked in id order."""
    leads = Lead.objects.filter(pk__in=lead_ids).order_by("pk")
    return list(leads.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class _Change:
    row: AnswerPromise
    course: Course
    is_handed_over: bool


def _changes(rows: Sequence[AnswerPromise], now: datetime) -> Iterator[_Change]:
    """The promises that are not what they were, each with its new course; its rep and term are set.

    A lead that has just left the table waits: as long as its decision can be undone nothing is settled.
    """
    acts = first_acts(rows)
    for row in rows:
        standing = row.lead.standing
        is_owed = standing.cycle == row.cycle and standing.position in OWED
        if not is_owed and now - standing.since < UNDO_ON_SERVER:
            continue
        moved = _follow_rep(row, rep_of(standing))
        left_at = None if is_owed else max(standing.since, row.asked_at)
        before = course_of(row)
        after = go_on(before, promise_of(row), first_act=acts[row.pk], left_at=left_at, now=now)
        if moved or after != before:
            yield _Change(row, after, moved)


def _follow_rep(row: AnswerPromise, rep: Rep | None) -> bool:
    """Whether somebody else has the lead now, by whose hours the clock runs from here on."""
    if rep is None or row.rep_id == rep.pk:
        return False
    row.rep = rep
    row.due_at = promise_of(row).due_at
    return True


def _carry_out(change: _Change) -> list[Tale]:
    """Write a new course down; what is to be told of it: a new step to all concerned, a lead that changed
    hands to who has it now."""
    row, course, before = change.row, change.course, Step(change.row.step)
    row.step, row.answered_at, row.ended_at = course.step.value, course.answered_at, course.ended_at
    row.save(update_fields=["rep", "due_at", "step", "answered_at", "ended_at"])
    if course.ended_at is not None or course.step is Step.NOTHING:
        return []
    told = _to_tell(row.rep, course.step if course.step > before else Step.STARTED)
    return [Tale(number, _KINDS[course.step], row.lead_id, _facts(row)) for number in told]


_KINDS = {
    Step.STARTED: Telling.SLA_STARTED,
    Step.SOON: Telling.SLA_SOON,
    Step.BREACHED: Telling.SLA_BREACHED,
    Step.ESCALATED: Telling.ESCALATED,
}


def _facts(row: AnswerPromise) -> dict[str, object]:
    facts: dict[str, object] = {"until": row.due_at, "since": row.asked_at, "promise": row.pk}
    return facts | ({"who": row.rep.user.full_name} if row.rep else {})


def _to_tell(rep: Rep | None, step: Step) -> list[int]:
    """The rep always; the manager when the time is over, every manager after twice the time."""
    told: list[User] = []
    if step >= Step.BREACHED:
        nearest, everybody = managers()
        told = everybody if step is Step.ESCALATED else nearest
    numbers = [rep.pk] if rep else []
    return numbers + [user.pk for user in told if user.pk not in numbers]
