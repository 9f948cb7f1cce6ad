"""The pages of the leads a rep works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from funnel.forms import EuroField
from funnel.models import ChecklistAnswer, Opportunity, Standing
from tests.funnel.conftest import confirm_all
from tests.funnel.test_inbox import HTMX, statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    """Pages read the real clock."""
    return timezone.now()


@pytest.fixture
def rep(make_rep):
    return make_rep(places=20, offers_per_day=50)


@pytest.fixture
def browser(client, rep):
    client.force_login(rep.user)
    return client


@pytest.fixture
def sal(rep, make_sal):
    return make_sal(first_name="Claire", last_name="Fontaine")


def url(name, standing):
    return reverse(f"funnel:{name}", args=[standing.lead.public_id])


def stage(standing):
    return Standing.objects.get(lead=standing.lead).stage


OPPORTUNITY = {"product": "Audit", "expected_amount": "1 234,56 €"}


def test_nothing_yet_says_where_to_go(browser):
    assert "/inbox/" in browser.get("/my-leads/").content.decode()


def test_the_list_shows_ones_own_with_the_checklist(browser, sal, now):
    confirm_all(sal, now)
    page = browser.get("/my-leads/").content.decode()
    assert "Claire Fontaine" in page
    assert "3/3" in page


def test_confirming_an_item(browser, sal):
    typed = {"item": "budget", "state": "confirmed", "value": "40 k€", "evidence": "appel du 12"}
    assert browser.post(url("checklist", sal), typed).status_code == 302
    answer = ChecklistAnswer.objects.get(lead=sal.lead)
    assert (answer.value, answer.evidence, answer.state) == ("40 k€", "appel du 12", "confirmed")


def test_a_confirmation_that_says_nothing_comes_back(browser, sal):
    typed = {"item": "budget", "state": "confirmed", "value": "", "evidence": "<b>appel</b>"}
    answer = browser.post(url("checklist", sal), typed)
    assert answer.status_code == 422
    assert "&lt;b&gt;appel&lt;/b&gt;" in answer.content.decode()


def test_an_expired_session_loses_nothing_of_the_checklist(client, rep, sal):
    typed = {"item": "budget", "state": "confirmed", "value": "40 k€ validés", "evidence": "appel"}
    assert client.post(url("checklist", sal), typed).status_code == 302
    client.force_login(rep.user)
    page = client.get(url("checklist", sal))
    assert page.status_code == 200
    assert "40 k€ validés" in page.content.decode()
    assert not ChecklistAnswer.objects.exists()


def test_sql_is_refused_naming_exactly_what_is_missing(browser, sal, now):
    typed = OPPORTUNITY | {"expected_close": (now + timedelta(days=30)).date().isoformat()}
    answer = browser.post(url("qualify", sal), typed, headers={"Accept-Language": "en"})
    assert answer.status_code == 409
    assert "Still to confirm: Budget, Decision process, Authority." in answer.content.decode()
    assert stage(sal) == "sal"


def test_b72_sql_with_amounts_as_the_french_write_them(browser, sal, now):
    confirm_all(sal, now)
    typed = OPPORTUNITY | {"expected_close": (now + timedelta(days=30)).date().isoformat()}
    assert browser.post(url("qualify", sal), typed).status_code == 302
    assert str(Opportunity.objects.get(lead=sal.lead).expected_amount) == "1234.56"
    assert stage(sal) == "sql"


@pytest.mark.parametrize(
    ("language", "typed", "amount"),
    [
        ("fr", "1 234,56 €", "1234.56"),
        ("fr", "1\u202f234,5", "1234.5"),
        ("fr", "1234.56", "1234.56"),
        ("en", "€1,234.56", "1234.56"),
    ],
)
def test_b72_euros_in_both_languages(language, typed, amount):
    with translation.override(language):
        assert str(EuroField().clean(typed)) == amount


@pytest.mark.parametrize("amount", ["-1", "abc", "1e999999", "NaN", "99999999999", "1,999"])
def test_b59_impossible_amounts_come_back(browser, sal, now, amount):
    confirm_all(sal, now)
    typed = OPPORTUNITY | {"expected_close": (now + timedelta(days=30)).date().isoformat()}
    answer = browser.post(url("qualify", sal), typed | {"expected_amount": amount})
    assert answer.status_code == 422
    assert stage(sal) == "sal"


def test_winning_without_an_amount(browser, sal):
    assert browser.get(url("win", sal), headers=HTMX).content.decode().count("<form") == 1
    answer = browser.post(url("win", sal), {"amount": "", "product": ""}, headers=HTMX)
    assert answer["HX-Redirect"] == "/my-leads/"
    assert stage(sal) == "customer"
    assert browser.post(url("win", sal), {"amount": ""}).status_code == 302


def test_losing_returning_referring(browser, make_sql, make_sal, make_partner):
    partner = make_partner()
    lost, back, referred, gone = make_sql(), make_sal(), make_sal(), make_sal()
    browser.post(url("lose", lost), {"reason": "lost_to_competitor"})
    browser.post(url("return_lead", back), {"reason": "unreachable"})
    browser.post(url("transfer_consent", referred), {"way": "phone"})
    browser.post(url("refer", referred), {"partner": partner.pk})
    browser.post(url("disqualify_lead", gone), {"reason": "spam"})
    assert [stage(one) for one in (lost, back, referred, gone)] == [
        "recycled",
        "recycled",
        "disqualified",
        "disqualified",
    ]


def test_b46_pressing_twice_is_no_error(browser, make_sal):
    back = make_sal()
    for _ in range(2):
        assert browser.post(url("return_lead", back), {"reason": "unreachable"}).status_code == 302


def test_f49_a_sal_cannot_be_lost(browser, sal):
    answer = browser.post(url("lose", sal), {"reason": "no_need"})
    assert answer.status_code == 409
    assert stage(sal) == "sal"


NAMES = ["my_lead", "checklist", "qualify", "win", "lose", "refer", "return_lead", "disqualify_lead"]


@pytest.mark.parametrize("name", NAMES)
def test_b44_another_reps_lead_does_not_exist(client, rep, make_rep, sal, name):
    client.force_login(make_rep().user)
    typed = {"item": "budget", "state": "confirmed", "value": "x", "reason": "no_need", "partner": "x"}
    answers = {client.get(url(name, sal)).status_code, client.post(url(name, sal), typed).status_code}
    assert answers == ({404, 405} if name == "my_lead" else {404})
    assert stage(sal) == "sal"


def test_a_manager_sees_the_leads_of_the_team(client, sal, make_user):
    client.force_login(make_user("manager"))
    assert client.get(url("my_lead", sal)).status_code == 200


@pytest.mark.parametrize("leads", [1, 3])
def test_my_leads_cost_nine_queries(browser, make_sql, leads):
    for _ in range(leads):
        make_sql()
    with CaptureQueriesContext(connection) as queries:
        browser.get("/my-leads/")
    assert len(statements(queries)) == 9


@pytest.mark.parametrize("leads", [1, 3])
def test_a_lead_in_work_costs_twelve_queries(browser, make_sal, leads):
    standings = [make_sal() for _ in range(leads)]
    browser.get(url("my_lead", standings[0]))
    with CaptureQueriesContext(connection) as queries:
        browser.get(url("my_lead", standings[0]))
    assert len(statements(queries)) == 12
