"""The funnel report: totals, by channel, by cohort."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.queries.report import KEPT_AS, funnel_report
from dashboard.tasks import refresh_report
from funnel.models import Passage
from leads.models import Lead
from tests.dashboard.conftest import NOON

# Session, user, how many there are, who came, who was won, who reached what.
REPORT_QUERIES = 6


@pytest.fixture
def history(stands: Callable[..., Lead], passes: Callable[..., Passage]) -> None:
    """Six leads of three months, two won; one of them twice, one imported."""
    january = datetime(2018, 1, 31, 23, 30, tzinfo=UTC)  # February in Paris
    for _ in range(3):
        lead = stands("lead", channel="organic_search", created_at=january)
        passes(lead, "enter", "", "lead")
    for ago, stage in enumerate(("sal", "customer", "customer")):
        lead = stands(stage, channel="paid_search", created_at=NOON - timedelta(days=ago))
        passes(lead, "gate", "lead", "mql")
        if stage == "customer":
            passes(lead, "win", "sql", "customer", is_imported=True)
            passes(lead, "reopen", "customer", "lead", cycle=2)
            passes(lead, "convert", "lead", "customer", cycle=2)


def test_totals_channels_and_cohorts(history: None) -> None:
    report = funnel_report(now=NOON)
    assert (report.leads, report.won, report.rate) == (6, 2, 2 / 6)
    assert report.reached == [("lead", 6), ("mql", 3), ("sal", 0), ("sql", 0), ("customer", 2)]
    assert [(line.leads, line.won) for line in report.channels] == [(3, 0), (3, 2)]
    assert [(line.month.isoformat()[:7], line.leads, line.won) for line in report.cohorts] == [
        ("2018-02", 3, 0),
        ("2026-03", 3, 2),
    ]


def test_each_figure_opens_the_leads_behind_it(history: None, signed_in: Callable[..., Client]) -> None:
    client = signed_in()
    report = funnel_report(now=NOON)
    for line in (*report.channels, *report.cohorts):
        assert len(client.get(line.url).context["page"].rows) == line.leads
        assert len(client.get(line.won_url).context["page"].rows) == line.won


def test_the_page(
    history: None, signed_in: Callable[..., Client], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in()
    with django_assert_num_queries(REPORT_QUERIES):
        text = client.get("/funnel/").content.decode()
    assert "33.3%" in text
    assert "February 2018" in text


def test_nothing_is_a_dash_and_no_division(signed_in: Callable[..., Client]) -> None:
    response = signed_in().get("/funnel/")
    assert response.context["report"].rate is None
    assert "Nothing to report yet" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "answer"), [("marketer", 200), ("manager", 200), ("admin", 200), ("rep", 403), ("dpo", 403)]
)
def test_who_sees_the_report(role: str, answer: int, signed_in: Callable[..., Client]) -> None:
    assert signed_in(role).get("/funnel/").status_code == answer


def test_with_many_leads_the_kept_report_is_shown_until_it_is_made_again(
    history: None,
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache.delete(KEPT_AS)
    for module in ("dashboard.queries.report", "dashboard.tasks"):
        monkeypatch.setattr(f"{module}.COUNTED_LIVE", 2)
    client = signed_in()
    assert client.get("/funnel/").context["report"].leads == 6
    stands("lead")
    assert client.get("/funnel/").context["report"].leads == 6
    refresh_report()
    assert client.get("/funnel/").context["report"].leads == 7
    cache.delete(KEPT_AS)
