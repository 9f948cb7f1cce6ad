"""POST and GET /api/v1/leads/: people come in, are recognised, and their past follows them if they agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from leads.actions.custom_fields import Wording, define_field
from leads.choices import Origin
from leads.custom_fields import About, FieldType
from leads.models import (
    Company,
    ConsentEvent,
    Content,
    CustomField,
    Event,
    EventConflict,
    IdempotencyRecord,
    Lead,
    ProfileChange,
    RejectedSubmission,
    Visitor,
    Wake,
)
from tests.api_fixtures import SITE, Call, codes, problem
from tests.leads.test_api_keys import signed_in
from tests.leads.test_events import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plant")]
PATH, EVENTS = "/api/v1/leads/", "/api/v1/events/"
EMAIL = "jean@acier-dupont.example"
FULL = {
    "email": "Jean@Acier-Dupont.example",
    "phone": "06 12 34 56 78",
    "reference": "crm-1",
    "first_name": "Jean",
    "last_name": "Dupont",
    "language": "fr",
    "time_zone": "Europe/Paris",
    "address": "1 rue du Port",
    "postcode": "59000",
    "city": "Lille",
    "region": "Hauts-de-France",
    "country": "fr",
    "company": {
        "name": "Acier Dupont",
        "siren": "552100554",
        "sector": "industry",
        "headcount": "50_249",
        "turnover": "10m_50m",
    },
    "company_role": "decision_maker",
    "job_title": "Directeur",
    "department": "Production",
    "seniority": "director",
    "need": "Réduire\nles rebuts",
    "project_month": "2027-03",
    "pain_point": "Rebuts",
    "budget_range": "20k_50k",
    "interests": ["qualité"],
    "social": {"linkedin": "https://www.linkedin.com/in/jean"},
    "custom": {"usine": "Lille"},
    "channel": "trade_show",
    "acquisition": "direct",
}


@pytest.fixture
def plant(db: None, now: datetime) -> CustomField:
    """A field of the site's own."""
    return define_field(about=About.LEAD, type=FieldType.TEXT, wording=Wording("Usine"), now=now)


def test_b13_a_custom_field_that_nobody_defined_is_refused_by_its_name(call: Call, secret: str) -> None:
    answer = call("POST", PATH, {"email": EMAIL, "custom": {"usin": "Lille"}}, key=secret)
    assert codes(problem(answer, 400, "invalid")) == {("custom.usin", "unknown_field")}
    assert not Lead.objects.exists()


def test_a_custom_value_is_read_by_its_type(call: Call, secret: str, now: datetime) -> None:
    define_field(about=About.LEAD, type=FieldType.MONEY, wording=Wording("Budget"), now=now)
    good = {"email": EMAIL, "custom": {"budget": "12 500,50 €"}}
    call("POST", PATH, good, key=secret)
    assert Lead.objects.get().custom == {"budget": 12500.5}
    bad = call("POST", PATH, {"email": EMAIL, "custom": {"budget": "beaucoup"}}, key=secret)
    assert codes(problem(bad, 400, "invalid")) == {("custom.budget", "not_a_number")}


def test_a_server_creates_a_lead_with_all_that_is_known(call: Call, secret: str) -> None:
    answer = call("POST", PATH, FULL, key=secret)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["created"], body["event"]) == (True, None)
    told = body["lead"]
    for field in FULL.keys() - {"email", "phone", "company", "country"}:
        assert told[field] == FULL[field], field
    assert (told["email"], told["phone"], told["country"]) == (EMAIL, "+33612345678", "FR")
    assert told["company"]["domain"] == "acier-dupont.example"
    assert {k: told["company"][k] for k in FULL["company"]} == FULL["company"]  # type: ignore[attr-defined]
    assert call("GET", f"{PATH}{told['public_id']}/", key=secret).json() == told
    assert Wake.objects.filter(lead_id=Lead.objects.get().pk).exists()


