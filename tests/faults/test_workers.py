"""Workers that die, brokers that forget: nothing is lost, nothing happens twice (bar: faults A and B)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from leads.actions.events import record_event
from leads.models import Event, Heartbeat, Lead, Wake
from pipeline.invariants import breaches
from scoring.models import LeadScore, ScoreChange
from tests.faults.conftest import BEAT, Start, celery, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def pour(leads: list[Lead], *, start: int = 0) -> None:
    """One page view and one pricing view for each lead, woken."""
    now = timezone.now()
    for number, lead in enumerate(leads, start):
        for kind in ("page_viewed", "pricing_viewed"):
            record_event(lead_id=lead.pk, kind=kind, occurred_at=now, now=now, event_id=f"{kind}{number}")


def idle() -> bool:
    """Whether nothing is on the agenda."""
    return not Wake.objects.exists()


def assert_nothing_lost_nothing_double(leads: list[Lead]) -> None:
    """Every lead is scored once, by both its events, and every invariant holds."""
    wait_for(idle, within=60, what="an empty agenda")
    assert set(LeadScore.objects.values_list("lead_id", flat=True)) == {lead.pk for lead in leads}
    assert Event.objects.filter(kind__code="pricing_viewed").count() == len(leads)
    twice = [
        lead.pk
        for lead in leads
        if ScoreChange.objects.filter(lead=lead)
        .values("fit", "engagement", "rules_version")
        .distinct()
        .count()
        != ScoreChange.objects.filter(lead=lead).count()
    ]
    assert twice == []
    assert breaches(now=timezone.now()) == []


@pytest.mark.parametrize(
    "point", ["event.after_claim", "score.after_read", "score.before_write", "score.after_write"]
)
def test_f04_a_worker_killed_in_mid_batch_loses_and_doubles_nothing(
    make_lead: Callable[..., Lead], start: Start, point: str
) -> None:
    leads = [make_lead() for _ in range(30)]
    pour(leads)
    drain = "import django; django.setup(); from pipeline.tasks import drain; drain()"
    dying = start("-c", drain, DJANGO_SETTINGS_MODULE="config.settings", FAILPOINTS=f"{point}=kill9")
    assert dying.wait(60) == -signal.SIGKILL
    assert not LeadScore.objects.exists()
    assert Wake.objects.count() == 60
    healthy = start("-c", drain, DJANGO_SETTINGS_MODULE="config.settings")
    assert healthy.wait(60) == 0
    assert_nothing_lost_nothing_double(leads)


def test_f12_redis_flushed_in_the_middle_loses_nothing(
    make_lead: Callable[..., Lead], start: Start, broker: redis.Redis, tmp_path: Path
) -> None:
    leads = [make_lead() for _ in range(40)]
    start(*celery())
    start(*BEAT, str(tmp_path / "schedule"))
    pour(leads[:20])
    broker.flushdb()
    pour(leads[20:], start=20)
    broker.flushdb()
    assert_nothing_lost_nothing_double(leads)


def test_f03_what_nobody_rang_for_is_found_by_the_sweep(
    make_lead: Callable[..., Lead], start: Start, tmp_path: Path
) -> None:
    leads = [make_lead() for _ in range(3)]
    pour(leads)  # this process rings another Redis database: nobody hears it
    start(*celery())
    start(*BEAT, str(tmp_path / "schedule"))
    assert_nothing_lost_nothing_double(leads)


def test_f05_a_killed_child_of_the_worker_is_replaced_and_its_batch_redone(
    make_lead: Callable[..., Lead], start: Start, tmp_path: Path
) -> None:
    leads = [make_lead() for _ in range(40)]
    worker = start(*celery())
    start(*BEAT, str(tmp_path / "schedule"))
    pour(leads[:20])
    wait_for(idle, within=60, what="an empty agenda")
    os.kill(_children(worker.pid)[0], signal.SIGKILL)
    pour(leads[20:], start=20)
    assert_nothing_lost_nothing_double(leads)


def _children(pid: int) -> list[int]:
    """The processes started by ``pid`` (Linux)."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def test_f19_the_watchdog_restarts_a_worker_that_died_and_leaves_none_behind(start: Start) -> None:
    watched = start("manage.py", "supervise_worker", "--queues", "pipeline", "--concurrency", "1")
    wait_for(lambda: bool(_children(watched.pid)), within=30, what="a worker")
    first = _children(watched.pid)[0]
    wait_for(Heartbeat.objects.exists, within=40, what="a heartbeat")
    os.kill(first, signal.SIGKILL)
    wait_for(
        lambda: bool(_children(watched.pid)) and _children(watched.pid)[0] != first,
        within=30,
        what="another worker",
    )
    second = _children(watched.pid)[0]
    watched.terminate()
    assert watched.wait(30) == 0
    assert not Path(f"/proc/{second}").exists()
    assert not Heartbeat.objects.exists()


def test_f19_a_worker_that_no_longer_consumes_is_restarted(start: Start) -> None:
    watched = start(
        *("manage.py", "supervise_worker", "--queues", "pipeline", "--concurrency", "1"),
        WATCHDOG_CANARY_EVERY="1",
        WATCHDOG_DEAF_AFTER="6",
    )
    wait_for(Heartbeat.objects.exists, within=40, what="a heartbeat")
    deaf = _children(watched.pid)[0]
    for process in [*_children(deaf), deaf]:
        os.kill(process, signal.SIGSTOP)  # alive, and deaf
    wait_for(
        lambda: bool(_children(watched.pid)) and _children(watched.pid)[0] != deaf,
        within=40,
        what="another worker",
    )
    since = timezone.now() + timedelta(seconds=1)
    wait_for(
        lambda: Heartbeat.objects.filter(at__gt=since).exists(),
        within=40,
        what="a heartbeat of the new worker",
    )
