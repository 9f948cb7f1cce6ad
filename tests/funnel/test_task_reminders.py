"""A task that is due tells its assignee: once, at work."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from funnel.actions.task_reminders import remind_tasks
from funnel.actions.work import add_task, complete_task, postpone_task
from funnel.models import Absence, Standing, Task
from scoring.models import Notification

# A Wednesday, eleven in Paris.
NOW = datetime(2026, 9, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def sal(make_rep, make_sal):
    make_rep(places=20, offers_per_day=50)
    return make_sal()


def told():
    return list(Notification.objects.filter(trigger="task_due").values_list("user", flat=True))


@pytest.mark.django_db
def test_a_due_task_is_told_of_once(sal):
    due = Task.objects.get(lead=sal.lead).due_at
    assert remind_tasks(now=due - timedelta(minutes=1)) == 0
    assert remind_tasks(now=due - timedelta(seconds=1)) == 0
    Task.objects.update(due_at=NOW + timedelta(hours=1))
    assert remind_tasks(now=NOW + timedelta(hours=1)) == 1
    assert remind_tasks(now=NOW + timedelta(hours=2)) == 0
    assert told() == [sal.rep.pk]


@pytest.mark.django_db
def test_nobody_is_told_off_work(sal):
    Task.objects.update(due_at=NOW)
    assert remind_tasks(now=NOW.replace(hour=19)) == 0
    assert remind_tasks(now=NOW + timedelta(days=3)) == 0  # a Saturday
    Absence.objects.create(rep=sal.rep, first_day=NOW.date(), last_day=NOW.date())
    assert remind_tasks(now=NOW) == 0
    assert remind_tasks(now=NOW + timedelta(days=1)) == 1


@pytest.mark.django_db
def test_done_put_off_and_over_is_not_told_of(sal):
    task = Task.objects.get(lead=sal.lead)
    Task.objects.update(due_at=NOW)
    postpone_task(task=task, by=sal.rep.user, now=NOW, due_at=NOW + timedelta(days=1))
    assert remind_tasks(now=NOW + timedelta(minutes=5)) == 0
    Standing.objects.filter(lead=sal.lead).update(stage="mql", situation="marketing", rep=None)
    assert remind_tasks(now=NOW + timedelta(days=1)) == 0
    Standing.objects.filter(lead=sal.lead).update(stage="sal", situation="", rep=sal.rep)
    complete_task(task=task, by=sal.rep.user, now=NOW)
    assert remind_tasks(now=NOW + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_who_has_no_desk_is_told_at_any_time(sal, make_user):
    manager = make_user("manager")
    Task.objects.all().delete()
    due = NOW + timedelta(minutes=1)
    add_task(lead=sal.lead, by=sal.rep.user, now=NOW, kind="other", due_at=due, assignee=manager)
    assert remind_tasks(now=NOW.replace(hour=22)) == 1
    assert told() == [manager.pk]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_once(sal):
    Task.objects.update(due_at=NOW)
    start, counts = threading.Barrier(2), []

    def sweep():
        try:
            start.wait(10)
            counts.append(remind_tasks(now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(counts) == [0, 1]
    assert len(told()) == 1