@pytest.mark.parametrize("name", [{"email": EMAIL}, {"phone": "+33612345678"}, {"reference": "crm-1"}])
def test_a_known_person_is_recognised_and_their_event_recorded(
    call: Call, secret: str, name: dict[str, str]
) -> None:
    first = call("POST", PATH, FULL, key=secret).json()["lead"]
    again = call(
        "POST",
        PATH,
        name
        | {
            "first_name": "Jean-Pierre",
            "event": {
                "kind": "quote_requested",
                "occurred_at": "2026-11-02T10:00:00Z",
                "properties": {"n": 1},
            },
        },
        key=secret,
    )
    assert (again.status_code, again.json()["created"], again.json()["event"]) == (200, False, "stored")
    assert (again.json()["lead"]["public_id"], again.json()["lead"]["first_name"]) == (
        first["public_id"],
        "Jean-Pierre",
    )
    events = call("GET", f"{PATH}{first['public_id']}/events/", key=secret).json()["results"]
    assert [(row["kind"], row["properties"]) for row in events if row["kind"] == "quote_requested"] == [
        ("quote_requested", {"n": 1})
    ]
    assert ProfileChange.objects.filter(field="first_name", new="Jean-Pierre", origin=Origin.API).exists()


def test_overwrite_false_fills_only_what_is_empty(call: Call, secret: str) -> None:
    call("POST", PATH, {"email": EMAIL, "first_name": "Jean"}, key=secret)
    told = {"email": EMAIL, "first_name": "X", "last_name": "Dupont", "overwrite": False}
    lead = call("POST", PATH, told, key=secret).json()["lead"]
    assert (lead["first_name"], lead["last_name"]) == ("Jean", "Dupont")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, ("", "identity_missing")),
        ({"first_name": "Jean"}, ("", "identity_missing")),
        ({"email": EMAIL, "seniority": "boss"}, ("seniority", "invalid_choice")),
        ({"email": EMAIL, "project_month": "03/2027"}, ("project_month", "invalid")),
        ({"email": EMAIL, "project_month": "2027-13"}, ("project_month", "invalid")),
        ({"email": EMAIL, "company": {"siren": "12"}}, ("company.siren", "invalid")),
        ({"email": EMAIL, "company": {"domain": "a b"}}, ("company.domain", "invalid")),
        ({"email": EMAIL, "first_name": True}, ("first_name", "invalid")),
        ({"email": EMAIL, "first_name": 5}, ("first_name", "invalid")),
        ({"email": EMAIL, "overwrite": "yes"}, ("overwrite", "invalid")),
        ({"email": EMAIL, "interests": "x"}, ("interests", "not_a_list")),
        ({"email": EMAIL, "event": {"kind": "nothing"}}, ("event.kind", "kind_unknown")),
        ({"email": EMAIL, "event": {"kind": "won"}}, ("event.kind", "kind_internal")),
        ({"email": EMAIL, "event": {}}, ("event.kind", "required")),
        (
            {"email": EMAIL, "consents": [{"purpose": "transactional", "state": "granted"}]},
            ("consents.0.purpose", "invalid_choice"),
        ),
    ],
)
def test_what_a_server_must_correct(
    call: Call, secret: str, fields: dict[str, Any], error: tuple[str, str]
) -> None:
    assert codes(problem(call("POST", PATH, fields, key=secret), 400, "invalid")) == {error}
    assert not Lead.objects.exists()


def test_consents_go_to_the_ledger_with_their_wording(call: Call, publishable: str) -> None:
    told = {
        "email": EMAIL,
        "page": f"{SITE}/contact",
        "consents": [
            {"purpose": "newsletter", "state": "granted", "text_version": "2026-01"},
            {"purpose": "tracking", "state": "denied"},
        ],
    }
    assert call("POST", PATH, told, key=publishable, User_Agent="Firefox").status_code == 202
    rows = {row.purpose: row for row in ConsentEvent.objects.all()}
    assert (rows["newsletter"].state, rows["newsletter"].text_version, rows["newsletter"].page_url) == (
        "granted",
        "2026-01",
        f"{SITE}/contact",
    )
    assert (rows["newsletter"].ip_truncated, len(rows["newsletter"].user_agent_hash)) == ("127.0.0.0/24", 64)
    assert rows["tracking"].state == "denied"


# Forms -----------------------------------------------------------------------------------------------------


def form(**fields: Any) -> dict[str, Any]:
    """What a form posts."""
    return {"email": EMAIL} | fields


