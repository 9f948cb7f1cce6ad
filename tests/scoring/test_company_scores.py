"""What a company is worth: the formula, the same in SQL, and kept with each batch."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.actions.companies import resolve_company
from leads.actions.events import record_event
from leads.choices import Origin
from leads.models import Company
from pipeline.run import run_until_idle
from scoring.actions.company_scores import refresh_all_companies, refresh_companies_of
from scoring.company_scores import company_worth
from scoring.engine.rules import Matrix
from scoring.models import CompanyScore, LeadScore

POINTS = st.integers(0, 100_000)
PEOPLE = st.lists(st.tuples(POINTS, POINTS), min_size=1, max_size=9)


@pytest.fixture
def firm(db: None, now) -> Company:
    found = resolve_company(None, {"name": "Radium", "domain": "radium.example"}, now=now, origin=Origin.FORM)
    assert found
    return found


@given(PEOPLE)
def test_the_best_fit_and_the_five_most_engaged(people) -> None:
    worth = company_worth(people, Matrix())
    assert worth.fit == max(fit for fit, _ in people)
    most = sorted((engagement for _, engagement in people), reverse=True)
    assert worth.engagement == min(100_000, sum(most[:5]))


@given(PEOPLE, st.tuples(POINTS, POINTS))
def test_one_more_person_never_lowers_a_company(people, another) -> None:
    before, after = company_worth(people, Matrix()), company_worth([*people, another], Matrix())
    assert after.fit >= before.fit
    assert after.engagement >= before.engagement
    assert (after.grade, after.level) <= (before.grade, before.level)


def score(lead, now, fit: int, engagement: int, temperature: str = "cold") -> None:
    LeadScore.objects.create(
        lead=lead, fit=fit, engagement=engagement, priority=0, rules_version=1, as_of=now.date(),
        updated_at=now, level=4, completeness=0, mql_gate=False, mql_keep=False, ready_gate=False,
        ready_keep=False, grade="D", phase="awareness", temperature=temperature,
    )  # fmt: skip


def test_the_statement_computes_the_same(firm, make_lead, now) -> None:
    people = [(12_345, 40_001), (80_000, 3_000), (0, 0), (51_000, 30_000), (49_999, 9), (1, 77), (2, 5_000)]
    for place, (fit, engagement) in enumerate(people):
        lead = make_lead(company=firm, last_activity_at=now - timedelta(days=29 * place))
        score(lead, now, fit, engagement, "hot" if place == 0 else "cold")
    assert refresh_all_companies(now=now) == 1
    row, worth = CompanyScore.objects.get(company=firm), company_worth(people, Matrix())
    assert (row.fit, row.engagement, row.grade, row.level) == (
        worth.fit, worth.engagement, worth.grade, worth.level,
    )  # fmt: skip
    assert (row.people, row.hot, row.active) == (7, 1, 4)
    assert refresh_all_companies(now=now + timedelta(hours=1)) == 0  # nothing changed: nothing is written
    assert CompanyScore.objects.get(company=firm).updated_at == now


def test_a_company_that_everybody_left_has_no_score(firm, make_lead, now) -> None:
    lead = make_lead(company=firm)
    score(lead, now, 10_000, 10_000)
    refresh_companies_of([lead.pk], now=now)
    assert CompanyScore.objects.get().people == 1
    type(lead).objects.filter(pk=lead.pk).update(company=None)
    refresh_all_companies(now=now)
    assert not CompanyScore.objects.exists()


def test_the_pipeline_keeps_it(firm, make_lead, now) -> None:
    lead = make_lead(company=firm)
    record_event(lead_id=lead.pk, kind="quote_requested", occurred_at=now, now=now)
    run_until_idle(now=now)
    assert (
        CompanyScore.objects.get(company=firm).engagement == LeadScore.objects.get(lead=lead).engagement > 0
    )
