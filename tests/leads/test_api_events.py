"""POST /api/v1/events/: one or many, each with its result, each once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.actions.consent import record_consent
from leads.actions.events import record_events
from leads.api import event_together, event_views, lookups
from leads.choices import ConsentState, Purpose
from leads.models import Content, Event, EventConflict, EventKey, EventKind, Lead, Visitor, Wake
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
    told = event(visitor=str(uuid4()), consent=True)
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
        consent=True,
        properties={"url": f"{SITE}/tarifs?page=2", "referrer": "https://www.google.fr/"},
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
    answer = call(
        "POST", PATH, event(visitor=str(uuid4()), consent=True, content="none", newer=1), key=publishable
    )
    assert answer.status_code == 202
    assert {(one["field"], one["code"]) for one in answer.json()["warnings"]} == {
        ("newer", "unknown_field"),
        ("content", "content_unknown"),
    }
    assert Event.objects.count() == 1


@pytest.mark.parametrize("headers", [{"Sec_GPC": "1"}, {"DNT": "1"}])
def test_b67_a_browser_that_does_not_want_it(call: Call, publishable: str, headers: dict[str, str]) -> None:
    told = event(visitor=str(uuid4()), consent=True)
    assert call("POST", PATH, told, key=publishable, **headers).status_code == 204
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
        {"consent": True, "events": [event(visitor=str(visitor.pk)), event(visitor=str(uuid4()))]},
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
        "event_id": st.sampled_from(["one", "two", "", "a\tb", "\x7f", "\x80", "é" * 120, "é" * 121]),
        "visitor": st.just(None),
        "unknown": st.just(1),
    },
)


SPELLINGS: list[Callable[[str], str]] = [
    lambda body: body,
    lambda body: f" \n{body}\t",
    lambda body: body.replace('"event_id"', '"kind": "chat", "event_id"'),
    lambda body: body.replace('"event_id"', '"\\u0065vent_id"'),
    lambda body: body.replace("page_viewed", "page\\u005fviewed"),
    lambda body: body.replace("2026-11-02T10:00:00Z", "2026-11-02T10:00:00+00:00"),
    lambda body: body.replace('"a": 1', '"a": 1, "a": 2'),
    lambda body: body.replace('"a": 1', '"a": "\\"", "b": 2, "b": 3'),
    lambda body: body.replace('"a": 1', '"a": "\\u0000"'),
    lambda body: body.replace('"a": 1', '"a": 1e400'),
    lambda body: body.replace('"a": 1', f'"a": {2**64}, "b": {-(2**63)}, "c": {2**70}'),
    lambda body: body.replace('"a": 1', '"a": 1.0, "b": -0.0, "c": 1e22, "d": true'),
    lambda body: body.replace('"events"', '"events": [], "events"'),
    lambda body: body[:-1],
]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FIELDS, min_size=1, max_size=4), st.booleans(), st.booleans(), st.sampled_from(SPELLINGS))
def test_the_quick_lane_says_the_same_as_the_thorough_way(
    monkeypatch: pytest.MonkeyPatch,
    call: Call,
    secret: str,
    lead: Lead,
    guide: Content,
    chosen: list[dict[str, Any]],
    many: bool,
    plain_text: bool,
    spell: Callable[[str], str],
) -> None:
    names = {
        "{lead}": str(lead.public_id),
        "{LEAD}": str(lead.public_id).upper(),
        "{hex}": lead.public_id.hex,
    }
    items: list[dict[str, Any]] = []
    for fields in chosen:
        named = {"lead": names.get(fields.get("lead", "{lead}"), fields.get("lead"))}
        items.append(event(event_id=f"e{len(items)}", occurred_at="2026-11-02T10:00:00Z") | fields | named)
    body = spell(json.dumps({"events": items} if many else items[0], ensure_ascii=plain_text))

    def outcome() -> Any:
        with rolled_back():
            answer = call("POST", PATH, body, key=secret)
            told = json.loads(answer.content)
            told.pop("request_id", None)
            return (
                answer.status_code,
                told,
                list(Event.objects.order_by("id").values_list(*STORED)),
                set(Event.objects.filter(was_clamped=False).values_list("event_id", "occurred_at")),
                sorted(EventKey.objects.values_list("key", "digest")),
                EventConflict.objects.count(),
                sorted(Wake.objects.values_list("lead_id", flat=True)),
            )

    quick = outcome()
    with monkeypatch.context() as patch:
        patch.setattr(event_views, "regular_events", lambda _request, _caller: None)
        assert outcome() == quick


STORED = (
    "event_id",
    "lead_id",
    "kind_id",
    "content_id",
    "channel",
    "properties",
    "was_clamped",
)


def test_the_quick_lane_is_really_taken(
    call: Call, secret: str, lead: Lead, guide: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    def thorough(*_values: object, **_named: object) -> Any:
        raise AssertionError("the thorough way was gone")

    monkeypatch.setattr(event_views, "take_events", thorough)
    told = event(
        lead=str(lead.public_id), content="guide", channel="social", properties={"é": "à\n", "n": 1.5}
    )
    assert call("POST", PATH, told, key=secret).json() == {"event_id": told["event_id"], "status": "accepted"}
    batch = [told, event(lead=str(lead.public_id)), told | {"channel": "event"}]
    answer = call("POST", PATH, {"events": batch}, key=secret).json()
    assert answer["accepted"] == 2
    assert [result["status"] for result in answer["results"]] == ["accepted", "accepted", "conflict"]


# Stored together ------------------------------------------------------------------------------------------


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests each group had; storing is slowed down, so that groups gather."""
    sizes: list[int] = []
    store = event_together._store

    def slow(group: Any) -> None:
        sizes.append(len(group))
        time.sleep(0.2)
        store(group)

    monkeypatch.setattr(event_together, "_store", slow)
    return sizes


