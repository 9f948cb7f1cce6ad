"""Telling people of what is due: each task once, while they are at work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from funnel.actions.telling import Tale, tell_all
from funnel.models import Rep, Task
from funnel.queries.work import live_tasks
from scoring.tellings import Telling

AT_ONCE = 500


@transaction.atomic
def remind_tasks(*, now: datetime) -> int:
    """Tell of every task that became due whoever is to do it; how many were told of.

    Who is off work (hours, holidays, absences) is told when they are back. Two sweeps share the tasks.
    """
    tasks = list(_due(now))
    people = _people(tasks)
    ready = [(task, who) for task in tasks if (who := people.get(_who(task))) and _is_at_work(who, now)]
    tell_all([_tale(task, who) for task, who in ready], now=now)
    Task.objects.filter(pk__in=[task.pk for task, _who in ready]).update(reminded_at=now)
    return len(ready)


def _due(now: datetime) -> Iterable[Task]:
    """The live tasks nobody was told of yet, the longest due first."""
    tasks = live_tasks().filter(due_at__lte=now, reminded_at=None).select_related("lead__standing")
    return tasks.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("due_at")[:AT_ONCE]


def _who(task: Task) -> int:
    """Whose it is: given to somebody by name, else who works the lead or has it on the table."""
    return task.assignee_id or task.lead.standing.rep_id or task.lead.offered_to_id or 0


def _people(tasks: Iterable[Task]) -> dict[int, User]:
    numbers = {_who(task) for task in tasks}
    return {
        one.pk: one
        for one in User.objects.filter(pk__in=numbers).select_related("rep").prefetch_related("rep__absences")
    }


def _is_at_work(user: User, now: datetime) -> bool:
    """Within their hours; who has no desk is told at any time."""
    rep: Rep | None = getattr(user, "rep", None)
    if rep is None:
        return True
    calendar = rep.calendar
    return any(opens <= now < closes for opens, closes in calendar.spans_of(calendar.local_day(now)))


def _tale(task: Task, who: User) -> Tale:
    facts: dict[str, object] = {"task": task.pk, "until": task.due_at}
    if task.title:
        facts["what"] = task.title
    return Tale(who.pk, Telling.TASK_DUE, task.lead_id, facts)
