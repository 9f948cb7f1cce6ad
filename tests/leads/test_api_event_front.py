"""The short way in for a server's events answers exactly as Django's way does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from leads import remembered_leads
from leads.actions import event_append
from leads.actions.event_append import append_new
from leads.actions.events import new_event, record_events
from leads.api import event_together, limits
from leads.api.event_front import EventFront
from leads.models import Event, EventConflict, EventKey, GoneLead, Lead, Wake
from tests.leads.test_events import together

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/events/"
Answer = tuple[str, dict[str, str], bytes]
Post = Callable[..., Answer]


def ask(application: Any, environ: dict[str, Any]) -> Answer:
    """What a WSGI application answers."""
    told: list[tuple[str, dict[str, str]]] = []
    parts: Iterable[bytes] = application(
        environ, lambda status, headers, _exc=None: told.append((status, dict(headers)))
    )
    body = b"".join(parts)
    getattr(parts, "close", lambda: None)()
    return (*told[0], body)


def environ(body: Any, *, key: str = "", path: str = PATH, method: str = "POST", **headers: str) -> Any:
    """A request as the web server hands it on."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    content_type = headers.pop("content_type", "application/json")
    sent = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    if key:
        sent["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    request = RequestFactory().generic(method, path, data, content_type=content_type)
    return request.environ | sent


class Django:
    """Django's own way, which counts what comes to it."""

    def __init__(self) -> None:
        self.calls = 0
        self._handler = WSGIHandler()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.calls += 1
        return self._handler(environ, start_response)


@pytest.fixture
def django() -> Django:
    """What stands behind the front."""
    return Django()


@pytest.fixture
def lead(make_lead: Callable[..., Lead]) -> Lead:
    """Somebody who is known."""
    return make_lead(email="jean@acier-dupont.example")


@pytest.fixture
def post(django: Django, secret: str, lead: Lead) -> Post:
    """Post to a front that has seen the host, the key, the lead and the shape of such events."""
    front = EventFront(django)

    def send(body: Any, **given: Any) -> Answer:
        return ask(front, environ(body, **({"key": secret} | given)))

    for _turn in range(3):
        assert send(event(lead))[0] == "202 Accepted"
    django.calls = 0
    return send


def event(who: Lead, **fields: Any) -> dict[str, Any]:
    """A server's event."""
    values = {"event_id": str(uuid4()), "kind": "page_viewed", "occurred_at": timezone.now().isoformat()}
    return values | {"lead": str(who.public_id)} | fields


def told(answer: Answer) -> tuple[str, dict[str, str], Any]:
    """An answer without what each one has of its own."""
    status, headers, body = answer
    headers.pop("X-Request-Id", None)
    document = json.loads(body) if body else None
    if isinstance(document, dict) and document.pop("request_id", None):
        headers.pop("Content-Length", None)
    return status, headers, document


def cases(lead: Lead, secret: str) -> dict[str, dict[str, Any]]:
    """Requests of every sort."""
    one, other = event(lead, event_id="one"), event(lead, event_id="two")
    text = json.dumps(one)
    return {
        "one": {"body": one},
        "batch": {"body": {"events": [one, other]}},
        "batch with a repeat and a conflict": {"body": {"events": [one, one, one | {"channel": "social"}]}},
        "known already": {"body": one | {"event_id": "before"}},
        "unknown lead": {"body": one | {"lead": str(uuid4())}},
        "batch with an unknown lead": {"body": {"events": [one, other | {"lead": str(uuid4())}]}},
        "upper case": {"body": one | {"lead": str(lead.public_id).upper()}},
        "unknown kind": {"body": one | {"kind": "nonsense"}},
        "unknown field": {"body": one | {"surprise": 1}},
        "no events": {"body": {"events": []}},
        "B05 duplicate key": {"body": (text[:-1] + ', "event_id": "x"}').encode()},
        "NUL": {"body": one | {"properties": {"a": "\x00"}}},
        "lone surrogate": {"body": text.replace("one", "\\ud800").encode()},
        "cut off": {"body": text[:-5].encode()},
        "empty": {"body": b""},
        "deep": {"body": one | {"properties": {"a": [[[[[[[[[[[[1]]]]]]]]]]]]}}},
        "too large": {"body": one | {"properties": {"a": "x" * 1_100_000}}},
        "text": {"body": one, "content_type": "text/plain"},
        "charset": {"body": one, "content_type": "application/json; charset=latin-1"},
        "packed": {"body": one, "content_encoding": "gzip"},
        "a page": {"body": one, "origin": "https://elsewhere.example"},
        "in French": {"body": {"events": [one]}, "accept_language": "fr"},
        "refused in French": {"body": one | {"kind": "nonsense"}, "accept_language": "fr"},
        "idempotency key": {"body": one, "idempotency_key": "k"},
        "no key": {"body": one, "key": ""},
        "wrong key": {"body": one, "key": secret[:-1]},
        "another host": {"body": one, "host": "evil.example"},
        "two slashes": {"body": one, "path": "/api/v1//events/"},
        "get": {"body": b"", "method": "GET"},
    }


def test_both_ways_give_the_same_answer_and_store_the_same(post: Post, lead: Lead, secret: str) -> None:
    for name, case in cases(lead, secret).items():
        _compare(name, {"key": secret} | case, post, lead)


def _compare(name: str, given: dict[str, Any], post: Post, lead: Lead) -> None:
    body = given.pop("body")

    def stored() -> list[Any]:
        rows = Event.objects.order_by("id").values_list(
            "event_id", "lead_id", "kind_id", "signature_id", "channel", "properties", "occurred_at"
        )
        keys = EventKey.objects.order_by("key").values_list("key", "digest")
        return [list(rows), list(keys), EventConflict.objects.count(), Wake.objects.values("lead_id").count()]

    def clean() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE leads_event, leads_eventkey, leads_eventconflict, leads_wake, "
                "leads_idempotencyrecord"
            )

    outcomes = []
    ways: list[Callable[[], Answer]] = [
        lambda: ask(WSGIHandler(), environ(body, **given)),
        lambda: post(body, **given),
    ]
    for send in ways:
        clean()
        record_events([_before(lead)], now=timezone.now())
        outcomes.append([told(send()), told(send()), stored()])
    assert outcomes[0] == outcomes[1], name


