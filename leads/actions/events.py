"""Recording events: the only way anything that happened gets into Écluse."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from leads import signatures
from leads.actions.agenda import wake
from leads.incoming import NewEvent, Outcome, clamp, digest_of
from leads.kinds import BY_CODE
from leads.models import NOT_COUNTED, EventConflict, EventKey, Source, Verdict

_COLUMNS = (
    "occurred_at, received_at, lead_id, visitor_id, content_id, signature_id, kind_id, source_id, verdict, "
    "was_clamped, channel, event_id, properties"
)


@transaction.atomic
def record_event(
    *,
    lead_id: int,
    kind: str,
    occurred_at: datetime,
    now: datetime,
    source: int = Source.ECLUSE,
    event_id: str | None = None,
    content_id: int | None = None,
    channel: str = "",
    properties: dict[str, object] | None = None,
    visitor_id: UUID | None = None,
    wakes: bool = True,
) -> Outcome:
    """Record one shipped kind of event of a known lead and wake the lead (unless ``wakes`` is false).

    Without ``event_id`` the event gets a name of its own. Raises KeyError for an unknown kind.
    """
    return record_events(
        [
            new_event(
                lead_id=lead_id,
                kind_id=BY_CODE[kind].id,
                occurred_at=occurred_at,
                source_id=source,
                event_id=event_id or str(uuid4()),
                content_id=content_id,
                channel=channel,
                properties=properties or {},
                visitor_id=visitor_id,
                wakes=wakes,
            )
        ],
        now=now,
    )[0]


def new_event(
    *,
    kind_id: int,
    occurred_at: datetime,
    source_id: int,
    event_id: str,
    properties: dict[str, object],
    lead_id: int | None = None,
    visitor_id: UUID | None = None,
    content_id: int | None = None,
    channel: str = "",
    verdict: int = Verdict.UNKNOWN,
    wakes: bool = True,
) -> NewEvent:
    """A NewEvent with its digest, from plain values."""
    text = json.dumps(properties, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    content = f"{kind_id}|{occurred_at.timestamp()}|{lead_id}|{visitor_id}|{content_id}|{channel}|{text}"
    return NewEvent(
        source_id=source_id,
        event_id=event_id,
        kind_id=kind_id,
        occurred_at=occurred_at,
        digest=digest_of(content.encode()),
        lead_id=lead_id,
        visitor_id=visitor_id,
        content_id=content_id,
        channel=channel,
        properties=properties,
        properties_json=text,
        verdict=verdict,
        wakes=wakes,
    )


@transaction.atomic
def record_events(events: Sequence[NewEvent], *, now: datetime) -> list[Outcome]:
    """Record a batch, each event once for ever; the outcomes stand in the order of ``events``.

    The first of two events with one (source, event id) wins. The same content again is a DUPLICATE and
    changes nothing; other content is a CONFLICT and is kept aside. Leads are woken in the same transaction.
    """
    keyed = [(event.key, event) for event in events]
    firsts: dict[UUID, NewEvent] = {}
    for key, event in keyed:
        firsts.setdefault(key, event)
    earlier = _remember({key: event.digest for key, event in firsts.items()})
    outcomes = [_outcome(event, firsts[key], earlier.get(key)) for key, event in keyed]
    stored = [event for event, outcome in zip(events, outcomes, strict=True) if outcome is Outcome.STORED]
    _copy_events(stored, now=now)
    _keep_conflicts(
        [event for event, outcome in zip(events, outcomes, strict=True) if outcome is Outcome.CONFLICT],
        now=now,
    )
    wake(event.lead_id for event in stored if event.wakes and event.lead_id is not None)
    return outcomes


def _outcome(event: NewEvent, first: NewEvent, earlier_digest: int | None) -> Outcome:
    """New, or a repeat of what this batch or an earlier one brought."""
    if earlier_digest is None and event is first:
        return Outcome.STORED
    known = first.digest if earlier_digest is None else earlier_digest
    return Outcome.DUPLICATE if event.digest == known else Outcome.CONFLICT


def _remember(digests: dict[UUID, int]) -> dict[UUID, int]:
    """Store the keys that are new; the digests of those that were known already.

    COPY first, because retries are rare; when it meets a duplicate, once more by ON CONFLICT. In key order,
    so that two batches with the same events wait for each other instead of locking up.
    """
    rows = sorted(digests.items())
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            text = "".join(f"{key}\t{digest}\n" for key, digest in rows)
            cursor.copy_expert("COPY leads_eventkey (key, digest) FROM STDIN", io.StringIO(text))
    except IntegrityError:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO leads_eventkey (key, digest) SELECT * FROM unnest(%s::uuid[], %s::bigint[]) "
                "ON CONFLICT DO NOTHING RETURNING key",
                [[str(key) for key, _ in rows], [digest for _, digest in rows]],
            )
            fresh = {row[0] for row in cursor.fetchall()}
        known = EventKey.objects.filter(key__in=digests.keys() - fresh)
        return dict(known.values_list("key", "digest"))
    return {}


def _copy_events(events: Sequence[NewEvent], *, now: datetime) -> None:
    """Append the events with their signatures, in one COPY."""
    if not events:
        return
    questions = signatures.predicates()
    shapes = [
        signatures.shape_of(event.kind_id, event.content_id, event.channel, event.properties, questions)
        for event in events
    ]
    numbers = signatures.intern(shapes)
    rows = [_row(event, numbers[shape], now) for event, shape in zip(events, shapes, strict=True)]
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY leads_event ({_COLUMNS}) FROM STDIN", io.StringIO("".join(rows)))


def _row(event: NewEvent, signature_id: int, now: datetime) -> str:
    """One line of COPY's text format."""
    occurred_at, was_clamped = clamp(event.occurred_at, now)
    counts = event.verdict != Verdict.MACHINE
    values = (
        occurred_at.isoformat(),
        now.isoformat(),
        event.lead_id if event.lead_id is not None else "\\N",
        event.visitor_id or "\\N",
        event.content_id if event.content_id is not None else "\\N",
        signature_id if counts else NOT_COUNTED,
        event.kind_id,
        event.source_id,
        event.verdict,
        "t" if was_clamped else "f",
        _escape(event.channel),
        _escape(event.event_id),
        _escape(event.properties_json),
    )
    return "\t".join(map(str, values)) + "\n"


def _escape(text: str) -> str:
    """Text as COPY's text format wants it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _keep_conflicts(events: Iterable[NewEvent], *, now: datetime) -> None:
    """Put aside what came under a known id with other content (F31)."""
    EventConflict.objects.bulk_create(
        EventConflict(
            source_id=event.source_id,
            event_id=event.event_id,
            received_at=now,
            payload={
                "kind": event.kind_id,
                "occurred_at": event.occurred_at.isoformat(),
                "lead": event.lead_id,
                "properties": dict(event.properties),
            },
        )
        for event in events
    )
