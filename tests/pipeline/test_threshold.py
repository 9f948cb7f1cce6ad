"""What is said of a threshold is what publishing it and running the pipeline does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from funnel.actions import accept, disqualify, win
from funnel.actions.threshold import draft_threshold, follow_room
from funnel.lock import Pace, Why
from funnel.models import Absence, CapacitySettings, Offer, Passage, Rep, Standing, ThresholdChange
from funnel.queries.outcomes import outcomes
from funnel.queries.room import pace, room_ahead
from funnel.queries.thresholds import curve
from funnel.stages import Situation, Verb
from leads.models import Lead
from pipeline.run import run_until_idle
from scoring.actions import publish, rescore_all
from scoring.models import LeadScore, Notification, RuleSet
from scoring.queries import live_rule_set
from scoring.thresholds import threshold_of
from tests.scoring.conftest import counting, document, happen, publish_document  # noqa: F401

pytestmark = pytest.mark.django_db
READY = (Situation.READY, Situation.OFFERED)
FAST = {"code": "quote", "when": {"event": {"kind": ["quote_requested"]}, "within_days": 30}}
KEEP = {"score": "engagement", "at_least": 15}


def rules(keep: dict[str, Any] | None = None) -> dict[str, Any]:
    """Five points a page, ready from 20 points, by a quote request whatever the points."""
    ready: dict[str, Any] = {"when": {"score": "engagement", "at_least": 20}, "fast": [FAST]}
    gates = {"mql": {"when": {"score": "engagement", "at_least": 10}}, "ready": ready}
    if keep:
        ready["keep"] = keep
    return document(counting("page_viewed", 5), gates=gates)


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    """Published rules move everybody at once."""
    settings.PUBLISHED_LEADS_AN_HOUR = 0


@pytest.fixture
def crowd(make_lead: Callable[..., Lead], happen: Callable[..., None]) -> list[Lead]:  # noqa: F811
    """Leads of 0, 5, 10 … 95 points, one that cannot be reached, two of 5 points that asked for a quote."""
    leads = [make_lead() for _ in range(20)]
    for number, lead in enumerate(leads):
        for page in range(number):
            happen(lead, "page_viewed", days=page % 9)
    nowhere = make_lead(email=None, reference="nowhere")
    for _ in range(12):
        happen(nowhere, "page_viewed")
    for _ in range(2):
        lead = make_lead()
        happen(lead, "page_viewed")
        happen(lead, "quote_requested")
    return leads


def ready_ids(*situations: Situation) -> set[int]:
    return set(Standing.objects.filter(situation__in=situations or READY).values_list("lead_id", flat=True))


def goes_live(threshold: int, at: datetime) -> None:
    draft = draft_threshold(threshold=threshold, by=None, now=at)
    publish(draft, by=None, now=at)
    list(rescore_all(now=at))
    run_until_idle(now=at)


def settled(at: datetime) -> None:
    list(rescore_all(now=at))
    run_until_idle(now=at)


@pytest.mark.parametrize("keep", [None, KEEP])
@pytest.mark.parametrize(("start", "then"), [(60, 30), (60, 0), (0, 45), (30, 80), (50, 100), (0, 12)])
def test_as_many_become_ready_and_leave_as_was_said(
    crowd: list[Lead],
    publish_document: Callable[..., RuleSet],  # noqa: F811
    make_rep: Callable[..., Rep],
    now: datetime,
    start: int,
    then: int,
    keep: dict[str, Any] | None,
) -> None:
    make_rep(places=2)
    publish_document(rules(keep))
    goes_live(start, now)
    before, tomorrow = ready_ids(), now + timedelta(days=1)
    waiting = ready_ids(Situation.READY)
    live = live_rule_set()
    assert live is not None
    said = curve(live, now=tomorrow)
    assert said.read == said.everybody == 23
    assert said.joining[start] == said.leaving[start] == 0
    assert said.staying[start] == len(waiting)

    goes_live(then, tomorrow)
    after = ready_ids()
    assert said.joining[then] == len(after - before)
    assert said.leaving[then] == len(before - after)
    assert said.staying[then] == len(waiting & after)


def test_a_usual_week_is_counted_from_who_came_over_the_threshold(
    make_lead: Callable[..., Lead],
    happen: Callable[..., None],  # noqa: F811
    publish_document: Callable[..., RuleSet],  # noqa: F811
    now: datetime,
) -> None:
    """One lead a week for eight weeks, of 20, 25 … 55 points, each in one day; older ones do not count."""
    publish_document(rules())
    for week in range(10):
        lead = make_lead(created_at=now - timedelta(days=400))
        for _ in range(4 + week):
            happen(lead, "page_viewed", days=3 + 7 * week, received=now - timedelta(days=3 + 7 * week))
    live = live_rule_set()
    assert live is not None
    arriving = curve(live, now=now).arriving
    for threshold in (20, 21, 30, 40, 55, 56, 100):
        came = sum(week < 8 and 5 * (4 + week) >= threshold for week in range(10))
        assert arriving[threshold] == came / 8


def test_the_pace_is_counted_from_passages(
    make_sal: Callable[..., Standing], make_rep: Callable[..., Rep], now: datetime
) -> None:
    """Two leads in work for the whole of two weeks, a third for one: one closed in five lead-weeks."""
    make_rep(places=10)
    made = [make_sal() for _ in range(3)]
    assert made[0].rep
    disqualify(lead=made[0].lead, by=made[0].rep.user, reason="out_of_target", now=now + timedelta(weeks=1))
    found = pace(now=now + timedelta(weeks=2))
    assert found.closed_a_week == pytest.approx(1 / 5, rel=0.01)
    assert found.accepted == 1.0


def test_what_became_of_those_handed_over(
    crowd: list[Lead],
    publish_document: Callable[..., RuleSet],  # noqa: F811
    make_rep: Callable[..., Rep],
    now: datetime,
) -> None:
    """Of 18 that became ready, two are accepted and one is won: each counts at every threshold it passes."""
    publish_document(rules())
    make_rep(places=4, offers_per_day=9)
    settled(now)
    offers = list(
        Offer.objects.open().select_related("rep__user", "lead").order_by("-lead__standing__priority")
    )
    for offer in offers[:2]:
        accept(offer=offer, by=offer.rep.user, now=now)
    win(lead=offers[0].lead, by=offers[0].rep.user, now=now, amount=Decimal(900))
    points = dict(LeadScore.objects.filter(lead__in=ready_ids()).values_list("lead", "engagement"))
    points |= dict(
        LeadScore.objects.filter(lead__in=[one.lead_id for one in offers]).values_list("lead", "engagement")
    )
    asked = {one.pk for one in Lead.objects.filter(events__kind__code="quote_requested")}
    found = outcomes(now=now + timedelta(days=1))
    for threshold in (0, 20, 55, 95, 100):
        passing = {one for one, had in points.items() if had >= 1000 * threshold or one in asked}
        assert found.ready[threshold] == len(passing)
        assert found.sal[threshold] == len(passing & {one.lead_id for one in offers[:2]})
        assert found.customer[threshold] == len(passing & {offers[0].lead_id})
    assert (found.ready[0], found.ready[100], found.sql) == (18, 2, [0] * 101)


def test_a_rep_who_is_away_or_has_a_holiday_gives_no_room(
    make_rep: Callable[..., Rep], now: datetime
) -> None:
    """Places, offers a day and working days: whatever is less."""
    make_rep(places=40, offers_per_day=3)  # a Thursday: five working days
    make_rep(places=7, offers_per_day=3)
    away = make_rep(places=40)
    Absence.objects.create(rep=away, first_day=now.date(), last_day=now.date() + timedelta(days=6))
    make_rep("manager", places=40, is_last_resort=True)
    found = room_ahead(Pace(), now=now)
    assert [(table.days, table.room, table.limit) for table in found.tables] == [
        (5, 15.0, Why.ROOM),
        (5, 7.0, Why.ROOM),
        (0, 0.0, Why.AWAY),
    ]
    assert found.whole == 22


# The automatic threshold ---------------------------------------------------------------------------------


@pytest.fixture
def switched_on(db: None) -> CapacitySettings:
    return CapacitySettings.objects.create(is_automatic=True, highest=90, step=100, margin=0)


def test_it_follows_the_room_once_a_day_and_is_told_and_logged(
    crowd: list[Lead],
    publish_document: Callable[..., RuleSet],  # noqa: F811
    make_rep: Callable[..., Rep],
    make_user: Callable[..., User],
    switched_on: CapacitySettings,
    now: datetime,
) -> None:
    """Seventeen wait or are on offer; with four places the threshold rises to where so many are left."""
    told = {make_user(role) for role in (Role.MARKETER, Role.MANAGER)}
    make_user(Role.DPO)
    publish_document(rules())
    settled(now)
    make_rep(places=8, offers_per_day=8)
    live = live_rule_set()
    assert live is not None
    expected = curve(live, now=now).expected
    change = follow_room(now=now)
    assert change is not None
    assert (change.before, change.free) == (0, 8.0)
    assert change.expected_before == expected[9] > 8 >= expected[change.after]
    assert expected[change.after - 1] > 8
    live = live_rule_set()
    assert live is not None
    assert (threshold_of(live.document), live.version) == (change.after, change.rules_version)
    assert set(Notification.objects.values_list("user", flat=True)) == {user.pk for user in told}

    Rep.objects.update(places=40, offers_per_day=40)
    assert follow_room(now=now + timedelta(hours=3)) is None
    back = follow_room(now=now + timedelta(days=1))
    assert back is not None
    assert back.after < change.after
    assert ThresholdChange.objects.count() == 2


def test_it_does_nothing_unless_it_is_switched_on(
    crowd: list[Lead],
    publish_document: Callable[..., RuleSet],  # noqa: F811
    now: datetime,
) -> None:
    publish_document(rules())
    settled(now)
    live = live_rule_set()
    assert follow_room(now=now) is None
    assert not ThresholdChange.objects.exists()
    assert live_rule_set() == live


def test_who_waits_goes_on_being_scored_and_may_leave_by_cooling_down(
    make_lead: Callable[..., Lead],
    happen: Callable[..., None],  # noqa: F811
    publish_document: Callable[..., RuleSet],  # noqa: F811
    now: datetime,
) -> None:
    """Its pages count for thirty days; nobody had a place meanwhile."""
    pages = counting("page_viewed", 5)
    pages["count"]["within_days"] = 30
    publish_document(
        rules() | {"groups": [{"code": "g", "name": "G", "measures": "engagement", "rules": [pages]}]}
    )
    lead = make_lead()
    for _ in range(6):
        happen(lead, "page_viewed")
    settled(now)
    assert ready_ids(Situation.READY) == {lead.pk}
    assert LeadScore.objects.get(lead=lead).engagement == 30_000
    settled(now + timedelta(days=31))
    assert not ready_ids()
    assert Passage.objects.filter(lead=lead).latest("pk").verb == Verb.COOL
