"""Delivering: claim what is due, send it outside any transaction, record what was answered.

At least once: a worker that dies between the answer and its record sends again, with the same webhook-id.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import transaction

from leads.failpoints import failpoint
from leads.models import Webhook, WebhookDelivery
from leads.webhooks.outgoing import post
from leads.webhooks.retries import Answer, is_hopeless, next_try
from leads.webhooks.signing import signed_headers

LEASE = timedelta(seconds=60)
LONGEST_TURN = 10.0  # seconds for one receiver; what is left over comes with the next batch
AT_ONCE = 8  # receivers spoken to at the same time
BATCH = 50
Send = Callable[[str, str, dict[str, str]], Answer]


def deliver_due(*, now: datetime, limit: int = BATCH, send: Send | None = None) -> int:
    """Deliver up to ``limit`` messages that are due; how many were tried.

    Each receiver gets its messages in their order; the first failure leaves the rest of them for later.
    """
    claimed = _claim(now=now, limit=limit)
    queues: dict[int, list[WebhookDelivery]] = defaultdict(list)
    for delivery in claimed:
        queues[delivery.webhook_id].append(delivery)
    drafts = [[_draft(delivery, now=now) for delivery in queue] for queue in queues.values()]
    # Only the sending happens in threads: they own no database connection.
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda queue: _send_in_order(queue, send or _post), drafts))
    failpoint("webhook.after_answer")
    for queue, answered in zip(queues.values(), answers, strict=True):
        _record(queue, answered, now=now)
    return sum(len(answered) for answered in answers)


@transaction.atomic
def _claim(*, now: datetime, limit: int) -> list[WebhookDelivery]:
    """Take what is due and nobody else has taken."""
    due = (
        WebhookDelivery.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state=WebhookDelivery.State.WAITING, due_at__lte=now, webhook__stopped="")
        .order_by("due_at", "id")
        .select_related("webhook", "lead__company")[:limit]
    )
    claimed = list(due)
    # The due time doubles as the lease: who dies leaves the rest to be due again a minute later.
    WebhookDelivery.objects.filter(pk__in=[delivery.pk for delivery in claimed]).update(due_at=now + LEASE)
    return claimed


Draft = tuple[str, str, dict[str, str]]  # address, body, headers


def _draft(delivery: WebhookDelivery, *, now: datetime) -> Draft:
    """The message as it leaves."""
    body = msgspec.json.encode(payload(delivery)).decode()
    headers = signed_headers(
        message_id=f"msg_{delivery.public_id.hex}", body=body, at=now, keys=keys_of(delivery.webhook, now)
    )
    return delivery.webhook.url, body, headers


def keys_of(webhook: Webhook, now: datetime) -> list[str]:
    """The secrets in force: the present one, and the former one on the day after a change."""
    former = webhook.former_until is not None and webhook.former_until > now
    return [webhook.secret, webhook.former_secret] if former else [webhook.secret]


def payload(delivery: WebhookDelivery) -> dict[str, object]:
    """What a receiver gets: the event, and who the lead is by now."""
    lead = delivery.lead
    if lead is None:
        return {"type": delivery.kind, "timestamp": delivery.created_at, "data": delivery.event}
    who = {
        "id": lead.public_id,
        "reference": lead.reference,
        "email": lead.email,
        "phone": lead.phone,
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "company": lead.company.name if lead.company else None,
        "url": f"{settings.SITE_URL}/api/v1/leads/{lead.public_id}/",
    }
    return {
        "type": delivery.kind,
        "timestamp": delivery.event.get("occurred_at"),
        "data": {**delivery.event, "lead": who},
    }


def _post(url: str, body: str, headers: dict[str, str]) -> Answer:
    return post(url, body=body, headers=headers, private_hosts=settings.WEBHOOK_PRIVATE_HOSTS)


def _send_in_order(drafts: Sequence[Draft], send: Send) -> list[Answer]:
    """One receiver's messages, until it fails or has had its time."""
    answers: list[Answer] = []
    end = time.monotonic() + LONGEST_TURN
    for draft in drafts:
        answers.append(send(*draft))
        if not answers[-1].is_delivered or time.monotonic() > end:
            break
    return answers


@transaction.atomic
def _record(queue: Sequence[WebhookDelivery], answers: Sequence[Answer], *, now: datetime) -> None:
    """What became of one receiver's messages; those behind a failure wait as long as it."""
    for delivery, answer in zip(queue, answers, strict=False):
        _note_answer(delivery, answer, now=now)
    last = queue[len(answers) - 1]
    for delivery in queue[len(answers) :]:
        delivery.due_at = now if answers[-1].is_delivered else last.due_at
    WebhookDelivery.objects.bulk_update(
        queue,
        ["state", "attempts", "due_at", "delivered_at", "last_status", "last_error"],
    )
    _note_health(queue[0].webhook, answers[-1], now=now)


def _note_answer(delivery: WebhookDelivery, answer: Answer, *, now: datetime) -> None:
    delivery.attempts += 1
    delivery.last_status, delivery.last_error = answer.status, answer.error[:200]
    if answer.is_delivered:
        delivery.state, delivery.delivered_at = WebhookDelivery.State.DELIVERED, now
        return
    again = next_try(delivery.attempts, now)
    if again is None or answer.is_gone:
        delivery.state = WebhookDelivery.State.FAILED
    else:
        delivery.due_at = again


def _note_health(webhook: Webhook, answer: Answer, *, now: datetime) -> None:
    """A receiver that is gone, or fails for days, is no longer called."""
    mine = Webhook.objects.filter(pk=webhook.pk)
    if answer.is_delivered:
        mine.exclude(failing_since=None).update(failing_since=None)
    elif answer.is_gone:
        mine.update(stopped=Webhook.Stopped.GONE)
    elif is_hopeless(webhook.failing_since, now):
        mine.update(stopped=Webhook.Stopped.FAILING)
    else:
        mine.filter(failing_since=None).update(failing_since=now)
