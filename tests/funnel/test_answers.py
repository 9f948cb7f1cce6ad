"""Promised answers: made when a lead asks, kept by the first act, escalated once a step."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from funnel import actions
from funnel.actions.answers import follow_up, promise_answers
from funnel.deadlines import Calendar, Span
from funnel.models import AnswerPromise, Call, Offer, ServiceLevel
from funnel.queries.answers import owed_to
from funnel.service_levels import UNDO_ON_SERVER
from funnel.sla import Course, Promise, State, Step, go_on
from leads.actions.events import record_event
from scoring.models import Notification

MOMENTS = st.integers(0, 300 * 1440).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
MINUTES = st.integers(min_value=1, max_value=600)


@given(asked=MOMENTS, minutes=MINUTES, seconds=st.lists(st.integers(0, 20 * 86_400), min_size=1))
def test_steps_come_in_order_and_are_never_taken_back(
    asked: datetime, minutes: int, seconds: list[int]
) -> None:
    promise, course, last = Promise(asked, minutes, Calendar()), Course(), Step.NOTHING
    for second in sorted(seconds):
        now = asked + timedelta(seconds=second)
        course = go_on(course, promise, first_act=None, left_at=None, now=now)
        assert course.step >= last
        assert (course.step >= Step.BREACHED) == (now >= promise.due_at)
        last = course.step


@given(asked=MOMENTS, minutes=MINUTES, act=st.integers(1, 5 * 86_400), later=st.integers(0, 86_400))
def test_an_answer_ends_it_for_ever(asked: datetime, minutes: int, act: int, later: int) -> None:
    promise, answered = Promise(asked, minutes, Calendar()), asked + timedelta(seconds=act)
    now = answered + timedelta(seconds=later)
    course = go_on(Course(), promise, first_act=answered, left_at=None, now=now)
    assert course.ended_at == answered
    assert course.is_broken(promise.due_at, now) == (answered > promise.due_at)
    assert go_on(course, promise, first_act=None, left_at=now, now=now + timedelta(days=9)) == course


@given(asked=MOMENTS, minutes=MINUTES, second=st.integers(0, 86_400))
def test_the_time_left_is_whole_minutes_and_never_negative(
    asked: datetime, minutes: int, second: int
) -> None:
    promise, now = Promise(asked, minutes, Calendar()), asked + timedelta(seconds=second)
    left = promise.left_at(now)
    assert timedelta() <= left <= timedelta(minutes=minutes)
    assert (left == timedelta()) == (promise.state_at(now) is State.BREACHED)


def test_the_clock_stands_still_outside_working_hours() -> None:
    evening = datetime(2026, 3, 13, 17, 30, tzinfo=UTC)  # a Friday, after 18:00 in Paris
    assert Promise(evening, 30, Calendar()).due_at == datetime(2026, 3, 16, 8, 30, tzinfo=UTC)


def test_who_never_works_has_three_days() -> None:
    never = Calendar(hours={0: (Span(540, 600),)}, absences=((date(2000, 1, 1), date(2100, 1, 1)),))
    asked = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)
    assert Promise(asked, 30, never).due_at == asked + timedelta(days=3)


def asks(lead, now: datetime, kind: str = "quote_requested") -> list[AnswerPromise]:
    """The lead asks, and an answer is promised."""
    record_event(lead_id=lead.pk, kind=kind, occurred_at=now, now=now)
    return promise_answers([lead.pk], {}, now=now)


def told(user) -> list[str]:
    """What this person was told of promises, in order."""
    rows = Notification.objects.filter(user=user, facts__has_key="promise").order_by("pk")
    return list(rows.values_list("trigger", flat=True))


def test_who_asks_for_a_quote_is_owed_an_answer_in_half_an_hour(make_rep, make_offer, now) -> None:
    rep = make_rep()
    offer = make_offer()
    (promise,) = asks(offer.lead, now)
    assert (promise.rep_id, promise.due_at) == (rep.pk, now + timedelta(minutes=30))
    assert owed_to([offer.lead_id], now=now)[offer.lead_id].minutes == 30


def test_nothing_is_promised_twice_nor_to_who_is_not_with_sales(make_rep, make_offer, make_lead, now) -> None:
    make_rep()
    offer = make_offer()
    asks(offer.lead, now)
    assert not promise_answers([offer.lead_id], {}, now=now)
    assert not asks(offer.lead, now, "contact_requested")  # promised later than what is owed already
    assert not asks(make_lead(), now)


def test_an_old_event_promises_nothing(make_rep, make_offer, now) -> None:
    make_rep()
    lead, before = make_offer().lead, now - timedelta(days=2)
    record_event(lead_id=lead.pk, kind="quote_requested", occurred_at=before, now=now)
    assert not promise_answers([lead.pk], {}, now=now)


def test_a_band_may_be_promised_an_answer_when_it_becomes_ready(make_ready, now) -> None:
    ServiceLevel.objects.create(subject="A1", minutes=60)
    standing = make_ready()
    assert [
        one.subject for one in promise_answers([standing.lead_id], {standing.lead_id: "A1"}, now=now)
    ] == ["A1"]
    assert not promise_answers([standing.lead_id], {standing.lead_id: "B1"}, now=now)


def test_each_step_is_told_once_and_to_whom_it_concerns(make_rep, make_user, make_offer, now) -> None:
    rep, boss = make_rep(), make_rep("manager", is_last_resort=True)
    other = make_user("manager")
    asks(make_offer().lead, now)
    for minutes in (0, 1, 15, 16, 29):
        follow_up(now=now + timedelta(minutes=minutes))
    assert told(rep.user) == ["sla_started", "sla_soon"]
    assert told(boss.user) == told(other) == []
    follow_up(now=now + timedelta(minutes=30))
    assert told(boss.user) == ["sla_breached"]
    assert told(other) == []
    for _time in range(2):
        follow_up(now=now + timedelta(minutes=120))  # an hour of lunch between
    assert told(other) == ["escalated"]
    assert told(rep.user) == ["sla_started", "sla_soon", "sla_breached", "escalated"]


def test_after_a_standstill_only_the_last_step_is_told(make_rep, make_offer, now) -> None:
    rep = make_rep()
    asks(make_offer().lead, now)
    follow_up(now=now + timedelta(minutes=59))
    assert told(rep.user) == ["sla_breached"]


def test_a_call_keeps_the_promise(make_rep, make_offer, now) -> None:
    rep = make_rep()
    offer = make_offer()
    asks(offer.lead, now)
    called = now + timedelta(minutes=10)
    Call.objects.create(
        lead=offer.lead,
        by=rep.user,
        direction="out",
        outcome="reached",
        at=called,
        logged_at=called,
        basis="b2b",
    )
    follow_up(now=now + timedelta(minutes=40))
    promise = AnswerPromise.objects.get()
    assert (promise.answered_at, promise.ended_at) == (called, called)
    assert told(rep.user) == []


def test_a_decision_ends_it_once_it_cannot_be_undone(make_rep, make_offer, now) -> None:
    rep = make_rep()
    offer = make_offer()
    asks(offer.lead, now)
    actions.disqualify(lead=offer.lead, by=rep.user, now=now, reason="spam")
    follow_up(now=now + timedelta(minutes=1))
    assert AnswerPromise.objects.get().ended_at is None
    follow_up(now=now + UNDO_ON_SERVER)
    assert AnswerPromise.objects.get().ended_at == now


def test_accepting_is_no_answer(make_rep, make_offer, now) -> None:
    rep = make_rep()
    offer = make_offer()
    asks(offer.lead, now)
    actions.accept(offer=offer, by=rep.user, now=now)
    follow_up(now=now + timedelta(minutes=30))
    assert told(rep.user) == ["sla_breached"]


def test_who_gets_the_lead_later_hears_of_it(make_ready, make_rep, now) -> None:
    standing = make_ready()
    asks(standing.lead, now)
    follow_up(now=now)
    rep = make_rep()
    actions.fill_places(now=now + timedelta(minutes=5))
    follow_up(now=now + timedelta(minutes=5))
    assert told(rep.user) == ["sla_started"]
    assert AnswerPromise.objects.get().rep == rep


def test_nothing_owed_costs_one_query(db: None, now, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert follow_up(now=now) == 0


def test_following_up_asks_the_same_however_much_is_owed(
    make_rep, make_offer, now, django_assert_num_queries
):
    make_rep(places=20, offers_per_day=20)
    for number in range(3):
        asks(make_offer(priority=100 + number).lead, now)
    follow_up(now=now)
    with django_assert_num_queries(4):  # promises, absences of three sorts at most, first acts
        follow_up(now=now + timedelta(minutes=1))


@pytest.mark.django_db(transaction=True)
def test_f50_an_escalation_that_meets_a_decision_leaves_one_outcome(make_rep, make_offer, now) -> None:
    # What is shipped once only is gone after the first test of this kind.
    ServiceLevel.objects.get_or_create(subject="quote_requested", defaults={"minutes": 30})
    rep, boss = make_rep(), make_rep("manager", is_last_resort=True)
    offer = make_offer()
    asks(offer.lead, now)
    late, start = now + timedelta(minutes=31), threading.Barrier(3)

    def run(act) -> None:
        start.wait()
        try:
            act()
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=[lambda: follow_up(now=late)]),
        threading.Thread(target=run, args=[lambda: follow_up(now=late)]),
        threading.Thread(
            target=run,
            args=[lambda: actions.accept(offer=Offer.objects.get(pk=offer.pk), by=rep.user, now=late)],
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    follow_up(now=late)
    assert told(boss.user) == ["sla_breached"]
    assert AnswerPromise.objects.get().step == Step.BREACHED