def test_a_form_makes_a_lead_and_its_post_is_an_event(call: Call, publishable: str) -> None:
    Content.objects.create(
        code="guide", title="G", type="white_paper", band="tofu", created_at=timezone.now()
    )
    told = form(
        event={"kind": "content_downloaded", "content": "guide", "properties": {"form": "livre-blanc"}},
        page=f"{SITE}/guide",
        referrer="https://www.linkedin.com/",
        utm={"source": "linkedin", "medium": "social", "campaign": "rentrée"},
    )
    assert call("POST", PATH, told, key=publishable).status_code == 202
    lead = Lead.objects.get()
    row = Event.objects.get(kind__code="content_downloaded")
    assert (row.lead_id, row.content.code, row.channel) == (lead.pk, "guide", "social")  # type: ignore[union-attr]
    assert row.properties == {
        "form": "livre-blanc",
        "page": f"{SITE}/guide",
        "referrer": "https://www.linkedin.com/",
        "utm_source": "linkedin",
        "utm_medium": "social",
        "utm_campaign": "rentrée",
    }
    assert (lead.channel, lead.landing_page) == ("social", f"{SITE}/guide")


def test_without_an_event_it_is_a_form_submitted(call: Call, publishable: str) -> None:
    call("POST", PATH, form(), key=publishable)
    assert Event.objects.filter(kind__code="form_submitted").count() == 1


def test_a_form_answers_the_same_whether_the_person_is_known(
    call: Call, publishable: str, make_lead: Callable[..., Lead]
) -> None:
    make_lead(email=EMAIL)
    known = call("POST", PATH, form(), key=publishable)
    unknown = call("POST", PATH, form(email="new@acier-dupont.example"), key=publishable)
    assert (
        (known.status_code, known.content)
        == (unknown.status_code, unknown.content)
        == (202, b'{"status":"accepted"}')
    )
    assert set(known.headers) == set(unknown.headers)


def test_a_form_never_overwrites(call: Call, publishable: str, secret: str) -> None:
    call("POST", PATH, FULL, key=secret)
    attack = form(
        first_name="Evil",
        last_name="Evil",
        phone="+33699999999",
        job_title="Evil",
        company={"name": "Evil", "siren": "732829320"},
        city="Evil",
        custom={"usine": "Evil"},
        social={"linkedin": "https://evil.example/in/jean"},
    )
    assert call("POST", PATH, attack, key=publishable).status_code == 202
    lead, company = Lead.objects.get(), Company.objects.get(domain="acier-dupont.example")
    assert "Evil" not in {lead.first_name, lead.last_name, lead.job_title, lead.city, company.name}
    assert (lead.phone, company.siren) == ("+33612345678", "552100554")
    assert lead.custom == {"usine": "Lille"}
    assert lead.social == {"linkedin": "https://www.linkedin.com/in/jean"}


def test_a_form_fills_what_is_empty(call: Call, publishable: str, make_lead: Callable[..., Lead]) -> None:
    make_lead(email=EMAIL, first_name="Jean")
    call("POST", PATH, form(first_name="X", last_name="Dupont", need="Un devis"), key=publishable)
    lead = Lead.objects.get()
    assert (lead.first_name, lead.last_name, lead.need) == ("Jean", "Dupont", "Un devis")


@pytest.mark.parametrize(
    "fields", [{"reference": "crm-1"}, {"channel": "social"}, {"overwrite": True}, {"acquisition": "direct"}]
)
def test_a_form_may_not_say_what_only_servers_know(
    call: Call, publishable: str, fields: dict[str, Any]
) -> None:
    [field] = fields
    assert codes(problem(call("POST", PATH, form(**fields), key=publishable), 400, "invalid")) == {
        (field, "unknown_field")
    }


@pytest.mark.parametrize("kind", ["inbound_call", "won", "purchase", "meeting_held", "page_viewed"])
def test_a_form_is_not_just_any_event(call: Call, publishable: str, kind: str) -> None:
    problem(call("POST", PATH, form(event={"kind": kind}), key=publishable), 400, "invalid")
    assert not Lead.objects.exists()
    assert RejectedSubmission.objects.count() == 1


def test_an_unknown_document_does_not_lose_the_person(call: Call, publishable: str) -> None:
    told = form(event={"kind": "content_downloaded", "content": "not-here"})
    assert call("POST", PATH, told, key=publishable).status_code == 202
    assert Event.objects.get(kind__code="content_downloaded").properties == {"content": "not-here"}


