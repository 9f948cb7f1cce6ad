"""Voiding: everything follows, the past stays what it was, and it can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from funnel.models import Offer, Rep, Standing
from leads.actions.events import record_event
from leads.actions.verdicts import change_verdict
from leads.models import Event, Lead, Verdict, Wake
from pipeline.run import run_until_idle
from scoring.actions.voidings import (
    NotUndoable,
    Which,
    begin_voiding,
    plan_voiding,
    undo_voiding,
    void_one,
    work_off,
)
from scoring.models import AlertRule, LeadScore, Notification, ScoreChange, VoidedEvent, Voiding
from scoring.queries import explain

NOON = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
TOMORROW = NOON + timedelta(days=1)


def asks(lead: Lead, *, at: datetime = NOON, kind: str = "quote_requested", **more: object) -> Event:
    record_event(lead_id=lead.pk, kind=kind, occurred_at=at, now=at, **more)
    run_until_idle(now=at)
    return Event.objects.filter(lead=lead, kind__code=kind).latest("pk")


def engagement(lead: Lead) -> int:
    return LeadScore.objects.get(lead=lead).engagement


def test_score_stage_and_open_offer_follow(make_lead, make_user) -> None:
    Rep.objects.create(user=make_user("rep"))
    lead = make_lead()
    event = asks(lead)
    assert Offer.objects.open().filter(lead=lead).exists()
    assert engagement(lead) > 0
    void_one(events=[event], reason="a competitor's test", by=None, now=TOMORROW)
    run_until_idle(now=TOMORROW)
    assert engagement(lead) == 0
    assert LeadScore.objects.get(lead=lead).temperature == "cold"
    assert not Offer.objects.open().filter(lead=lead).exists()
    assert Standing.objects.get(lead=lead).stage == "lead"
    assert Event.objects.get(pk=event.pk).void_reason == "a competitor's test"


def test_the_hot_list_follows(make_lead) -> None:
    lead = make_lead()
    event = asks(lead)
    assert LeadScore.objects.exclude(hot_priority=None).filter(lead=lead).exists()
    void_one(events=[event], reason="bot", by=None, now=TOMORROW)
    run_until_idle(now=TOMORROW)
    assert not LeadScore.objects.exclude(hot_priority=None).exists()


def test_taking_it_back_gives_the_score_back(make_lead, make_user) -> None:
    lead, user = make_lead(), make_user("marketer")
    event = asks(lead)
    before = engagement(lead)
    voiding = void_one(events=[event], reason="mistake", by=user, now=NOON)
    run_until_idle(now=NOON)
    assert voiding is not None
    assert undo_voiding(voiding=voiding, by=user, now=NOON).state == Voiding.State.UNDONE
    run_until_idle(now=NOON)
    assert engagement(lead) == before
    assert Event.objects.get(pk=event.pk).voided_at is None
    with pytest.raises(NotUndoable):
        undo_voiding(voiding=voiding, by=user, now=NOON)


def test_voiding_twice_changes_nothing(make_lead) -> None:
    event = asks(make_lead())
    assert void_one(events=[event], reason="bot", by=None, now=NOON) is not None
    run_until_idle(now=NOON)
    assert void_one(events=[event], reason="bot", by=None, now=NOON) is None
    assert Wake.objects.count() == 0
    assert VoidedEvent.objects.count() == 1


def test_a_machines_event_stays_uncounted_when_it_is_restored(make_lead) -> None:
    lead = make_lead()
    event = asks(lead)
    voiding = void_one(events=[event], reason="bot", by=None, now=NOON)
    change_verdict(events=[event], verdict=Verdict.MACHINE, reasons=["by_hand"], by=None, now=NOON)
    assert voiding is not None
    undo_voiding(voiding=voiding, by=None, now=NOON)
    run_until_idle(now=NOON)
    assert engagement(lead) == 0


def day(number: int) -> datetime:
    return NOON + timedelta(days=number)


def test_each_past_day_is_scored_by_what_counted_then(make_lead) -> None:
    """Voided on day 2, restored on day 4, held to be a machine's on day 6: each day keeps its score."""
    lead = make_lead()
    event = asks(lead, at=day(0))
    voiding = void_one(events=[event], reason="mistake", by=None, now=day(2))
    run_until_idle(now=day(2))
    assert voiding is not None
    undo_voiding(voiding=voiding, by=None, now=day(4))
    run_until_idle(now=day(4))
    change_verdict(events=[event], verdict=Verdict.MACHINE, reasons=["by_hand"], by=None, now=day(6))
    run_until_idle(now=day(6))
    stored = list(ScoreChange.objects.filter(lead=lead).order_by("at", "id"))
    assert [bool(change.engagement) for change in stored] == [True, False, True, False]
    for change in stored:
        found = explain(lead, now=day(9), at=change.at + timedelta(minutes=1))
        assert (found.fit, found.engagement, found.grade, found.level, found.rules_version) == (
            change.fit, change.engagement, change.grade, change.level, change.rules_version,
        )  # fmt: skip


def test_many_are_planned_voided_by_the_job_and_restored(make_lead, make_user, monkeypatch) -> None:
    monkeypatch.setattr("scoring.actions.voidings.CHUNK", 2)
    user = make_user("marketer")
    leads = [make_lead() for _ in range(5)]
    for lead in leads:
        asks(lead, kind="pricing_viewed", source=3)
    kept = asks(make_lead(), kind="pricing_viewed", source=4)
    which = Which(since=day(-1), until=day(1), source_id=3)
    plan = plan_voiding(which)
    assert (plan.events, plan.leads, plan.already) == (5, 5, 0)
    voiding = begin_voiding(which=which, reason="the tracker counted twice", by=user, now=NOON)
    steps = [one.state for one in work_off(now=NOON)]
    assert steps == ["waiting", "waiting", "done"]
    run_until_idle(now=NOON)
    assert [engagement(lead) for lead in leads] == [0] * 5
    assert engagement(kept.lead) > 0
    voiding.refresh_from_db()
    undo_voiding(voiding=voiding, by=user, now=NOON)
    assert [one.state for one in work_off(now=NOON)] == ["undoing", "undoing", "undone"]
    run_until_idle(now=NOON)
    assert all(engagement(lead) > 0 for lead in leads)


def test_a_reason_is_asked_for(make_lead) -> None:
    event = asks(make_lead())
    with pytest.raises(ValueError, match="why"):
        void_one(events=[event], reason=" ", by=None, now=NOON)
    with pytest.raises(ValueError, match="why"):
        begin_voiding(which=Which(NOON, TOMORROW), reason="", by=None, now=NOON)
    assert not Voiding.objects.exists()


def test_voiding_raises_no_alert(make_lead, make_user) -> None:
    owner: User = make_user("rep")
    AlertRule.objects.create(name="x", trigger="hot", recipients=["owner"], created_at=NOON)
    lead = make_lead(owner=owner)
    event = asks(lead)
    assert Notification.objects.count() == 1
    void_one(events=[event], reason="bot", by=None, now=day(3))
    run_until_idle(now=day(3))
    assert Notification.objects.count() == 1
