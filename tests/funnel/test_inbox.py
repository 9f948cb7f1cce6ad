"""The inbox as a browser sees it, with and without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from funnel import actions
from funnel.models import Offer, Passage, Standing
from leads.actions.events import record_event
from leads.models import Lead

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
TRANSACTION_CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@pytest.fixture
def now():
    """Pages read the real clock."""
    return timezone.now()


@pytest.fixture
def rep(make_rep):
    return make_rep(places=9, offers_per_day=50)


@pytest.fixture
def browser(client, rep):
    client.force_login(rep.user)
    return client


def url(name, offer):
    return reverse(f"funnel:{name}", args=[offer.pk])


def statements(queries: CaptureQueriesContext) -> list[str]:
    """What was asked of the database, transaction control apart (COPY is not logged by Django)."""
    return [one["sql"] for one in queries if not one["sql"].startswith(TRANSACTION_CONTROL)]


def test_an_empty_inbox_says_what_comes(browser):
    page = browser.get("/inbox/", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "9 of 9 places free" in page.content.decode()


def test_the_inbox_shows_who_why_and_what_follows(browser, make_offer, make_company, now):
    company = make_company(name="Fonderie Girard")
    offer = make_offer(company=company, first_name="Claire", last_name="Fontaine")
    record_event(
        lead_id=offer.lead_id,
        kind="quote_requested",
        occurred_at=now - timedelta(hours=2),
        now=now,
        properties={"need": "Rénover trois ateliers"},
    )
    page = browser.get("/inbox/").content.decode()
    for text in (
        "Claire Fontaine",
        "Fonderie Girard",
        "Rénover trois ateliers",
        'data-key="a"',
        'data-key="r"',
    ):
        assert text in page
    queue = page[page.index('id="queue"') : page.index('id="decision"')]
    assert queue.count('aria-current="true"') == 1


def test_accepting_by_htmx_brings_the_next_lead(browser, make_offer):
    first, second = make_offer(priority=9), make_offer(priority=5)
    answer = browser.post(url("accept", first), headers=HTMX)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert f'data-offer="{second.pk}"' in text
    assert f'<a id="offer-{first.pk}" hx-swap-oob="delete">' in text
    assert "1 à décider" in text or "1 to review" in text
    assert answer["HX-Push-Url"] == url("offer", second)
    assert Standing.objects.get(lead=first.lead_id).stage == "sal"


def test_accepting_without_scripts_goes_back_to_the_inbox(browser, make_offer):
    offer = make_offer(last_name="Fontaine")
    answer = browser.post(url("accept", offer), follow=True)
    assert answer.redirect_chain == [("/inbox/", 302)]
    assert "Fontaine" in answer.content.decode()


def test_b46_a_double_press_is_no_error(browser, make_offer):
    offer = make_offer()
    assert [browser.post(url("accept", offer), headers=HTMX).status_code for _ in range(2)] == [200, 200]
    assert Passage.objects.filter(lead=offer.lead_id, verb="accept").count() == 1


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_f44_the_loser_reads_who_was_quicker_and_goes_on(browser, make_rep, make_offer, now, headers):
    lost, left = make_offer(priority=9), make_offer(priority=1)
    manager = make_rep(role="manager")
    actions.accept(offer=lost, by=manager.user, now=now)
    answer = browser.post(url("accept", lost), headers=headers)
    assert answer.status_code == 409
    assert manager.user.full_name in answer.content.decode()
    assert f'data-offer="{left.pk}"' in answer.content.decode()


def test_returning_with_a_digit_needs_one_request(browser, make_offer):
    offer = make_offer()
    dialog = browser.get(url("return", offer), headers=HTMX)
    text = dialog.content.decode()
    assert text.count("<kbd>") == 7
    assert 'name="reason" value="no_budget"' in text
    assert 'name="ask" value="project_far"' in text
    answer = browser.post(url("return", offer), {"reason": "no_budget"}, headers=HTMX)
    assert answer["HX-Retarget"] == "#decision"
    assert Standing.objects.get(lead=offer.lead_id).stage == "recycled"


def test_a_reason_that_needs_a_month_asks_for_it(browser, make_offer, now):
    offer = make_offer()
    asked = browser.get(url("return", offer) + "?ask=project_far", headers=HTMX)
    assert 'type="month"' in asked.content.decode()
    month = (now + timedelta(days=200)).date().replace(day=1)
    for typed in ({}, {"month": "soon"}, {"month": "2020-01"}):
        refused = browser.post(url("return", offer), {"reason": "project_far"} | typed, headers=HTMX)
        assert (refused.status_code, refused["HX-Retarget"]) == (422, "#dialog")
    browser.post(url("return", offer), {"reason": "project_far", "month": f"{month:%m/%Y}"}, headers=HTMX)
    assert Standing.objects.get(lead=offer.lead_id).wake_on == month - timedelta(days=30)


def test_nothing_typed_is_lost_on_an_error(browser, make_offer):
    offer = make_offer()
    typed = {"reason": "project_far", "month": "2020-01", "note": "Rappeler <b>Claire</b>"}
    page = browser.post(url("return", offer), typed)
    assert page.status_code == 422
    assert "Rappeler &lt;b&gt;Claire&lt;/b&gt;" in page.content.decode()


def test_passing_on_is_a_reason_among_the_others(browser, make_offer):
    offer = make_offer()
    browser.post(url("return", offer), {"reason": "overloaded"}, headers=HTMX)
    standing = Standing.objects.get(lead=offer.lead_id)
    assert (standing.stage, standing.situation) == ("mql", "ready")


def test_disqualifying_by_reason(browser, make_offer):
    offer = make_offer()
    browser.post(url("disqualify", offer), {"reason": "spam"}, headers=HTMX)
    assert Standing.objects.get(lead=offer.lead_id).stage == "disqualified"


@pytest.mark.parametrize("reason", ["", "spam", "nonsense", "x" * 5000])
def test_f49_a_return_without_a_reason_of_its_own_is_asked_again(browser, make_offer, reason):
    offer = make_offer()
    answer = browser.post(url("return", offer), {"reason": reason}, headers=HTMX)
    assert answer.status_code == 422
    assert Offer.objects.get(pk=offer.pk).status == "open"


def test_research_shows_the_unknown_first_and_keeps_the_lead_open(browser, make_offer):
    offer = make_offer(first_name="Claire")
    form = browser.get(url("research", offer), headers=HTMX).content.decode()
    assert form.index('name="last_name"') < form.index('name="first_name"')
    answer = browser.post(
        url("research", offer), {"first_name": "Claire", "phone": "01 23 45 67 89"}, headers=HTMX
    )
    assert f'data-offer="{offer.pk}"' in answer.content.decode()
    assert Lead.objects.get(pk=offer.lead_id).phone == "+33123456789"


def test_research_refuses_a_number_nobody_can_call(browser, make_offer):
    offer = make_offer()
    answer = browser.post(url("research", offer), {"phone": "12"}, headers=HTMX)
    assert answer.status_code == 422
    assert Lead.objects.get(pk=offer.lead_id).phone is None


@pytest.mark.parametrize("name", ["return", "disqualify", "research", "offer"])
def test_every_step_is_a_page_too(browser, make_offer, name):
    page = browser.get(url(name, make_offer())).content.decode()
    assert page.lstrip().startswith("<!doctype html>")


# Who may what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["offer", "accept", "return", "disqualify", "research"])
def test_b44_another_reps_offer_does_not_exist(client, rep, make_rep, make_offer, name, method):
    offer = make_offer()
    client.force_login(make_rep().user)
    if (name, method) == ("offer", "post"):
        assert client.post(url(name, offer)).status_code == 405
        return
    assert getattr(client, method)(url(name, offer), {"reason": "no_budget"}).status_code == 404
    assert Offer.objects.get(pk=offer.pk).status == "open"


def test_b44_the_inbox_lists_only_ones_own(client, rep, make_rep, make_offer):
    offer = make_offer(last_name="Secret")
    client.force_login(make_rep().user)
    page = client.get("/inbox/").content.decode()
    assert "Secret" not in page
    assert f"/inbox/{offer.pk}/" not in page


@pytest.mark.parametrize("role", ["marketer", "dpo", "admin"])
def test_b45_the_inbox_is_for_sales(client, make_user, role):
    client.force_login(make_user(role))
    assert client.get("/inbox/").status_code == 403
    assert client.get("/my-leads/").status_code == 403


@pytest.mark.parametrize("number", ["999999999", "99999999999999999999999"])
def test_b18_an_offer_that_is_nobodys_does_not_exist(browser, number):
    assert browser.get(f"/inbox/{number}/").status_code == 404


# B52 ----------------------------------------------------------------------------------------------------


def everything():
    """All that a decision could change."""
    tables = ("funnel_standing", "funnel_passage", "funnel_offer", "leads_event", "leads_lead", "leads_due")
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} AS t")
            found[table] = cursor.fetchone()
    return found


def test_b52_looking_changes_nothing(browser, make_offer, make_sal, django_user_model):
    offer, sal = make_offer(), make_sal()
    before = everything()
    for name in ("offer", "accept", "return", "disqualify", "research"):
        for headers in (HTMX, {}):
            browser.get(url(name, offer), headers=headers)
            browser.head(url(name, offer), headers=headers)
            browser.get(url(name, offer) + "?reason=no_budget&ask=project_far", headers=headers)
    for name in ("my_lead", "checklist", "qualify", "win", "lose", "refer", "return_lead", "disqualify_lead"):
        browser.get(reverse(f"funnel:{name}", args=[sal.lead.public_id]))
    browser.get("/inbox/")
    browser.get("/my-leads/")
    assert everything() == before


def test_b52_a_decision_from_elsewhere_is_refused(rep, make_offer):
    offer = make_offer()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(rep.user)
    assert strict.post(url("accept", offer)).status_code == 403
    assert Offer.objects.get(pk=offer.pk).status == "open"


# The session ended meanwhile ----------------------------------------------------------------------------


def test_an_expired_session_loses_nothing(client, rep, make_offer):
    offer = make_offer()
    typed = {"reason": "project_far", "month": "2027-03", "note": "Attend le budget de mars"}
    answer = client.post(url("return", offer), typed, headers=HTMX)
    assert url("return", offer) in answer["HX-Redirect"]
    client.force_login(rep.user)
    page = client.get(url("return", offer)).content.decode()
    assert "Attend le budget de mars" in page
    assert "2027-03" in page
    assert "Attend le budget" not in client.get(url("return", offer)).content.decode()
    assert Offer.objects.get(pk=offer.pk).status == "open"


def test_an_expired_session_without_scripts_goes_to_the_sign_in(client, make_rep, make_offer):
    make_rep()
    answer = client.post(url("disqualify", make_offer()), {"reason": "spam"})
    assert (answer.status_code, "/login/" in answer["Location"]) == (302, True)


def test_who_signs_in_again_to_accept_sees_the_lead_and_decides_anew(client, make_rep, make_offer):
    rep = make_rep()
    offer = make_offer()
    client.post(url("accept", offer))
    client.force_login(rep.user)
    assert client.get(url("accept", offer)).url == url("offer", offer)
    assert Offer.objects.get(pk=offer.pk).status == "open"


CANARIES = ["<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "</script><script>alert(1)"]


@pytest.mark.parametrize("canary", CANARIES)
def test_b35_what_people_typed_is_never_markup(browser, make_offer, make_company, now, canary):
    offer = make_offer(
        last_name=canary[:100], job_title=canary, need=canary, company=make_company(name=canary)
    )
    record_event(
        lead_id=offer.lead_id,
        kind="quote_requested",
        occurred_at=now,
        now=now,
        properties={"message": canary, canary: "x"},
    )
    pages = [
        browser.get("/inbox/"),
        browser.get(url("return", offer)),
        browser.get(url("research", offer), headers=HTMX),
        browser.post(url("accept", offer), headers=HTMX),
        browser.get("/my-leads/"),
        browser.get(f"/my-leads/{offer.lead.public_id}/"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert canary not in page.content.decode()


# Budgets ------------------------------------------------------------------------------------------------


DECISIONS = [
    ("accept", {}),
    ("return", {"reason": "no_budget"}),
    ("return", {"reason": "overloaded"}),
    ("disqualify", {"reason": "spam"}),
]


@pytest.fixture
def warm(browser, make_offer, django_capture_on_commit_callbacks):
    """The process has parsed the live rules and met each kind of event once, as after a minute of work."""
    with django_capture_on_commit_callbacks(execute=True):
        browser.get(url("offer", make_offer()), headers=HTMX)
        for name, typed in DECISIONS:
            browser.post(url(name, Offer.objects.open().first() or make_offer()), typed, headers=HTMX)


@pytest.mark.parametrize("leads", [1, 3])
def test_the_inbox_costs_twelve_queries(browser, warm, make_offer, leads):
    for _ in range(leads):
        make_offer()
    with CaptureQueriesContext(connection) as queries:
        assert browser.get("/inbox/").status_code == 200
    assert len(statements(queries)) == 12, "what was let pass a moment ago included"


def make_offers(make_offer, number):
    """Several offers; one of them."""
    offers = [make_offer() for _ in range(number)]
    return offers[0]


@pytest.mark.parametrize("leads", [1, 3])
def test_opening_a_lead_costs_seven_queries(browser, warm, make_offer, leads):
    offer = make_offers(make_offer, leads)
    with CaptureQueriesContext(connection) as queries:
        browser.get(url("offer", offer), headers=HTMX)
    assert len(statements(queries)) == 7


# The budget is 15.
COSTS = [15, 15, 14, 14]


@pytest.mark.parametrize("leads", [2, 4])
@pytest.mark.parametrize(("name", "typed", "cost"), [(*DECISIONS[n], COSTS[n]) for n in range(4)])
def test_a_decision_costs_what_it_may(browser, warm, make_offer, leads, name, typed, cost):
    offer = make_offers(make_offer, leads)
    with CaptureQueriesContext(connection) as queries:
        assert browser.post(url(name, offer), typed, headers=HTMX).status_code == 200
    assert len(statements(queries)) == cost, "\n".join(statements(queries))
