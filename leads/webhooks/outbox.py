"""What happened is noted for whoever wants to know, in the transaction that records it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime

import msgspec
from django.db import connection

from leads.bell import ring
from leads.incoming import NewEvent
from leads.kinds import FIRST_CUSTOM_KIND_ID
from leads.models import EventKind, Webhook, WebhookDelivery

# A new webhook is told of what happens from this many seconds after it was made.
REMEMBERED_FOR = 5.0

# Joined with the webhooks, so that one that was stopped or deleted a moment ago fails nothing.
_NOTE = """
INSERT INTO leads_webhookdelivery
    (public_id, webhook_id, lead_id, kind, event, state, attempts, created_at, due_at, last_error)
SELECT gen_random_uuid(), webhook.id, noted.lead_id, noted.kind, noted.event::jsonb, 'waiting', 0, %s,
    noted.due_at, ''
FROM unnest(%s::timestamptz[], %s::bigint[], %s::text[], %s::text[]) AS noted (due_at, lead_id, kind, event)
JOIN leads_webhook AS webhook ON webhook.stopped = '' AND noted.kind = ANY (webhook.kinds)
RETURNING 1
"""

_wanted: dict[int, str] = {}  # the ids of the kinds that anybody wants to know of, with their codes
_read_at = float("-inf")


def forget() -> None:
    """Read anew who wants to know what, before the next event."""
    global _read_at  # noqa: PLW0603  # one memory a process
    _read_at = float("-inf")


def wants_any(kind_ids: AbstractSet[int]) -> bool:
    """Whether some webhook wants to hear of events of one of these kinds."""
    return not kind_ids.isdisjoint(_wanted_kinds())


def note_events(events: Iterable[NewEvent], *, now: datetime) -> int:
    """Note the events of leads that a webhook wants to hear of; how many deliveries that makes.

    Call it in the transaction that stored them. Costs nothing while nobody listens to their kinds.
    """
    wanted = _wanted_kinds()
    told = [event for event in events if event.lead_id is not None and event.kind_id in wanted]
    if not told:
        return 0
    leads = [event.lead_id for event in told]
    kinds = [wanted[event.kind_id] for event in told]
    due = [event.told_at or now for event in told]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [now, due, leads, kinds, [_as_json(event) for event in told]])
        noted = int(cursor.rowcount)
    if noted:
        ring("jobs")
    return noted


def take_back(lead_id: int, event_ids: Iterable[str]) -> int:
    """Drop what waits to be told of these events of a lead and was never tried; how many that were."""
    waiting = WebhookDelivery.objects.filter(
        lead=lead_id,
        state=WebhookDelivery.State.WAITING,
        attempts=0,
        event__event_id__in=list(event_ids),
    )
    return waiting.delete()[0]


def _wanted_kinds() -> dict[int, str]:
    """The kinds that a live webhook names; read from the database every few seconds at most."""
    global _wanted, _read_at  # noqa: PLW0603
    if time.monotonic() - _read_at > REMEMBERED_FOR:
        codes = {code for kinds in _live_webhooks() for code in kinds}
        _wanted = dict(EventKind.objects.filter(code__in=codes).values_list("id", "code")) if codes else {}
        _read_at = time.monotonic()
    return _wanted


def _live_webhooks() -> Iterable[list[str]]:
    return Webhook.objects.filter(stopped="").values_list("kinds", flat=True)


def _as_json(event: NewEvent) -> str:
    """What is kept of the event for those who are told."""
    kept = {
        "event_id": event.event_id,
        "occurred_at": event.occurred_at,
        "channel": event.channel,
        "is_custom": event.kind_id >= FIRST_CUSTOM_KIND_ID,
        "properties": event.properties,
    }
    return msgspec.json.encode(kept).decode()
