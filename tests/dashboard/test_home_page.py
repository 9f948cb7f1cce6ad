"""The marketer's dashboard: its figures, the way from each to its leads, who lands elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.queries.home import home
from funnel.models import Absence, Passage, Reason, Rep
from leads.channels import Channel
from leads.models import Lead
from nurturing.models import Message
from tests.dashboard.conftest import NOON

# Session, user; stage counts, passages, new leads, messages, hot, their number, reasons, reps, their
# absences, used places.
HOME_QUERIES = 12

Make = Callable[..., Lead]
Pass = Callable[..., Passage]
Write = Callable[..., Message]


@pytest.fixture
def busy(stands: Make, passes: Pass, writes: Write) -> list[Lead]:
    """A small funnel with something in every corner."""
    reasons = {reason.code: reason for reason in Reason.objects.all()}
    rows = [
        stands("lead", first_name="New", channel="social"),
        stands("lead", first_name="Old", channel="social", created_at=NOON - timedelta(days=45)),
        stands("mql", first_name="Warm", channel="webinar", created_at=NOON - timedelta(days=3)),
        stands("mql", "ready", first_name="Waiting", temperature="hot"),
        stands("mql", "offered", first_name="Offered"),
        stands("sal", first_name="Sal", temperature="hot", priority=500),
        stands("customer", first_name="Won", temperature="hot"),
        stands("recycled", first_name="Back"),
        stands("disqualified", first_name="Out", temperature="hot"),
    ]
    _new, _old, warm, _waiting, _offered, sal, won, back, out = rows
    passes(warm, "gate", "lead", "mql")
    passes(sal, "gate", "lead", "mql", at=NOON - timedelta(days=5))
    passes(sal, "accept", "mql", "sal", from_situation="offered", at=NOON - timedelta(days=4))
    passes(won, "win", "sal", "customer", at=NOON - timedelta(days=60))
    passes(back, "return", "mql", "recycled", reason=reasons["no_budget"], at=NOON - timedelta(hours=5))
    passes(out, "disqualify", "mql", "disqualified", reason=reasons["spam"], at=NOON - timedelta(days=2))
    passes(back, "accept", "mql", "sal", is_imported=True)
    writes(warm)
    writes(warm, "held", reason="cap")
    writes(sal, "held", reason="policy:sales_owns")
    writes(sal, planned_at=NOON - timedelta(days=50))
    return rows


def test_every_figure(busy: list[Lead]) -> None:
    shown = home(NOON)
    assert {stage.code: stage.value for stage in shown.stages} == {
        "lead": 2, "mql": 3, "sal": 1, "sql": 0, "customer": 1,
    }  # fmt: skip
    assert {band.label: band.value for band in shown.bands} == {"TOFU": 2, "MOFU": 4, "BOFU": 1}
    assert (shown.total, shown.recycled, shown.disqualified) == (9, 1, 1)
    assert (shown.to_decide, shown.capacity.waiting) == (1, 1)
    # Hot are those who can still be won: not the customer, not the disqualified.
    assert (shown.hot_count, [lead.first_name for lead in shown.hot]) == (2, ["Sal", "Waiting"])
    # Imported history decides nothing here.
    assert (shown.accepted, shown.rejected, shown.acceptance) == (1, 2, 1 / 3)
    assert {str(bar.label): bar.value for bar in shown.reasons} == {
        str(Reason.objects.get(code="no_budget")): 1,
        str(Reason.objects.get(code="spam")): 1,
    }
    assert (shown.sent, shown.held) == (1, 2)
    assert shown.new_total == 8
    assert {str(bar.label): bar.value for bar in shown.channels}[str(Channel.SOCIAL.label)] == 1
    since = {str(line.icon): line.value for line in shown.since_yesterday}
    assert since["user-plus"] == 7
    assert (since["arrow-up-right"], since["arrow-back-up"], since["circle-check"]) == (1, 1, 0)


def test_conversion_is_who_went_on_of_those_who_came_or_left(busy: list[Lead]) -> None:
    rates = {stage.code: stage.rate for stage in home(NOON).stages}
    assert rates == {"lead": 1.0, "mql": 1 / 3, "sal": 0.0, "sql": None, "customer": None}


def test_each_figure_opens_the_leads_behind_it(busy: list[Lead], signed_in: Callable[..., Client]) -> None:
    client = signed_in()
    shown = home(NOON)
    for stage in shown.stages:
        assert len(client.get(stage.url).context["page"].rows) == stage.value
    for bar in shown.channels:
        assert len(client.get(bar.url).context["page"].rows) == bar.value
    for bar in shown.reasons:
        assert len(client.get(bar.url).context["page"].rows) == bar.value
    for line in shown.since_yesterday:
        assert len(client.get(line.url).context["page"].rows) == line.value
    for bar in shown.held_reasons:
        assert len(client.get(bar.url).context["page"].rows) == bar.value
    page = client.get("/")
    assert len(client.get(page.context["urls"]["to_decide"]).context["page"].rows) == shown.to_decide


@pytest.mark.parametrize("more", [1, 3])
def test_the_dashboard_costs_the_same_however_many_leads(
    more: int,
    busy: list[Lead],
    stands: Make,
    signed_in: Callable[..., Client],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signed_in()
    for _ in range(more):
        stands("sal", temperature="hot")
    with django_assert_num_queries(HOME_QUERIES):
        client.get("/")


def test_a_first_run_says_what_to_do_next(signed_in: Callable[..., Client]) -> None:
    text = signed_in().get("/").content.decode()
    assert "The lock is ready; no lead has come yet" in text
    assert "NaN" not in text


def test_places_of_the_team(stands: Make, make_user: Callable[..., object]) -> None:
    away = NOON.date()
    Rep.objects.create(user=make_user("rep"), places=10)
    Absence.objects.create(rep=Rep.objects.create(user=make_user("rep"), places=7), first_day=away)
    stands("sal", owner=Rep.objects.get(places=10).user)
    assert (home(NOON).capacity.places, home(NOON).capacity.free) == (17, 9)


@pytest.mark.parametrize(
    ("role", "answer"), [("marketer", 200), ("manager", 200), ("admin", 200), ("rep", 302), ("dpo", 302)]
)
def test_who_sees_the_dashboard(role: str, answer: int, signed_in: Callable[..., Client]) -> None:
    response = signed_in(role).get("/")
    assert response.status_code == answer
    assert answer == 200 or re.fullmatch(r"/(inbox|leads)/", response["Location"])