def test_a_form_sent_twice_with_one_event_id_is_one_event(call: Call, publishable: str) -> None:
    told = form(event={"kind": "quote_requested", "event_id": "f-1"})
    for _ in range(2):
        assert call("POST", PATH, told, key=publishable).status_code == 202
    assert Event.objects.filter(kind__code="quote_requested").count() == 1
    assert not EventConflict.objects.exists()


# The browser's past -----------------------------------------------------------------------------------------


def visit(call: Call, key: str, visitor: str, number: int = 3) -> None:
    """Some pages seen."""
    for turn in range(number):
        told = {
            "event_id": str(uuid4()),
            "kind": "page_viewed",
            "visitor": visitor,
            "consent": True,
            "occurred_at": (timezone.now() - timedelta(minutes=turn)).isoformat(),
        }
        assert call("POST", EVENTS, told, key=key).status_code in {202, 204}


AGREED = [{"purpose": "tracking", "state": "granted", "text_version": "v1"}]


def test_f32_with_consent_the_past_becomes_the_leads_once(call: Call, publishable: str) -> None:
    visitor = str(uuid4())
    visit(call, publishable, visitor)
    for _ in range(2):
        call("POST", PATH, form(visitor=visitor, consents=AGREED), key=publishable)
    lead = Lead.objects.get()
    assert Event.objects.filter(lead=lead, kind__code="page_viewed").count() == 3
    assert Visitor.objects.get().lead_id == lead.pk
    visit(call, publishable, visitor, 1)
    assert Event.objects.filter(lead=lead, kind__code="page_viewed").count() == 4


def test_f32_without_consent_it_stays_anonymous(call: Call, publishable: str) -> None:
    visitor = str(uuid4())
    visit(call, publishable, visitor)
    call("POST", PATH, form(visitor=visitor), key=publishable)
    assert set(Event.objects.filter(kind__code="page_viewed").values_list("lead_id", flat=True)) == {None}
    assert Visitor.objects.get().lead_id == Lead.objects.get().pk
    visit(call, publishable, visitor, 1)
    assert Event.objects.filter(kind__code="page_viewed").count() == 3
    call("POST", PATH, form(visitor=visitor, consents=AGREED), key=publishable)
    assert Event.objects.filter(kind__code="page_viewed", lead=Lead.objects.get()).count() == 3


def test_two_people_at_one_browser_stay_two(call: Call, publishable: str) -> None:
    visitor = str(uuid4())
    visit(call, publishable, visitor)
    call("POST", PATH, form(visitor=visitor, consents=AGREED), key=publishable)
    call(
        "POST",
        PATH,
        form(email="anna@acier-dupont.example", visitor=visitor, consents=AGREED),
        key=publishable,
    )
    jean, anna = Lead.objects.get(email=EMAIL), Lead.objects.get(email="anna@acier-dupont.example")
    assert Visitor.objects.get().lead_id == anna.pk  # who sits there now; what went before stays Jean's
    assert Event.objects.filter(lead=jean, kind__code="page_viewed").count() == 3
    assert not Event.objects.filter(lead=anna, kind__code="page_viewed").exists()
    assert Event.objects.filter(lead=anna, kind__code="form_submitted").count() == 1


# Once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("which", ["secret", "publishable"])
def test_the_same_post_twenty_times_in_parallel_has_one_effect(
    call: Call, request: pytest.FixtureRequest, which: str
) -> None:
    key = request.getfixturevalue(which)
    told = form(first_name="Jean", event={"kind": "quote_requested"})

    def post(_turn: int) -> tuple[int, bytes, bool]:
        answer = call("POST", PATH, told, key=key, Idempotency_Key="one")
        return answer.status_code, answer.content, "Idempotent-Replayed" in answer.headers

    answers = together(20, post)
    assert len({answer[:2] for answer in answers}) == 1, answers  # type: ignore[index]
    assert sum(answer[2] for answer in answers) == 19  # type: ignore[index]
    assert Lead.objects.count() == 1
    assert Event.objects.filter(kind__code="quote_requested").count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_different_posts_about_one_new_person_make_one_lead(call: Call, publishable: str) -> None:
    answers = together(
        20, lambda turn: call("POST", PATH, form(city=f"City {turn}"), key=publishable).status_code
    )
    assert answers == [202] * 20
    assert Lead.objects.count() == 1
    assert Event.objects.filter(kind__code="form_submitted").count() == 20


