"""The page of one lead: what it shows, to whom, and its profile edited in place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from funnel.models import Offer, Passage, Reason, Rep
from leads.models import ConsentEvent, Lead, ProfileChange, Wake
from nurturing.models import Message
from tests.dashboard.conftest import NOON

# Session, user, the lead with its offer, consents, business, course and the site's own fields; four for the
# explanation (rules, events, their kinds, adjustments); passages, profile changes, events, messages. One more
# each where events have contents, or rules ask about lists or consents.
LEAD_QUERIES = 11


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_whatever_happened(
    rows: int,
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    passes: Callable[..., Passage],
    writes: Callable[..., Message],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, lead = signed_in(), stands("sal")
    reason = Reason.objects.get(code="no_budget")
    for number in range(rows):
        passes(lead, "return", "mql", "recycled", reason=reason)
        writes(lead, "held", reason="cap")
        ProfileChange.objects.create(lead=lead, field="city", new=f"Lyon {number}", origin="form", at=NOON)
        ConsentEvent.objects.create(
            lead=lead, purpose="newsletter", channel="email", state="granted", at=NOON + timedelta(number)
        )
    client.get(f"/leads/{lead.public_id}/")  # the rules are read and kept, once a process
    with django_assert_num_queries(LEAD_QUERIES):
        assert client.get(f"/leads/{lead.public_id}/").status_code == 200


def test_everything_is_there(
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    passes: Callable[..., Passage],
    writes: Callable[..., Message],
    make_user: Callable[..., User],
) -> None:
    rep = Rep.objects.create(user=make_user("rep"))
    lead = stands("mql", "offered", first_name="Claire", last_name="Fontaine", job_title="Directrice")
    passes(lead, "gate", "lead", "mql", to_situation="marketing")
    writes(lead, "held", reason="cap")
    ConsentEvent.objects.create(lead=lead, purpose="newsletter", channel="email", state="granted", at=NOON)
    ProfileChange.objects.create(lead=lead, field="job_title", new="Directrice", origin="form", at=NOON)
    Offer.objects.create(lead=lead, rep=rep, cycle=1, offered_at=NOON, deadline=NOON + timedelta(hours=4))
    response = signed_in().get(f"/leads/{lead.public_id}/")
    page, text = response.context["page"], response.content.decode().replace("\xa0", " ")
    assert [(step.code, step.state) for step in page.steps] == [
        ("lead", "done"), ("mql", "now"), ("sal", "next"), ("sql", "next"), ("customer", "next"),
    ]  # fmt: skip
    assert page.offer.rep == rep
    assert [str(consent.state) for consent in page.consents] == ["granted"]
    for shown in ["Claire Fontaine", "Passed the MQL gate", "Enough messages for now", "Chat", "in 4 hours"]:
        assert shown in text


def test_the_account_adds_up_to_what_is_shown(
    signed_in: Callable[..., Client], stands: Callable[..., Lead]
) -> None:
    lead = stands("lead", seniority="director", job_title="Directrice", company_role="decision_maker")
    page = signed_in().get(f"/leads/{lead.public_id}/").context["page"]
    assert page.fit.total == page.explanation.shown_fit * 1000 > 0
    assert page.engagement.total == page.explanation.shown_engagement * 1000


def test_a_recycled_lead_shows_how_far_it_came_and_when_it_wakes(
    signed_in: Callable[..., Client], stands: Callable[..., Lead], passes: Callable[..., Passage]
) -> None:
    lead = stands("recycled")
    passes(lead, "accept", "mql", "sal")
    passes(lead, "return", "sal", "recycled")
    response = signed_in().get(f"/leads/{lead.public_id}/")
    assert [step.state for step in response.context["page"].steps] == ["off", "off", "off", "next", "next"]
    assert "wakes on 1 September 2026" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "owns", "answer"),
    [
        ("rep", True, 200),
        ("rep", False, 404),
        ("manager", False, 200),
        ("marketer", False, 200),
        ("dpo", False, 200),
        ("admin", False, 200),
    ],
)
def test_b44_who_may_open_a_lead(
    role: str,
    owns: bool,
    answer: int,
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    make_user: Callable[..., User],
) -> None:
    user = make_user(role)
    lead = stands("sal", owner=user if owns else make_user("rep"))
    assert signed_in(user).get(f"/leads/{lead.public_id}/").status_code == answer


def test_only_those_who_may_read_the_consents(
    signed_in: Callable[..., Client], stands: Callable[..., Lead], make_user: Callable[..., User]
) -> None:
    rep = make_user("rep")
    lead = stands("sal", owner=rep)
    assert "Consents" not in signed_in(rep).get(f"/leads/{lead.public_id}/").content.decode()
    assert "Consents" in signed_in("dpo").get(f"/leads/{lead.public_id}/").content.decode()


@pytest.mark.parametrize(
    "address", ["/leads/5/", "/leads/abc/", "/leads/00000000-0000-4000-8000-000000000000/"]
)
def test_b15_b18_no_such_lead(address: str, signed_in: Callable[..., Client]) -> None:
    assert signed_in().get(address).status_code == 404


def test_a_missing_field_is_filled_in_place(
    signed_in: Callable[..., Client], stands: Callable[..., Lead], make_user: Callable[..., User]
) -> None:
    rep = make_user("rep", first_name="Inès", last_name="Roy")
    lead = stands("sal", owner=rep)
    client, address = signed_in(rep), f"/leads/{lead.public_id}/"
    form = client.get(f"{address}?edit=project_month")
    assert 'type="month"' in form.content.decode()
    answer = client.post(
        f"{address}profile/",
        {"field": "project_month", "project_month": "2026-09"},
        headers={"HX-Request": "true", "HX-Target": "profile"},
    )
    assert answer.status_code == 200
    assert "September 2026" in answer.content.decode()
    change = ProfileChange.objects.get(lead=lead)
    assert (change.field, change.new, change.origin, change.by) == (
        "project_month",
        "2026-09-01",
        "sales",
        rep,
    )
    assert Wake.objects.filter(lead_id=lead.pk).exists()


def test_a_marketers_correction_is_marked_as_theirs(
    signed_in: Callable[..., Client], stands: Callable[..., Lead]
) -> None:
    lead = stands("lead", city="Lion")
    answer = signed_in().post(f"/leads/{lead.public_id}/profile/", {"field": "city", "city": " Lyon\x1b "})
    assert answer.status_code == 302
    lead.refresh_from_db()
    assert (lead.city, ProfileChange.objects.get(lead=lead).origin) == ("Lyon", "marketing")


@pytest.mark.parametrize(
    ("field", "value", "answer"),
    [
        ("project_month", "soon", 422),
        ("seniority", "emperor", 422),
        ("city", "x" * 101, 422),
        ("city", "", 422),
        ("city", "\x00", 422),
        ("need", "x" * 2001, 422),
        ("owner", "1", 404),
        ("email", "thief@example.com", 404),
        ("search_text", "x", 404),
        ("", "x", 404),
    ],
)
def test_b13_only_the_profile_and_only_good_values(
    field: str, value: str, answer: int, signed_in: Callable[..., Client], stands: Callable[..., Lead]
) -> None:
    lead = stands("lead")
    response = signed_in().post(f"/leads/{lead.public_id}/profile/", {"field": field, field or "x": value})
    assert response.status_code == answer
    assert not ProfileChange.objects.exists()


def test_who_may_not_edit(
    signed_in: Callable[..., Client], stands: Callable[..., Lead], make_user: Callable[..., User]
) -> None:
    lead = stands("sal")
    data = {"field": "city", "city": "Lyon"}
    assert signed_in("dpo").post(f"/leads/{lead.public_id}/profile/", data).status_code == 403
    assert signed_in("rep").post(f"/leads/{lead.public_id}/profile/", data).status_code == 404


def test_what_was_typed_when_the_session_ended_is_in_the_form_after_signing_in(
    stands: Callable[..., Lead], make_user: Callable[..., User]
) -> None:
    lead, user = stands("lead"), make_user()
    address = f"/leads/{lead.public_id}/profile/"
    browser = Client(headers={"accept-language": "en"})
    asked = browser.post(address, {"field": "city", "city": "Lyon"})
    assert (asked.status_code, asked["Location"]) == (302, f"/accounts/login/?next={address}")
    session = dict(browser.session.items())
    browser.force_login(user)
    kept = browser.session
    kept.update({name: value for name, value in session.items() if name.startswith("funnel.")})
    kept.save()
    assert 'value="Lyon"' in browser.get(address).content.decode()
    assert browser.get(address)["Location"] == f"/leads/{lead.public_id}/"


def test_b35_every_text_of_a_lead_is_text(
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    passes: Callable[..., Passage],
    writes: Callable[..., Message],
) -> None:
    canary = '"><img src=x onerror=alert(1)>{{7*7}}'
    fields = ["first_name", "last_name", "job_title", "department", "need", "pain_point", "city", "region"]
    lead = stands("lead", landing_page=canary, properties={canary: canary}, **dict.fromkeys(fields, canary))
    passes(lead, "return", "mql", "recycled", note=canary, actor_name=canary)
    writes(lead, subject=canary)
    ProfileChange.objects.create(lead=lead, field="city", new=canary, origin="form", at=NOON)
    for address in [f"/leads/{lead.public_id}/", "/leads/", "/messages/", "/palette/?q=img"]:
        text = signed_in().get(address).content.decode()
        assert "<img" not in text
        assert "onerror" in text


ENDINGS = ["Return to marketing", "Refer to a partner", "Disqualify"]


@pytest.mark.parametrize(
    ("stage", "who", "verbs"),
    [
        (
            "sal",
            "owner",
            ["Checklist and SQL", "Won", "Return to marketing", "Refer to a partner", "Disqualify"],
        ),
        (
            "sql",
            "manager",
            ["Checklist", "Won", "Lost", "Return to marketing", "Refer to a partner", "Disqualify"],
        ),
        ("mql", "offered", ["Decide"]),
        ("mql", "manager", ["Decide"]),
        ("mql", "marketer", []),
        ("sal", "marketer", []),
        ("lead", "manager", []),
        ("customer", "owner", []),
    ],
)
def test_the_verbs_of_sales_for_whom_they_are(
    stage: str,
    who: str,
    verbs: list[str],
    signed_in: Callable[..., Client],
    stands: Callable[..., Lead],
    make_user: Callable[..., User],
) -> None:
    rep = make_user("rep")
    owner = {"owner": rep} if stage in ("sal", "sql", "customer") else {}
    lead = stands(
        stage, "offered" if stage == "mql" else "", offered_to=rep if stage == "mql" else None, **owner
    )
    if stage == "mql":
        desk = Rep.objects.create(user=rep)
        Offer.objects.create(
            lead=lead, rep=desk, cycle=1, offered_at=NOON, deadline=NOON + timedelta(hours=4)
        )
    user = rep if who in ("owner", "offered") else make_user(who)
    client = signed_in(user)
    shown = client.get(f"/leads/{lead.public_id}/").context["verbs"]
    assert [str(verb.label) for verb in shown] == verbs
    assert [client.get(verb.url).status_code for verb in shown] == [200] * len(verbs)
