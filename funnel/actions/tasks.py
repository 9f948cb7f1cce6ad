"""What is planned for a lead: added, put off, done; and the first contact that comes with accepting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.models import User
from funnel.actions.grounds import checked_line
from funnel.actions.working import checked_due, held_for_work
from funnel.models import Standing, Task
from funnel.next_action import WORKED
from funnel.queries.work import planned
from funnel.refusals import Incomplete, NotYours, Refused
from funnel.service_levels import due
from funnel.work import TITLE_LIMIT, TaskKind
from leads.models import Lead


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done next, by when, and by whom when not by who works the lead."""

    kind: TaskKind
    due_at: datetime
    title: str = ""
    assignee: User | None = None


@transaction.atomic
def add_task(
    *,
    lead: Lead,
    by: User,
    now: datetime,
    kind: TaskKind | str,
    due_at: datetime,
    title: str = "",
    assignee: User | None = None,
    key: UUID | None = None,
) -> Task:
    """Plan something for a lead that is offered to sales or worked by them; by the same ``key`` once.

    Without an ``assignee`` it is for whoever works the lead. Raises NotYours, Refused (``not_with_sales``),
    Incomplete (``due_past`` …; ``assignee_blind`` for somebody who may not see the lead).
    """
    standing = held_for_work(lead, by)
    return write_task(standing, NextStep(_kind(kind), due_at, title, assignee), by=by, now=now, key=key)


def write_task(
    standing: Standing, step: NextStep, *, by: User, now: datetime, key: UUID | None = None
) -> Task:
    """The task of a held lead. Raises Incomplete."""
    if key and (known := Task.objects.filter(key=key, created_by=by).first()):
        return known
    if step.assignee and not Lead.objects.filter(pk=standing.lead_id).visible_to(step.assignee).exists():
        raise Incomplete("assignee_blind", field="assignee", who=step.assignee.full_name)
    return Task.objects.create(
        lead_id=standing.lead_id,
        cycle=standing.cycle,
        key=key or uuid4(),
        kind=step.kind,
        title=checked_line(step.title, "title", limit=TITLE_LIMIT),
        due_at=checked_due(step.due_at, now),
        assignee=step.assignee,
        created_at=now,
        created_by=by,
    )


def _kind(code: TaskKind | str) -> TaskKind:
    try:
        return TaskKind(code)
    except ValueError as error:
        raise Incomplete("task_kind_unknown", field="kind") from error


@transaction.atomic
def complete_task(*, task: Task, by: User, now: datetime) -> bool:
    """It is done. Doing it twice is no error. Returns whether the lead is now without a next action.

    Raises NotYours, Refused (``task_over``: the lead is no longer with sales).
    """
    standing = _standing_of(task, by)
    Task.objects.filter(pk=task.pk, done_at=None).update(done_at=now, done_by=by)
    return standing.stage in WORKED and not planned([standing.lead_id], now=now)


@transaction.atomic
def postpone_task(*, task: Task, by: User, now: datetime, due_at: datetime) -> Task:
    """Put it off until ``due_at``; the history remembers. It will be reminded of again.

    Raises NotYours, Incomplete, Refused (``task_done``, ``task_over``).
    """
    _standing_of(task, by)
    task = Task.objects.select_for_update(no_key=True).get(pk=task.pk)
    if task.done_at:
        raise Refused("task_done")
    later = checked_due(due_at, now)
    if later != task.due_at:
        entry = {"at": now.isoformat(), "by": by.pk, "from": task.due_at.isoformat(), "to": later.isoformat()}
        task.postponements = [*task.postponements, entry]
        task.due_at, task.reminded_at = later, None
        task.save(update_fields=["postponements", "due_at", "reminded_at"])
    return task


def _standing_of(task: Task, by: User) -> Standing:
    """The held standing of a task's lead; its assignee may act on it as who works the lead does."""
    try:
        standing = held_for_work(task.lead, by)
    except NotYours:
        if task.assignee_id != by.pk:
            raise
        standing = Standing.objects.get(lead=task.lead_id)
    if standing.cycle != task.cycle:
        raise Refused("task_over")
    return standing


@transaction.atomic
def answer_reply(*, lead: Lead, by: User, now: datetime) -> Task:
    """What the lead wrote was answered outside Écluse: noted as a task done. Raises NotYours, Refused."""
    standing = held_for_work(lead, by)
    return Task.objects.create(
        lead_id=standing.lead_id,
        cycle=standing.cycle,
        kind=TaskKind.EMAIL,
        due_at=now,
        created_at=now,
        created_by=by,
        done_at=now,
        done_by=by,
    )


def done_by_call(standing: Standing, *, task: Task | None, outbound: bool, by: User, now: datetime) -> None:
    """A call does the task it was made for; one of ours is the first contact too."""
    open_ones = Task.objects.filter(lead=standing.lead_id, cycle=standing.cycle, done_at=None)
    if task:
        open_ones.filter(pk=task.pk).update(done_at=now, done_by=by)
    if outbound:
        open_ones.filter(is_first_contact=True).update(done_at=now, done_by=by)


# Accepted, undone and accepted again is one first contact, with the time that holds now.
_FIRST_CONTACT = """
INSERT INTO funnel_task (lead_id, cycle, key, kind, title, is_first_contact, due_at, created_at,
    created_by_id, postponements)
VALUES (%s, %s, %s, 'call', '', TRUE, %s, %s, %s, '[]')
ON CONFLICT (lead_id, cycle) WHERE is_first_contact
DO UPDATE SET due_at = excluded.due_at, reminded_at = NULL, done_at = NULL, done_by_id = NULL
"""


def plan_first_contact(standing: Standing, within: timedelta, *, by: User, now: datetime) -> None:
    """The task that comes with accepting, in one statement; ``within`` is working time of the held rep."""
    assert standing.rep
    due_at = due(now, within, standing.rep.calendar)
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_CONTACT, [standing.lead_id, standing.cycle, uuid4(), due_at, now, by.pk])
