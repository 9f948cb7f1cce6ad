"""Recording events: the only way anything that happened gets into Écluse."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from leads import signatures
from leads.actions.agenda import wake
from leads.bell import ring
from leads.failpoints import failpoint
from leads.incoming import NewEvent, Outcome, canonical, clamp, digest_of, event_key
from leads.kinds import BY_CODE
from leads.models import NOT_COUNTED, EventConflict, EventKey, Source, Verdict
from leads.predicates import Predicate
from leads.webhooks import outbox

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
    text = canonical(properties)
    content = f"{kind_id}|{occurred_at.timestamp()}|{lead_id}|{visitor_id}|{content_id}|{channel}|".encode()
    return NewEvent(
        source_id=source_id,
        event_id=event_id,
        kind_id=kind_id,
        occurred_at=occurred_at,
        digest=digest_of(content + text),
        lead_id=lead_id,
        visitor_id=visitor_id,
        content_id=content_id,
        channel=channel,
        properties=properties,
        properties_json=text.decode(),
        verdict=verdict,
        wakes=wakes,
    )


def record_events(events: Sequence[NewEvent], *, now: datetime) -> list[Outcome]:
    """Record events, each once for ever; the outcomes stand in the order of ``events``. All or nothing.

    The first of two events with one (source, event id) wins. The same content again is a DUPLICATE and
    changes nothing; other content is a CONFLICT and is kept aside. Leads are woken, and webhooks that want to
    hear of it are noted, in the same transaction.
    """
    if not outbox.wants_any(events):
        return _record(events, now=now)
    with transaction.atomic():
        outcomes = _record(events, now=now)
        pairs = zip(events, outcomes, strict=True)
        outbox.note_events([event for event, outcome in pairs if outcome is Outcome.STORED], now=now)
    return outcomes


def _record(events: Sequence[NewEvent], *, now: datetime) -> list[Outcome]:
    """One event in one statement, many set-wise."""
    return [_record_one(events[0], now=now)] if len(events) == 1 else _record_many(events, now=now)


# One event -----------------------------------------------------------------------------------------------
# Key, event and wake in one statement and one round trip: nothing else is needed for the usual single event.
# The key is only taken while the questions behind the signature are the present ones.
_ONE = f"""
WITH fresh AS (
    INSERT INTO leads_eventkey (key, digest)
    SELECT %s::uuid, %s WHERE (SELECT count(*) FROM leads_propertypredicate) = %s
    ON CONFLICT DO NOTHING RETURNING 1
), stored AS (
    INSERT INTO leads_event ({_COLUMNS})
    SELECT %s::timestamptz, %s::timestamptz, %s::bigint, %s::uuid, %s::bigint, %s::integer, %s::smallint,
        %s::smallint, %s::smallint, %s::boolean, %s, %s, %s::jsonb
    FROM fresh
), woken AS (
    INSERT INTO leads_wake (lead_id) SELECT %s::bigint FROM fresh WHERE %s::boolean
)
SELECT EXISTS (SELECT FROM fresh), (SELECT count(*) FROM leads_propertypredicate)
"""  # nosec B608: of constants


def _record_one(event: NewEvent, *, now: datetime) -> Outcome:
    """Record a single event."""
    questions = signatures.remembered_predicates()
    key = event.key
    while True:
        number = _signature_numbers([event], questions)[0]
        occurred_at, was_clamped = clamp(event.occurred_at, now)
        wakes = event.wakes and event.lead_id is not None
        with connection.cursor() as cursor:
            failpoint("ingest.before_commit")
            cursor.execute(
                _ONE,
                (
                    key, event.digest, len(questions),
                    occurred_at, now, event.lead_id, event.visitor_id and str(event.visitor_id),
                    event.content_id, number, event.kind_id, event.source_id, event.verdict, was_clamped,
                    event.channel, event.event_id, event.properties_json,
                    event.lead_id, wakes,
                ),
            )  # fmt: skip
            stored, asked = cursor.fetchone()
        if stored:
            if wakes:
                ring("pipeline")
            return Outcome.STORED
        if asked == len(questions):
            return _known_already(event, key, now=now)
        questions = signatures.predicates()


def _known_already(event: NewEvent, key: str, *, now: datetime) -> Outcome:
    """What a known id means: a retry, or a reused id that is put aside."""
    if EventKey.objects.values_list("digest", flat=True).get(key=key) == event.digest:
        return Outcome.DUPLICATE
    _keep_conflicts([event], now=now)
    return Outcome.CONFLICT


# Many events ---------------------------------------------------------------------------------------------


@transaction.atomic
def _record_many(events: Sequence[NewEvent], *, now: datetime) -> list[Outcome]:
    """Record a batch, set-wise."""
    keys = [event_key(event.source_id, event.event_id) for event in events]
    # Backwards, so that the first of two events with one key stays.
    firsts = dict(zip(reversed(keys), reversed(events), strict=True))
    earlier = _remember({key: event.digest for key, event in firsts.items()})
    if not earlier and len(firsts) == len(events):
        stored, outcomes = list(events), [Outcome.STORED] * len(events)
    else:
        outcomes = [
            _outcome(event, firsts[key], earlier.get(key)) for key, event in zip(keys, events, strict=True)
        ]
        paired = list(zip(events, outcomes, strict=True))
        stored = [event for event, outcome in paired if outcome is Outcome.STORED]
        _keep_conflicts((event for event, outcome in paired if outcome is Outcome.CONFLICT), now=now)
    _copy_events(stored, now=now)
    wake(event.lead_id for event in stored if event.wakes and event.lead_id is not None)
    failpoint("ingest.before_commit")
    return outcomes


def _outcome(event: NewEvent, first: NewEvent, earlier_digest: int | None) -> Outcome:
    """New, or a repeat of what this batch or an earlier one brought."""
    if earlier_digest is None and event is first:
        return Outcome.STORED
    known = first.digest if earlier_digest is None else earlier_digest
    return Outcome.DUPLICATE if event.digest == known else Outcome.CONFLICT


def _remember(digests: dict[str, int]) -> dict[str, int]:
    """Store the keys that are new; the digests of those that were known already.

    COPY first, because retries are rare; when it meets a duplicate, once more by ON CONFLICT. In key order,
    so that two batches with the same events wait for each other instead of locking up.
    """
    rows = sorted(digests.items())
    try:
        with transaction.atomic():
            _copy("leads_eventkey (key, digest)", [f"{key}\t{digest}\n" for key, digest in rows])
        return {}
    except IntegrityError:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO leads_eventkey (key, digest) SELECT * FROM unnest(%s::uuid[], %s::bigint[]) "
                "ON CONFLICT DO NOTHING RETURNING key",
                [[key for key, _ in rows], [digest for _, digest in rows]],
            )
            fresh = {UUID(str(row[0])).hex for row in cursor.fetchall()}
        known = EventKey.objects.filter(key__in=digests.keys() - fresh)
        return {key.hex: digest for key, digest in known.values_list("key", "digest")}


def _copy_events(events: Sequence[NewEvent], *, now: datetime) -> None:
    """Append the events with their signatures, in one COPY."""
    if not events:
        return
    numbers = _signature_numbers(events, signatures.predicates())
    received_at = now.isoformat()
    rows = [_row(event, number, now, received_at) for event, number in zip(events, numbers, strict=True)]
    _copy(f"leads_event ({_COLUMNS})", rows)


def _copy(target: str, lines: Iterable[str]) -> None:
    """Append lines in COPY's text format. (Django's debug cursor does not translate errors of COPY.)"""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {target} FROM STDIN", io.StringIO("".join(lines)))


def _signature_numbers(events: Sequence[NewEvent], questions: Sequence[Predicate]) -> list[int]:
    """The signature of each event; a machine's is never counted."""
    shapes: list[signatures.Shape]
    if questions:
        shapes = [
            signatures.shape_of(event.kind_id, event.content_id, event.channel, event.properties, questions)
            for event in events
        ]
    else:
        shapes = [(event.kind_id, event.content_id, event.channel, 0) for event in events]
    numbers = signatures.intern(shapes)
    return [
        NOT_COUNTED if event.verdict == _MACHINE else numbers[shape]
        for event, shape in zip(events, shapes, strict=True)
    ]


_MACHINE = int(Verdict.MACHINE)
_NULL = "\\N"
_SPECIAL = re.compile(r"[\\\t\n\r]")


def _row(event: NewEvent, signature_id: int, now: datetime, received_at: str) -> str:
    """One line of COPY's text format."""
    occurred_at, was_clamped = clamp(event.occurred_at, now)
    lead = _NULL if event.lead_id is None else event.lead_id
    content = _NULL if event.content_id is None else event.content_id
    return (
        f"{occurred_at.isoformat()}\t{received_at}\t{lead}\t{event.visitor_id or _NULL}\t{content}\t"
        f"{signature_id}\t{event.kind_id}\t{event.source_id}\t{event.verdict}\t{was_clamped}\t"
        f"{event.channel}\t{_escape(event.event_id)}\t{_escape(event.properties_json)}\n"
    )


def _escape(text: str) -> str:
    """Text as COPY's text format wants it."""
    if not _SPECIAL.search(text):
        return text
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
