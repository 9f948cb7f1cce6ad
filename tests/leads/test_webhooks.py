"""Webhooks: noted with the event, signed, delivered to a real server, tried again, stopped when hopeless."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError

from leads import failpoints
from leads.actions.events import new_event, record_event, record_events
from leads.actions.housekeeping import forget_expired
from leads.kinds import BY_CODE
from leads.models import Event, Lead, Webhook, WebhookDelivery
from leads.webhooks.delivery import deliver_due
from leads.webhooks.manage import Refused, change_secret, save_webhook, send_again, send_test, start, stop
from leads.webhooks.retries import PAUSES, Answer, next_try

WAITING, DELIVERED, FAILED = WebhookDelivery.State.values


class Server:
    """Somebody else's server: remembers what it got, answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the name http.server calls
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("Location", "http://127.0.0.1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/hook"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server(settings: object) -> Iterator[Server]:
    """A server on this machine that webhooks are allowed to call."""
    made = Server()
    settings.WEBHOOK_PRIVATE_HOSTS = {f"127.0.0.1:{made.http.server_port}"}  # type: ignore[attr-defined]
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def webhook(db: None, server: Server, now: datetime) -> Webhook:
    """A webhook that wants to hear of requests for contact."""
    return save_webhook(
        name="CRM",
        url=server.url,
        kinds=["contact_requested"],
        now=now,
    )


def ask(lead: Lead, now: datetime, **fields: object) -> None:
    record_event(lead_id=lead.pk, kind="contact_requested", occurred_at=now, now=now, **fields)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Webhooks made in a test are known at once (commits never come in a rolled-back test)."""
    monkeypatch.setattr("leads.webhooks.outbox.REMEMBERED_FOR", -1.0)


def test_what_was_asked_for_is_told_signed(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead(first_name="Élodie", last_name="O'Neill")
    ask(lead, now, properties={"page": "https://acme.fr/tarifs"})
    record_event(lead_id=lead.pk, kind="page_viewed", occurred_at=now, now=now)
    real_now = datetime.now(now.tzinfo)
    assert deliver_due(now=real_now) == 1
    headers, body = server.got[0]
    told = Receiver(webhook.secret).verify(body, headers)
    assert told["type"] == "contact_requested"
    assert told["data"]["lead"]["id"] == str(lead.public_id)
    assert told["data"]["lead"]["first_name"] == "Élodie"
    assert told["data"]["properties"] == {"page": "https://acme.fr/tarifs"}
    assert len(server.got) == 1
    with pytest.raises(WebhookVerificationError):
        Receiver(webhook.secret).verify(body.replace("Élodie", "Eve"), headers)


def test_a_batch_is_told_too_and_a_repeat_is_not(
    webhook: Webhook, make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead()
    kinds = ["contact_requested", "page_viewed", "contact_requested"]
    events = [
        new_event(
            kind_id=BY_CODE[kind].id,
            occurred_at=now,
            source_id=101,
            event_id=f"e{number}",
            properties={},
            lead_id=lead.pk,
        )
        for number, kind in enumerate(kinds)
    ]
    record_events(events, now=now)
    record_events(events, now=now)
    record_events(events[:1], now=now)
    assert [row.event["event_id"] for row in WebhookDelivery.objects.order_by("id")] == ["e0", "e2"]


def test_i1_what_is_rolled_back_was_never_told(
    webhook: Webhook, make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead()
    with transaction.atomic():
        ask(lead, now)
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_a_webhook_deleted_a_moment_ago_fails_nothing(
    webhook: Webhook, make_lead: Callable[..., Lead], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = make_lead()
    ask(lead, now)
    monkeypatch.setattr("leads.webhooks.outbox.REMEMBERED_FOR", 60.0)
    webhook.delete()
    ask(lead, now)
    assert Event.objects.filter(lead=lead).count() == 2
    assert not WebhookDelivery.objects.exists()


def test_a_failure_is_tried_again_with_the_same_id_and_in_order(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead()
    ask(lead, now, event_id="first")
    ask(lead, now, event_id="second")
    server.answers = [500]
    assert deliver_due(now=now) == 1
    assert deliver_due(now=now + timedelta(seconds=4)) == 0
    assert deliver_due(now=now + timedelta(seconds=6)) == 2
    ids = [headers["webhook-id"] for headers, _ in server.got]
    names = [json.loads(body)["data"]["event_id"] for _, body in server.got]
    assert names == ["first", "first", "second"]
    assert ids[0] == ids[1] != ids[2]
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {DELIVERED}
    webhook.refresh_from_db()
    assert webhook.failing_since is None


def test_b56_a_redirect_is_not_followed(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    ask(make_lead(), now)
    server.answers = [302]
    deliver_due(now=now)
    row = WebhookDelivery.objects.get()
    assert (row.state, row.last_status, len(server.got)) == (WAITING, 302, 1)


def test_a_message_is_given_up_after_the_last_pause(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    ask(make_lead(), now)
    moment = now
    for pause in [*PAUSES, timedelta(0)]:
        server.answers = [503]
        assert deliver_due(now=moment) == 1
        moment += pause * 1.2
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts) == (FAILED, len(PAUSES) + 1)


def test_a_receiver_that_is_gone_is_left_alone(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    ask(make_lead(), now)
    server.answers = [410]
    deliver_due(now=now)
    webhook.refresh_from_db()
    assert webhook.stopped == Webhook.Stopped.GONE
    ask(make_lead(), now)
    assert WebhookDelivery.objects.count() == 1


def test_a_receiver_that_fails_for_days_is_left_alone_until_somebody_starts_it_again(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    ask(make_lead(), now)
    server.answers = [500, 500, 500]
    deliver_due(now=now)
    ask(make_lead(), now)
    deliver_due(now=now + timedelta(days=5, hours=1))
    webhook.refresh_from_db()
    assert webhook.stopped == Webhook.Stopped.FAILING
    assert deliver_due(now=now + timedelta(days=9)) == 0
    start(webhook=webhook)
    assert deliver_due(now=now + timedelta(days=9)) > 0


def test_after_a_change_of_secret_both_sign_for_a_day(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    real_now = datetime.now(now.tzinfo)
    old = webhook.secret
    change_secret(webhook=webhook, now=real_now)
    ask(make_lead(), now)
    deliver_due(now=real_now)
    headers, body = server.got[0]
    for key in (old, webhook.secret):
        Receiver(key).verify(body, headers)
    change_secret(webhook=webhook, now=real_now - timedelta(hours=25))
    send_test(webhook=webhook, now=real_now)
    deliver_due(now=real_now)
    assert " " not in server.got[1][0]["webhook-signature"]


def test_a_stopped_webhook_keeps_what_waits(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    ask(make_lead(), now)
    stop(webhook=webhook)
    assert deliver_due(now=now) == 0
    start(webhook=webhook)
    assert deliver_due(now=now) == 1


def test_what_was_given_up_can_be_sent_again(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    ask(make_lead(), now)
    WebhookDelivery.objects.update(state=FAILED, attempts=10)
    send_again(delivery=WebhookDelivery.objects.get(), now=now)
    assert deliver_due(now=now) == 1
    assert WebhookDelivery.objects.get().state == DELIVERED


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("url", {"url": "http://10.0.0.1:6379/"}),
        ("url", {"url": "javascript:alert(1)"}),
        ("kinds", {"kinds": []}),
        ("kinds", {"kinds": ["no_such_kind"]}),
    ],
    ids=["port", "scheme", "no kinds", "unknown kind"],
)
@pytest.mark.django_db
def test_what_cannot_be_is_refused_by_its_field(field: str, values: dict[str, object], now: datetime) -> None:
    given = {"name": "CRM", "url": "https://crm.example/", "kinds": ["won"], "now": now}
    with pytest.raises(Refused) as refused:
        save_webhook(**(given | values))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_the_log_is_kept_thirty_days(webhook: Webhook, make_lead: Callable[..., Lead], now: datetime) -> None:
    ask(make_lead(), now)
    forget_expired(now=now + timedelta(days=29))
    assert WebhookDelivery.objects.exists()
    forget_expired(now=now + timedelta(days=31))
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once(
    webhook: Webhook, server: Server, make_lead: Callable[..., Lead], now: datetime
) -> None:
    for _ in range(12):
        ask(make_lead(), now)

    def work(_: int) -> int:
        try:
            return deliver_due(now=now, limit=3)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(8))) == 12
    assert len({headers["webhook-id"] for headers, _ in server.got}) == len(server.got) == 12


@pytest.mark.django_db(transaction=True)
def test_f05_a_worker_that_dies_before_the_record_sends_again_under_the_same_id(
    webhook: Webhook,
    server: Server,
    make_lead: Callable[..., Lead],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask(make_lead(), now)
    monkeypatch.setattr(failpoints, "_ACTIONS", {"webhook.after_answer": "raise"})
    with pytest.raises(failpoints.FailpointRaised):
        deliver_due(now=now)
    monkeypatch.setattr(failpoints, "_ACTIONS", {})
    assert deliver_due(now=now + timedelta(seconds=59)) == 0
    assert deliver_due(now=now + timedelta(seconds=61)) == 1
    assert len({headers["webhook-id"] for headers, _ in server.got}) == 1
    assert WebhookDelivery.objects.get().state == DELIVERED


@given(attempts=st.integers(min_value=1, max_value=30))
def test_pauses_grow_and_end(attempts: int) -> None:
    moment = datetime(2026, 3, 12, 11, 0)  # noqa: DTZ001  # only differences count
    again = next_try(attempts, moment)
    assert (again is None) == (attempts > len(PAUSES))
    if again is not None:
        assert PAUSES[attempts - 1] <= again - moment <= PAUSES[attempts - 1] * 1.1


@pytest.mark.parametrize(
    ("status", "delivered"),
    [(200, True), (204, True), (301, False), (410, False), (500, False), (None, False)],
)
def test_only_a_2xx_is_delivered(status: int | None, *, delivered: bool) -> None:
    assert Answer(status).is_delivered is delivered