@pytest.mark.django_db(transaction=True)
def test_requests_that_come_together_are_stored_together(
    call: Call, secret: str, lead: Lead, groups: list[int]
) -> None:
    bodies = [event(event_id=f"e{turn}", lead=str(lead.public_id)) for turn in range(8)]
    answers = together(8, lambda turn: plain(call("POST", PATH, bodies[turn], key=secret)))
    assert [answer[0] for answer in answers] == [202] * 8  # type: ignore[index]
    assert sum(groups) == 8
    assert len(groups) < 8
    assert set(Event.objects.values_list("event_id", flat=True)) == {f"e{turn}" for turn in range(8)}


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_with_one_request_does_not_harm_those_beside_it(
    call: Call, secret: str, lead: Lead, groups: list[int]
) -> None:
    good = [event(event_id=f"e{turn}", lead=str(lead.public_id)) for turn in range(6)]
    reused = event(event_id="e0", lead=str(lead.public_id), properties={"other": 1})
    bodies = [*good, event(lead=str(uuid4())), {"events": [good[0], good[1]]}, reused]
    assert call("POST", PATH, good[0], key=secret).status_code == 202
    answers = together(len(bodies), lambda turn: plain(call("POST", PATH, bodies[turn], key=secret)))
    assert [answer[0] for answer in answers] == [202] * 6 + [404, 202, 409]  # type: ignore[index]
    assert Event.objects.count() == 6
    assert EventConflict.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_group_that_postgresql_refuses_is_stored_request_by_request(
    call: Call, secret: str, lead: Lead, groups: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:

    def refuse_groups(events: Any, *, now: Any) -> Any:
        outcomes = record_events(events, now=now)
        if len(events) > 1:
            raise DataError("refused")
        return outcomes

    monkeypatch.setattr(event_together, "record_events", refuse_groups)
    bodies = [event(event_id=f"e{turn}", lead=str(lead.public_id)) for turn in range(6)]
    answers = together(6, lambda turn: plain(call("POST", PATH, bodies[turn], key=secret)))
    assert [answer[0] for answer in answers] == [202] * 6  # type: ignore[index]
    assert max(groups) > 1
    assert Event.objects.count() == 6
