"""The agenda: nothing on it is lost, nothing is taken twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from leads.actions.agenda import cancel, claim, schedule, wake
from leads.models import Due, Lead, Wake


@transaction.atomic
def take(now: datetime, limit: int = 100) -> list[int]:
    """Claim in a transaction of its own."""
    return claim(limit=limit, now=now)


def test_many_wakes_of_a_lead_are_one_look_at_it(make_lead: Callable[..., Lead], now: datetime) -> None:
    one, two = make_lead(), make_lead()
    wake([two.pk, one.pk])
    wake([one.pk])
    assert take(now) == [one.pk, two.pk]
    assert take(now) == []


def test_what_is_due_is_taken_when_its_time_has_come(make_lead: Callable[..., Lead], now: datetime) -> None:
    lead = make_lead()
    schedule(lead_id=lead.pk, purpose="wake_date", due_at=now + timedelta(hours=1))
    assert take(now) == []
    assert take(now + timedelta(hours=1)) == [lead.pk]
    assert take(now + timedelta(hours=2)) == []


def test_one_row_per_lead_and_purpose(make_lead: Callable[..., Lead], now: datetime) -> None:
    lead = make_lead()
    schedule(lead_id=lead.pk, purpose="wake_date", due_at=now)
    schedule(lead_id=lead.pk, purpose="wake_date", due_at=now + timedelta(days=1))
    schedule(lead_id=lead.pk, purpose="deadline", due_at=now + timedelta(days=2))
    assert Due.objects.filter(lead_id=lead.pk).count() == 2
    cancel(lead_ids=[lead.pk], purpose="wake_date")
    assert Due.objects.get().purpose == "deadline"


def test_the_limit_leaves_the_rest_for_the_next_round(make_lead: Callable[..., Lead], now: datetime) -> None:
    ids = [make_lead().pk for _ in range(5)]
    wake(ids)
    assert take(now, limit=2) == ids[:2]
    assert take(now, limit=10) == ids[2:]


def test_a_wake_of_nobody_is_done_with(db: None, now: datetime) -> None:
    wake([987654])
    assert take(now) == []
    assert not Wake.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_crashed_worker_took_is_there_again(make_lead: Callable[..., Lead], now: datetime) -> None:
    lead = make_lead()
    wake([lead.pk])

    @transaction.atomic
    def crash() -> None:
        assert claim(limit=10, now=now) == [lead.pk]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()
    assert take(now) == [lead.pk]


@pytest.mark.django_db(transaction=True)
def test_a_lead_somebody_works_on_waits_for_the_next_round(
    make_lead: Callable[..., Lead], now: datetime
) -> None:
    busy, free = make_lead(), make_lead()
    wake([busy.pk, free.pk])
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Lead.objects.select_for_update().get(pk=busy.pk)
                locked.set()
                release.wait(timeout=10)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(timeout=10)
    assert take(now) == [free.pk]
    release.set()
    holder.join(timeout=10)
    assert take(now) == [busy.pk]


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_agenda_without_doing_anything_twice(
    make_lead: Callable[..., Lead], now: datetime
) -> None:
    ids = [make_lead().pk for _ in range(200)]
    wake(ids)
    taken: list[list[int]] = [[], []]

    def work(mine: list[int]) -> None:
        try:
            idle = 0
            while idle < 3:
                batch = take(now, limit=7)
                idle = 0 if batch else idle + 1
                mine.extend(batch)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(taken[0] + taken[1]) == ids
