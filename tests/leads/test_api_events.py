"""POST /api/v1/events/: one or many, each with its result, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.actions.consent import record_consent
from leads.api import event_intake, lookups
from leads.api.event_intake import take_events
from leads.api.keys import KeyCaller
from leads.choices import ConsentState, Purpose
from leads.models import Content, Event, EventConflict, EventKind, Lead, Visitor, Wake
from tests.api_fixtures import SITE, Call, codes, problem
from tests.leads.test_events import rolled_back, together

pytestmark = pytest.mark.django_db
PATH = "/api/v1/events/"


def plain(answer: Any) -> tuple[int, bytes]:
    """Status and body of an answer."""
    return answer.status_code, answer.content


def event(**fields: Any) -> dict[str, Any]:
    """An event as a server sends it."""
    values = {"event_id": str(uuid4()), "kind": "page_viewed", "occurred_at": timezone.now().isoformat()}
    return {name: value for name, value in (values | fields).items() if value is not ...}


@pytest.fixture
def lead(make_lead: Callable[..., Lead]) -> Lead:
    """A lead with every name."""
    return make_lead(email="jean@acier-dupont.example", reference="crm-1")


@pytest.fixture
def guide(db: None) -> Content:
    """A piece of content."""
    return Content.objects.create(
        code="guide", title="Guide", type="guide", band="tofu", created_at=timezone.now()
    )


def test_one_event_by_each_way_of_naming_the_lead(
    call: Call, secret: str, lead: Lead, guide: Content
) -> None:
    names = [
        {"lead": str(lead.public_id)},
        {"lead": str(lead.public_id).upper()},
        {"lead": lead.public_id.hex},
        {"email": " Jean@Acier-Dupont.example "},
        {"reference": "crm-1"},
    ]
    for name in names:
        told = event(**name, content="guide", channel="social", properties={"a": [1, {"b": None}]})
        answer = call("POST", PATH, told, key=secret)
        assert (answer.status_code, answer.json()) == (
            202,
            {"event_id": told["event_id"], "status": "accepted"},
        )
        row = Event.objects.get(event_id=told["event_id"])
        assert (row.lead_id, row.content_id, row.channel, row.properties) == (
            lead.pk,
            guide.pk,
            "social",
            told["properties"],
        )
    assert Wake.objects.filter(lead_id=lead.pk).count() == len(names)


def test_a_sites_own_kind_is_found_at_once(
    call: Call, secret: str, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("POST", PATH, event(lead=str(lead.public_id)), key=secret).status_code == 202
    EventKind.objects.create(id=200, code="audit_ordered")
    monkeypatch.setattr(lookups._kinds, "_read_at", lookups._kinds._read_at - 2)
    assert (
        call("POST", PATH, event(lead=str(lead.public_id), kind="audit_ordered"), key=secret).status_code
        == 202
    )


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"kind": "nothing"}, "kind", "kind_unknown"),
        ({"kind": "accepted"}, "kind", "kind_internal"),
        ({"kind": "email_sent"}, "kind", "kind_internal"),
        ({"kind": ...}, "kind", "required"),
        ({"event_id": ...}, "event_id", "required"),
        ({"event_id": ""}, "event_id", "wrong_length"),
        ({"event_id": "x" * 121}, "event_id", "wrong_length"),
        ({"event_id": "a\x07b"}, "event_id", "invalid"),
        ({"content": "none"}, "content", "content_unknown"),
        ({"channel": "pigeon"}, "channel", "invalid"),
        ({"reference": "crm-1"}, "", "target"),
        ({"lead": ...}, "", "target"),
        ({"proprties": {}}, "proprties", "unknown_field"),
        ({"lead": str(uuid4())}, "", "lead_unknown"),
    ],
)
def test_what_is_refused_and_why(
    call: Call, secret: str, lead: Lead, fields: dict[str, Any], field: str, code: str
) -> None:
    told = event(**({"lead": str(lead.public_id)} | fields))
    answer = call("POST", PATH, told, key=secret)
    body = problem(answer, *((404, "lead_unknown") if code == "lead_unknown" else (400, "invalid")))
    assert codes(body) == {(field, code)}
    batch = call("POST", PATH, {"events": [told, event(lead=str(lead.public_id))]}, key=secret).json()
    assert [result["status"] for result in batch["results"]] == ["refused", "accepted"]
    assert codes(batch["results"][0]) == {(field, code)}
    assert (batch["accepted"], Event.objects.count()) == (1, 1)


def test_a_batch_answers_for_each_in_order(call: Call, secret: str, lead: Lead) -> None:
    good = [event(lead=str(lead.public_id)) for _ in range(3)]
    events = [good[0], 5, good[1], {}, good[0], good[2] | {"kind": "nothing"}, good[0] | {"kind": "chat"}]
    answer = call("POST", PATH, {"events": events}, key=secret).json()
    assert [result["status"] for result in answer["results"]] == [
        "accepted",
        "refused",
        "accepted",
        "refused",
        "accepted",
        "refused",
        "conflict",
    ]
    assert answer["results"][0]["event_id"] == good[0]["event_id"]
    assert answer["accepted"] == 3
    assert Event.objects.count() == 2
    assert EventConflict.objects.count() == 1


@pytest.mark.parametrize("events", [[], {}, "x", None, [{}] * 501])
def test_a_batch_has_1_to_500_events(call: Call, secret: str, events: Any) -> None:
    problem(call("POST", PATH, {"events": events}, key=secret), 400, "batch_size")


def test_a_batch_of_500(call: Call, secret: str, lead: Lead) -> None:
    events = [event(lead=str(lead.public_id)) for _ in range(500)]
    assert call("POST", PATH, {"events": events}, key=secret).json()["accepted"] == 500
    assert Event.objects.count() == 500


def test_a_batchs_envelope_has_nothing_else(call: Call, secret: str) -> None:
    body = problem(call("POST", PATH, {"events": [{}], "evnets": []}, key=secret), 400, "invalid")
    assert codes(body) == {("evnets", "unknown_field")}


@pytest.mark.parametrize("size", [1, 3])
def test_a_retry_gets_the_same_answer(call: Call, secret: str, lead: Lead, size: int) -> None:
    events = [event(lead=str(lead.public_id)) for _ in range(size)]
    body = events[0] if size == 1 else {"events": events}
    answers = [call("POST", PATH, body, key=secret) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert Event.objects.count() == size


def test_f31_a_reused_id_alone_is_a_conflict(call: Call, secret: str, lead: Lead) -> None:
    told = event(lead=str(lead.public_id))
    call("POST", PATH, told, key=secret)
    problem(call("POST", PATH, told | {"kind": "chat"}, key=secret), 409, "event_conflict")
    assert (Event.objects.count(), EventConflict.objects.count()) == (1, 1)


def test_f48_times(call: Call, secret: str, lead: Lead) -> None:
    ahead = (timezone.now() + timedelta(days=365)).isoformat()
    back = (timezone.now() - timedelta(days=365)).isoformat()
    for moment, clamped in ((ahead, True), (back, False)):
        told = event(lead=str(lead.public_id), occurred_at=moment)
        assert call("POST", PATH, told, key=secret).status_code == 202
        assert Event.objects.get(event_id=told["event_id"]).was_clamped is clamped
    problem(
        call("POST", PATH, event(lead=str(lead.public_id), occurred_at="1970-01-01T00:00:00Z"), key=secret),
        400,
        "invalid",
    )


@pytest.mark.django_db(transaction=True)
def test_f29_the_same_post_twenty_times_in_parallel(call: Call, secret: str, lead: Lead) -> None:
    told = event(lead=str(lead.public_id))
    answers = together(20, lambda _turn: plain(call("POST", PATH, told, key=secret)))
    assert len(set(answers)) == 1, answers
    assert answers[0][0] == 202  # type: ignore[index]
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_f29_with_an_idempotency_key_too(call: Call, publishable: str) -> None:
    told = event(visitor=str(uuid4()))
    answers = together(
        20, lambda _turn: plain(call("POST", PATH, told, key=publishable, Idempotency_Key="k1"))
    )
    assert len(set(answers)) == 1, answers
    assert answers[0][0] == 202  # type: ignore[index]
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_f25_a_table_locked_for_long_is_503_and_stores_nothing(call: Call, secret: str, lead: Lead) -> None:
    told = event(lead=str(lead.public_id))
    assert (
        call("POST", PATH, {"events": [event(lead=str(lead.public_id))] * 2}, key=secret).status_code == 202
    )
    other = connection.copy()
    try:
        with other.cursor() as cursor, connection.cursor() as ours:
            cursor.execute("BEGIN; LOCK TABLE leads_eventkey IN ACCESS EXCLUSIVE MODE")
            ours.execute("SET lock_timeout = '100ms'")
            for body in (told, {"events": [told, event(lead=str(lead.public_id))]}):
                answer = call("POST", PATH, body, key=secret)
                problem(answer, 503, "unavailable")
                assert answer.headers["Retry-After"] == "2"
            ours.execute("SET lock_timeout = '10s'")
    finally:
        other.close()
    assert call("POST", PATH, told, key=secret).status_code == 202
    assert Event.objects.count() == 2


def test_f30_an_idempotency_key_with_another_body(call: Call, secret: str, lead: Lead) -> None:
    told = event(lead=str(lead.public_id))
    first = call("POST", PATH, told, key=secret, Idempotency_Key="k1")
    again = call("POST", PATH, told, key=secret, Idempotency_Key="k1")
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    other = call("POST", PATH, event(lead=str(lead.public_id)), key=secret, Idempotency_Key="k1")
    problem(other, 422, "idempotency_key_reused")
    assert Event.objects.count() == 1


def test_merged_leads_lead_to_the_survivor_erased_ones_nowhere(
    call: Call, secret: str, make_lead: Callable[..., Lead], lead: Lead
) -> None:
    middle = make_lead(merged_into=lead)
    away = make_lead(merged_into=middle)
    erased = make_lead(erased_at=timezone.now())
    assert call("POST", PATH, event(lead=str(away.public_id)), key=secret).status_code == 202
    assert Event.objects.get().lead_id == lead.pk
    problem(call("POST", PATH, event(lead=str(erased.public_id)), key=secret), 404, "lead_unknown")


# Pages -----------------------------------------------------------------------------------------------------


def test_a_page_reports_its_visitor(call: Call, publishable: str) -> None:
    visitor = str(uuid4())
    told = event(
        visitor=visitor,
        properties={"url": f"{SITE}/tarifs?utm_source=x", "referrer": "https://www.google.fr/"},
    )
    assert call("POST", PATH, told | {"key": publishable}).status_code == 202
    row, seen = Event.objects.get(), Visitor.objects.get()
    assert (str(row.visitor_id), row.lead_id, row.channel) == (visitor, None, "organic_search")
    assert (seen.lead_id, seen.channel, seen.landing_page) == (
        None,
        "organic_search",
        told["properties"]["url"],
    )
    assert not Wake.objects.exists()


@pytest.mark.parametrize("field", ["email", "lead", "reference"])
def test_a_page_never_names_a_person(call: Call, publishable: str, lead: Lead, field: str) -> None:
    named = {"email": lead.email, "lead": str(lead.public_id), "reference": "crm-1"}[field]
    body = problem(
        call("POST", PATH, event(visitor=str(uuid4()), **{field: named}), key=publishable), 400, "invalid"
    )
    assert codes(body) == {(field, "forbidden_field")}


@pytest.mark.parametrize("kind", ["inbound_call", "purchase", "meeting_held", "email_clicked"])
def test_a_page_reports_only_what_happens_on_pages(call: Call, publishable: str, kind: str) -> None:
    body = problem(
        call("POST", PATH, event(visitor=str(uuid4()), kind=kind), key=publishable), 400, "invalid"
    )
    assert codes(body) == {("kind", "kind_needs_secret_key")}


def test_a_page_is_only_warned_of_what_is_unknown(call: Call, publishable: str) -> None:
    answer = call("POST", PATH, event(visitor=str(uuid4()), content="none", newer=1), key=publishable)
    assert answer.status_code == 202
    assert {(one["field"], one["code"]) for one in answer.json()["warnings"]} == {
        ("newer", "unknown_field"),
        ("content", "content_unknown"),
    }
    assert Event.objects.count() == 1


@pytest.mark.parametrize("headers", [{"Sec_GPC": "1"}, {"DNT": "1"}])
def test_b67_a_browser_that_does_not_want_it(call: Call, publishable: str, headers: dict[str, str]) -> None:
    assert call("POST", PATH, event(visitor=str(uuid4())), key=publishable, **headers).status_code == 204
    assert not Event.objects.exists()
    assert not Visitor.objects.exists()


def test_b67_the_banner_said_no(call: Call, publishable: str) -> None:
    assert call("POST", PATH, event(visitor=str(uuid4()), consent=False), key=publishable).status_code == 204
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ([], 204),
        ([ConsentState.GRANTED], 202),
        ([ConsentState.DENIED], 204),
        ([ConsentState.GRANTED, ConsentState.WITHDRAWN], 204),
        ([ConsentState.WITHDRAWN, ConsentState.GRANTED], 202),
    ],
)
def test_b67_somebody_identified_is_tracked_only_by_the_ledger(
    call: Call, publishable: str, lead: Lead, states: list[ConsentState], status: int
) -> None:
    visitor = Visitor.objects.create(id=uuid4(), lead=lead, source_id=100, first_seen_at=timezone.now())
    for turn, state in enumerate(states):
        record_consent(
            lead=lead, purpose=Purpose.TRACKING, state=state, now=timezone.now() + timedelta(seconds=turn)
        )
    told = event(visitor=str(visitor.pk), consent=True)
    assert call("POST", PATH, told, key=publishable).status_code == status
    stored = Event.objects.filter(event_id=told["event_id"])
    assert list(stored.values_list("lead_id", flat=True)) == ([lead.pk] if status == 202 else [])
    batch = call(
        "POST",
        PATH,
        {"events": [event(visitor=str(visitor.pk)), event(visitor=str(uuid4()))]},
        key=publishable,
    ).json()
    assert [result["status"] for result in batch["results"]] == [
        "accepted" if status == 202 else "not_stored",
        "accepted",
    ]


# The quick lane ---------------------------------------------------------------------------------------------

FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["chat", "nothing", "accepted", 5]),
        "content": st.sampled_from(["guide", "none", None]),
        "channel": st.sampled_from(["social", "pigeon", None]),
        "lead": st.sampled_from(["{lead}", "{LEAD}", "{hex}", str(uuid4()), None, 5]),
        "email": st.sampled_from(["jean@acier-dupont.example", "x"]),
        "occurred_at": st.sampled_from(
            [
                "2026-11-02T10:00:00Z",
                "1989-01-01T00:00:00Z",
                "2026-11-02T10:00:00",
                "2099-01-01T00:00:00+02:00",
            ]
        ),
        "properties": st.sampled_from(
            [
                {},
                {"a": 1},
                {"a": "x" * 300},
                {"a": "é" * 600},
                {"a": {"b": 1}},
                {f"k{n}": "x" for n in range(40)},
                [],
            ]
        ),
        "event_id": st.sampled_from(["one", "two", ""]),
        "unknown": st.just(1),
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FIELDS, min_size=1, max_size=4))
def test_the_quick_lane_says_the_same_as_the_thorough_way(
    monkeypatch: pytest.MonkeyPatch, lead: Lead, guide: Content, chosen: list[dict[str, Any]]
) -> None:
    names = {
        "{lead}": str(lead.public_id),
        "{LEAD}": str(lead.public_id).upper(),
        "{hex}": lead.public_id.hex,
    }
    items = []
    for fields in chosen:
        named = (
            {"lead": names.get(fields["lead"], fields["lead"])}
            if "lead" in fields
            else {"lead": names["{lead}"]}
        )
        items.append(event(event_id=f"e{len(items)}", occurred_at="2026-11-02T10:00:00Z") | fields | named)
    caller, now = KeyCaller("x", True, frozenset(), frozenset(), 100, None), timezone.now()

    def outcome() -> Any:
        with rolled_back():
            results = msgspec.to_builtins(take_events(items, caller, now=now))
            columns = (
                "event_id",
                "lead_id",
                "kind_id",
                "content_id",
                "channel",
                "occurred_at",
                "properties",
                "was_clamped",
            )
            return (
                results,
                list(Event.objects.order_by("id").values_list(*columns)),
                EventConflict.objects.count(),
            )

    quick = outcome()
    with monkeypatch.context() as patch:
        patch.setattr(event_intake, "regular_events", lambda _items, _caller: None)
        assert outcome() == quick
