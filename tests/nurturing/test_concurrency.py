"""Several workers, and workers that die: nothing is sent twice, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection, connections

from leads.models import Content, Lead
from nurturing.actions.send import Summary, send_due
from nurturing.actions.unsubscribe import unsubscribe
from nurturing.caps import DAY
from nurturing.models import Message, State
from nurturing.policy import Purpose
from nurturing.queries import to_check
from nurturing.tokens import Subject
from tests.nurturing.conftest import Script
from tests.processes import database_url

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Message]


def together(count: int, work: Callable[[], object]) -> list[object]:
    """Run ``work`` in several threads at the same moment, each with a connection of its own."""
    barrier = Barrier(count)

    def run() -> object:
        barrier.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


def drain(server: Script, now: datetime) -> int:
    """Send in small batches until nothing is due."""
    sent = 0
    while (summary := send_due(now=now, transport=server.transport(), limit=5)).claimed:
        sent += summary.sent
    return sent


def test_f58_four_workers_send_every_message_once(server: Script, make_message: Make, now: datetime) -> None:
    messages = [make_message() for _ in range(60)]
    sent = together(4, lambda: drain(server, now))
    assert sum(sent) == 60
    assert Counter(server.recipients) == Counter(message.lead.email for message in messages)
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}


def test_f59_the_cap_holds_with_two_workers_at_once(
    server: Script, make_message: Make, make_lead: Callable[..., Lead], now: datetime
) -> None:
    leads = [make_lead() for _ in range(10)]
    for _ in range(3):
        for lead in leads:
            make_message(lead)
    together(4, lambda: drain(server, now))
    assert Counter(server.recipients) == Counter({lead.email: 1 for lead in leads})
    waiting = Message.objects.filter(state=State.PLANNED)
    assert {(each.reason, each.due_at) for each in waiting} == {("cap", now + DAY)}


def test_unsubscribing_and_sending_at_once_come_to_one_outcome(
    server: Script, make_message: Make, now: datetime
) -> None:
    messages = [make_message() for _ in range(12)]
    subjects = [Subject(message.lead.public_id, Purpose.NURTURING) for message in messages]
    jobs: list[Callable[[], object]] = [
        lambda: drain(server, now),
        lambda: [unsubscribe(subject, now=now) for subject in subjects],
    ]

    def work() -> object:
        return jobs.pop()()

    together(2, work)
    for message in messages:
        message.refresh_from_db()
        arrived = message.lead.email in server.recipients
        assert message.state == State.SENT if arrived else message.state in {State.CANCELLED, State.HELD}
    # Everybody is out now, whatever the race gave.
    assert drain(server, now) == 0


def worker(server: Script, now: datetime, failpoint: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """A worker process of its own that dies at ``failpoint``."""
    script = f"""
import django; django.setup()
from datetime import datetime
from nurturing.actions.send import send_due
from nurturing.actions.plan import plan
from nurturing.smtp import SmtpTransport
now = datetime.fromisoformat({now.isoformat()!r})
transport = SmtpTransport('127.0.0.1', {server.port}, security='plain')
{code or "send_due(now=now, transport=transport)"}
"""
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "FAILPOINTS": f"{failpoint}=kill9",
    }
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def lapse() -> None:
    """Let a minute pass on the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE nurturing_message SET lease_until = lease_until - interval '61 seconds'")


def test_f06_killed_after_the_plan_everything_is_planned_again(
    server: Script,
    make_message: Make,
    make_lead: Callable[..., Lead],
    stand: Callable[..., object],
    make_content: Callable[..., Content],
    download: Callable[..., None],
    site: object,
    now: datetime,
) -> None:
    lead = make_lead()
    stand(lead)
    make_content()
    download(lead)
    died = worker(server, now, "email.after_plan", f"plan([{lead.pk}], now=now)")
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert not Message.objects.exists()
    alive = worker(server, now, "nowhere", f"plan([{lead.pk}], now=now)")
    assert alive.returncode == 0, alive.stderr
    assert send_due(now=now, transport=server.transport()).sent == 1


def test_f06_killed_after_the_claim_it_is_sent_once_when_the_lease_lapses(
    server: Script, make_message: Make, now: datetime
) -> None:
    message = make_message()
    died = worker(server, now, "email.after_claim")
    assert died.returncode == -signal.SIGKILL, died.stderr
    message.refresh_from_db()
    assert message.state == State.CLAIMED
    # Nobody takes it while it is lent.
    assert send_due(now=now, transport=server.transport()) == Summary()
    lapse()
    assert send_due(now=now, transport=server.transport()) == Summary(claimed=1, sent=1)
    assert server.recipients == [message.lead.email]


@pytest.mark.parametrize(
    ("failpoint", "copies"), [("email.before_data", 0), ("email.after_data", 1), ("email.before_record", 1)]
)
def test_f07_killed_after_the_checkpoint_it_is_unknown_and_never_sent_again(
    server: Script, make_message: Make, now: datetime, failpoint: str, copies: int
) -> None:
    message = make_message()
    died = worker(server, now, failpoint)
    assert died.returncode == -signal.SIGKILL, died.stderr
    message.refresh_from_db()
    assert (message.state, message.data_started_at) == (State.SENDING, now)
    assert message.message_id is not None
    lapse()
    for later in (timedelta(0), timedelta(hours=1), timedelta(days=2)):
        assert send_due(now=now + later, transport=server.transport()) == Summary()
    assert len(server.accepted) == copies
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.UNKNOWN, "worker_died")
    assert list(to_check()) == [message]


def test_f05_a_message_that_kills_its_worker_every_time_is_given_up(
    server: Script, make_message: Make, now: datetime
) -> None:
    message = make_message(attempts=24)
    died = worker(server, now, "email.after_claim")
    assert died.returncode == -signal.SIGKILL, died.stderr
    lapse()
    assert send_due(now=now, transport=server.transport()) == Summary()
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.FAILED, "too_many_attempts")


def test_a_worker_whose_lease_lapsed_sends_nothing_that_another_one_took(
    server: Script, make_message: Make, now: datetime
) -> None:
    message = make_message()
    slow_batch: list[Summary] = []

    class Slow:
        """A way to the server that is so slow that the lease lapses and another worker sends."""

        def session(self) -> object:
            lapse()
            slow_batch.append(send_due(now=now, transport=server.transport()))
            return server.transport().session()

    assert send_due(now=now, transport=Slow()) == Summary(claimed=1)  # type: ignore[arg-type]
    assert slow_batch == [Summary(claimed=1, sent=1)]
    assert server.recipients == [message.lead.email]