def test_f30_the_same_key_for_something_else(call: Call, secret: str) -> None:
    call("POST", PATH, form(), key=secret, Idempotency_Key="one")
    problem(
        call("POST", PATH, form(city="Lyon"), key=secret, Idempotency_Key="one"),
        422,
        "idempotency_key_reused",
    )
    assert Lead.objects.get().city == ""


def test_a_refused_request_leaves_its_key_free(call: Call, secret: str) -> None:
    problem(
        call("POST", PATH, form(event={"kind": "nothing"}), key=secret, Idempotency_Key="one"), 400, "invalid"
    )
    assert not IdempotencyRecord.objects.exists()
    assert call("POST", PATH, form(), key=secret, Idempotency_Key="one").status_code == 201


def test_after_a_day_a_key_is_new(call: Call, secret: str) -> None:
    call("POST", PATH, form(), key=secret, Idempotency_Key="one")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=25))
    again = call("POST", PATH, form(city="Lyon"), key=secret, Idempotency_Key="one")
    assert (again.status_code, Lead.objects.get().city) == (200, "Lyon")


def test_keys_of_different_callers_do_not_meet(call: Call, secret: str, publishable: str) -> None:
    assert call("POST", PATH, form(), key=secret, Idempotency_Key="one").status_code == 201
    assert call("POST", PATH, form(city="Lyon"), key=publishable, Idempotency_Key="one").status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_impossible_idempotency_keys(call: Call, secret: str, key: str) -> None:
    problem(call("POST", PATH, form(), key=secret, Idempotency_Key=key), 400, "idempotency_key_invalid")


# Reading ----------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_without_gap_or_repeat(
    call: Call, secret: str, make_lead: Callable[..., Lead]
) -> None:
    made = {str(make_lead(created_at=timezone.now() - timedelta(minutes=n // 3)).public_id) for n in range(7)}
    for ordering in ("created_at", "-created_at"):
        seen, path = [], f"{PATH}?limit=2&ordering={ordering}"
        while path:
            page = call("GET", path.replace("http://127.0.0.1:8000", ""), key=secret).json()
            seen += [row["public_id"] for row in page["results"]]
            path = page["next"]
        assert len(seen) == 7
        assert set(seen) == made


def test_filters(call: Call, secret: str, make_lead: Callable[..., Lead]) -> None:
    make_lead(channel="social", country="FR", reference="a", audience="b2b")
    make_lead(channel="content", country="BE", reference="b", audience="b2c")
    for query in ("channel=social", "country=FR", "reference=a", "audience=b2b"):
        [row] = call("GET", f"{PATH}?{query}", key=secret).json()["results"]
        assert row["reference"] == "a"
    assert call("GET", f"{PATH}?created_after=2099-01-01T00:00:00Z", key=secret).json()["results"] == []


def test_the_list_takes_three_queries_whatever_its_length(
    call: Call,
    secret: str,
    make_lead: Callable[..., Lead],
    make_user: Callable[..., User],
    django_assert_num_queries: Any,
) -> None:
    call("GET", PATH, key=secret)
    for number in (1, 3):
        for _ in range(number):
            make_lead(
                owner=make_user("rep"), company=Company.objects.create(name="X", created_at=timezone.now())
            )
        with django_assert_num_queries(1):
            assert call("GET", PATH, key=secret).status_code == 200


def test_merged_and_erased_leads_are_not_there(
    call: Call, secret: str, make_lead: Callable[..., Lead]
) -> None:
    lead = make_lead()
    gone = [make_lead(merged_into=lead), make_lead(erased_at=timezone.now())]
    assert len(call("GET", PATH, key=secret).json()["results"]) == 1
    for one in gone:
        problem(call("GET", f"{PATH}{one.public_id}/", key=secret), 404, "not_found")


def test_a_marketer_signed_in_may_add_a_person(call: Call, make_user: Callable[..., User]) -> None:
    user = make_user("marketer")
    assert (
        call(
            "POST",
            PATH,
            form(first_name="Jean", event={"kind": "trade_show_meeting"}),
            client=signed_in(user),
        ).status_code
        == 201
    )
    assert ProfileChange.objects.get(field="first_name").by == user