_MOMENT = timezone.now()


def _before(lead: Lead) -> Any:
    return new_event(
        kind_id=1, occurred_at=_MOMENT, source_id=100, event_id="before", properties={}, lead_id=lead.pk
    )


def test_usual_events_never_reach_django(post: Post, lead: Lead, django: Django) -> None:
    before = Event.objects.count()
    status, headers, body = post(first := event(lead))
    assert status == "202 Accepted"
    assert json.loads(body) == {"event_id": first["event_id"], "status": "accepted"}
    assert headers["Content-Length"] == str(len(body))
    assert len(headers["X-Request-Id"]) == 32
    answer = json.loads(post({"events": [first, event(lead), first | {"channel": "social"}]})[2])
    assert [one["status"] for one in answer["results"]] == ["accepted", "accepted", "conflict"]
    assert django.calls == 0
    assert Event.objects.count() == before + 2
    assert Wake.objects.filter(lead_id=lead.pk).exists()


def test_each_request_counts_once_against_the_limit(
    post: Post, lead: Lead, settings: Any, django: Django
) -> None:
    settings.API_LIMITS = settings.API_LIMITS | {"secret_key": (4, 3600)}
    limits.forget()
    bodies = [event(lead), event(lead, lead=str(uuid4())), event(lead), event(lead), event(lead)]
    answers = [post(body) for body in bodies]
    assert [answer[0][:3] for answer in answers] == ["202", "404", "202", "202", "429"]
    assert int(answers[-1][1]["Retry-After"]) > 0
    assert django.calls == 2


def test_f30_one_event_posted_many_times_at_once_is_stored_once(post: Post, lead: Lead) -> None:
    before, one = Event.objects.count(), event(lead)
    answers = together(8, lambda _turn: post(one)[0])
    assert answers == ["202 Accepted"] * 8
    assert Event.objects.count() == before + 1


def test_events_of_a_lead_merged_a_moment_ago_go_to_the_survivor(
    post: Post, lead: Lead, make_lead: Callable[..., Lead]
) -> None:
    survivor = make_lead(email="marie@acier-dupont.example")
    Lead.objects.filter(pk=lead.pk).update(merged_into=survivor)
    assert post(one := event(lead))[0] == "202 Accepted"
    assert Event.objects.get(event_id=one["event_id"]).lead_id == survivor.pk
    Lead.objects.filter(pk=lead.pk).update(merged_into=None)
    assert not GoneLead.objects.exists()
    assert post(two := event(lead))[0] == "202 Accepted"
    assert Event.objects.get(event_id=two["event_id"]).lead_id == lead.pk


def test_events_of_a_lead_erased_a_moment_ago_are_refused(post: Post, lead: Lead) -> None:
    before = Event.objects.count()
    Lead.objects.filter(pk=lead.pk).update(erased_at=timezone.now())
    assert post(event(lead))[0] == "404 Not Found"
    assert Event.objects.count() == before


def test_events_of_a_lead_deleted_a_moment_ago_are_refused(post: Post, lead: Lead) -> None:
    before = Event.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_wake; DELETE FROM leads_lead WHERE id = %s", [lead.pk])
    assert post(event(lead))[0] == "404 Not Found"
    assert Event.objects.count() == before


def test_f10_a_connection_that_died_costs_no_event(post: Post, lead: Lead) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    assert together(1, lambda _turn: _end_backend(pid)) == [True]
    assert post(one := event(lead))[0] == "202 Accepted"
    assert Event.objects.filter(event_id=one["event_id"]).count() == 1


def _end_backend(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("many", [False, True])
def test_f01_what_fails_before_the_commit_is_stored_by_the_other_way_and_once(
    post: Post, lead: Lead, django: Django, monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    before, one = Event.objects.count(), event(lead)

    def fail(name: str) -> None:
        monkeypatch.setattr(event_append, "failpoint", lambda _name: None)
        raise RuntimeError(name)

    monkeypatch.setattr(event_append, "failpoint", fail)
    assert post({"events": [one]} if many else one)[0] == "202 Accepted"
    assert django.calls == 1
    assert Event.objects.count() == EventKey.objects.count() == before + 1


def test_f02_what_fails_after_the_commit_is_a_retry_and_stored_once(
    post: Post, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, one = Event.objects.count(), event(lead)

    def fail(*given: Any, **named: Any) -> bool:
        monkeypatch.setattr(event_together, "append_new", append_new)
        append_new(*given, **named)
        raise RuntimeError("the answer was lost")

    monkeypatch.setattr(event_together, "append_new", fail)
    assert post(one)[0] == "202 Accepted"
    assert Event.objects.count() == EventKey.objects.count() == before + 1


def test_remembered_leads_are_looked_up_once(
    lead: Lead, django_assert_num_queries: Callable[..., Any]
) -> None:
    name = str(lead.public_id)
    remembered_leads.forget()
    with django_assert_num_queries(1):
        assert remembered_leads.numbers_of({name}) == {name: lead.pk}
    with django_assert_num_queries(0):
        assert remembered_leads.numbers_of({name}) == {name: lead.pk}
