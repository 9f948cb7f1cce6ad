"""Alerts from end to end: a crossing is told once, to whom it concerns, and mailed once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail

from leads.actions.events import record_event
from pipeline.run import run_until_idle
from scoring.actions.alert_mail import send_due
from scoring.actions.alerts import mark_read
from scoring.models import AlertRule, Notification, NotificationChoice

NOON = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)


@pytest.fixture
def alert(db: None):
    def make(**fields: object) -> AlertRule:
        values = {"name": "Chaud", "trigger": "hot", "recipients": ["owner"], "created_at": NOON}
        return AlertRule.objects.create(**(values | fields))

    return make


def asks(lead, *, at: datetime = NOON) -> None:
    """The lead asks for a quote, and the pipeline concludes."""
    record_event(lead_id=lead.pk, kind="quote_requested", occurred_at=at, now=at)
    run_until_idle(now=at)


def test_the_owner_hears_that_a_lead_became_hot_and_only_once(alert, make_lead, make_user) -> None:
    rule, owner, other = alert(), make_user("rep"), make_user("rep")
    lead = make_lead(owner=owner)
    asks(lead)
    told = Notification.objects.get()
    assert (told.user, told.lead, told.rule, told.trigger) == (owner, lead, rule, "hot")
    asks(lead, at=NOON + timedelta(hours=1))
    assert Notification.objects.count() == 1
    assert not Notification.objects.filter(user=other).exists()


def test_marketing_hears_of_mql_and_ready(alert, make_lead, make_user) -> None:
    marketer = make_user("marketer")
    alert(trigger="ready", recipients=["marketer"])
    alert(trigger="mql", recipients=["marketer"])
    asks(make_lead())
    assert set(Notification.objects.filter(user=marketer).values_list("trigger", flat=True)) == {
        "mql",
        "ready",
    }


def test_a_rep_is_never_told_of_a_lead_that_they_may_not_see(alert, make_lead, make_user) -> None:
    rep, somebody = make_user("rep"), make_user("rep")
    alert(recipients=["rep"])
    asks(make_lead(owner=somebody))
    assert [one.user for one in Notification.objects.all()] == [somebody]
    assert rep.notifications.count() == 0


def test_what_is_muted_or_switched_off_is_not_told(alert, make_lead, make_user) -> None:
    owner = make_user("rep")
    NotificationChoice.objects.create(user=owner, muted=["hot"])
    alert()
    alert(is_active=False, trigger="ready")
    asks(make_lead(owner=owner))
    assert not Notification.objects.exists()


def test_the_same_alert_waits_its_hours(alert, make_lead, make_user) -> None:
    alert(trigger="points", measure="engagement", points=10, throttle_hours=24 * 90)
    lead = make_lead(owner=make_user("rep"))
    asks(lead)
    later = NOON + timedelta(days=80)  # cooled meanwhile, and warm again
    run_until_idle(now=later - timedelta(days=1))
    asks(lead, at=later)
    assert Notification.objects.count() == 1


def test_mail_leaves_once_and_together(alert, make_lead, make_user) -> None:
    owner = make_user("rep", language="fr")
    alert(by_email=True)
    for _ in range(2):
        asks(make_lead(owner=owner))
    assert send_due(now=NOON) == 1
    assert send_due(now=NOON) == 0
    (sent,) = mail.outbox
    assert sent.to == [owner.email]
    assert sent.body.count("/open/") == 2
    assert set(Notification.objects.values_list("email", flat=True)) == {"sent"}


def test_quiet_hours_wait_and_what_was_read_needs_no_mail(alert, make_lead, make_user) -> None:
    owner = make_user("rep")
    NotificationChoice.objects.create(user=owner, quiet_from=time(9), quiet_until=time(18))
    alert(by_email=True)
    asks(make_lead(owner=owner))
    assert send_due(now=NOON) == 0
    mark_read(user=owner, now=NOON)
    assert send_due(now=NOON + timedelta(hours=8)) == 0
    assert Notification.objects.get().email == "none"


def test_what_was_claimed_by_somebody_who_died_is_unknown_and_not_sent_again(
    alert, make_lead, make_user
) -> None:
    alert(by_email=True)
    asks(make_lead(owner=make_user("rep")))
    Notification.objects.update(email="claimed", emailed_at=NOON)
    assert send_due(now=NOON + timedelta(minutes=30)) == 0
    assert send_due(now=NOON + timedelta(hours=2)) == 0
    assert Notification.objects.get().email == "unknown"
    assert mail.outbox == []


def test_a_server_that_is_down_is_not_asked_twice(alert, make_lead, make_user, monkeypatch) -> None:
    def down(*_args: object, **_more: object) -> None:
        raise ConnectionRefusedError

    alert(by_email=True)
    asks(make_lead(owner=make_user("rep")))
    monkeypatch.setattr("scoring.actions.alert_mail.send_mail", down)
    assert send_due(now=NOON) == 0
    assert Notification.objects.get().email == "unknown"
