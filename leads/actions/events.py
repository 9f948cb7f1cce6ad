"""Recording events: the only way anything that happened gets into Écluse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from leads import signatures
from leads.actions.event_rows import copy_events, copy_keys
from leads.bell import ring
from leads.failpoints import failpoint
from leads.incoming import NewEvent, Outcome, canonical, clamp, digest_of
from leads.kinds import BY_CODE
from leads.models import EventConflict, EventKey, Source, Verdict
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
    told_at: datetime | None = None,
) -> Outcome:
    """Record one shipped kind of event of a known lead and wake the lead (unless ``wakes`` is false).

    Webhooks hear of it at ``told_at``, or at once. Without ``event_id`` the event gets a name of its own.
    Raises KeyError for an unknown kind.
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
                told_at=told_at,
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
    told_at: datetime | None = None,
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
        properties_json=text,
        verdict=verdict,
        wakes=wakes,
        told_at=told_at,
    )


def record_events(events: Sequence[NewEvent], *, now: datetime) -> list[Outcome]:
    """Record events, each once for ever; the outcomes stand in the order of ``events``. All or nothing.

    The first of two events with one (source, event id) wins. The same content again is a DUPLICATE and
    changes nothing; other content is a CONFLICT and is kept aside. Leads are woken, and webhooks that want to
    hear of it are noted, in the same transaction.
    """
    if not wants_more({event.kind_id for event in events}):
        return _record(events, now=now)
    with transaction.atomic():
        outcomes = _record(events, now=now)
        pairs = zip(events, outcomes, strict=True)
        stored([event for event, outcome in pairs if outcome is Outcome.STORED], now=now)
    return outcomes


def wants_more(kind_ids: AbstractSet[int]) -> bool:
    """Whether storing events of these kinds brings about more than waking their leads: see ``stored``."""
    return outbox.wants_any(kind_ids)


def stored(events: Sequence[NewEvent], *, now: datetime) -> None:
    """What else these new events bring about in the transaction that stored them: the one place for it.

    Called only when somebody may want to hear of them, as ``wants_more`` tells beforehand: a transaction
    around a single statement costs two round trips more.
    """
    outbox.note_events(events, now=now)


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
        number = signatures.numbers_of([event], questions)[0]
        occurred_at, was_clamped = clamp(event.occurred_at, now)
        wakes = event.wakes and event.lead_id is not None
        with connection.cursor() as cursor:
            failpoint("ingest.before_commit")
            cursor.execute(
                _ONE,
                (
                    key.hex(), event.digest, len(questions),
                    occurred_at, now, event.lead_id, event.visitor_id and str(event.visitor_id),
                    event.content_id, number, event.kind_id, event.source_id, event.verdict, was_clamped,
                    event.channel, event.event_id, event.properties_json.decode(),
                    event.lead_id, wakes,
                ),
            )  # fmt: skip
            stored, asked = cursor.fetchone()
        if stored:
            if wakes:
                _ring()
            return Outcome.STORED
        if asked == len(questions):
            return _known_already(event, key, now=now)
        questions = signatures.predicates()


def _known_already(event: NewEvent, key: bytes, *, now: datetime) -> Outcome:
    """What a known id means: a retry, or a reused id that is put aside."""
    if EventKey.objects.values_list("digest", flat=True).get(key=UUID(bytes=key)) == event.digest:
        return Outcome.DUPLICATE
    _keep_conflicts([event], now=now)
    return Outcome.CONFLICT


# Many events ---------------------------------------------------------------------------------------------


def _record_many(events: Sequence[NewEvent], *, now: datetime) -> list[Outcome]:
    """Record a batch, set-wise. Retries are rare: it is copied in as if all were new, and only when it turns
    out that a key is known already, done again by comparing each."""
    keys = [event.key for event in events]
    # Backwards, so that the first of two events with one key stays.
    firsts = dict(zip(reversed(keys), reversed(events), strict=True))
    if len(firsts) == len(events):
        try:
            with transaction.atomic():
                copy_keys(_digests(firsts))
                _append(events, now=now)
        except IntegrityError:
            pass
        else:
            return [Outcome.STORED] * len(events)
    with transaction.atomic():
        return _record_compared(keys, events, firsts, now=now)


def _record_compared(
    keys: Sequence[bytes], events: Sequence[NewEvent], firsts: Mapping[bytes, NewEvent], *, now: datetime
) -> list[Outcome]:
    """Record those of a batch that are new; put conflicts aside."""
    earlier = _remember(_digests(firsts))
    outcomes = [
        _outcome(event, firsts[key], earlier.get(key)) for key, event in zip(keys, events, strict=True)
    ]
    paired = list(zip(events, outcomes, strict=True))
    _keep_conflicts((event for event, outcome in paired if outcome is Outcome.CONFLICT), now=now)
    if fresh := [event for event, outcome in paired if outcome is Outcome.STORED]:
        _append(fresh, now=now)
    return outcomes


# Two things in one round trip. Reading the questions in this transaction keeps others from being added before
# its end: who adds some takes their table in ACCESS EXCLUSIVE mode.
_WAKE_AND_ASK = """
WITH woken AS (INSERT INTO leads_wake (lead_id) SELECT unnest(%s::bigint[]))
SELECT count(*) FROM leads_propertypredicate
"""


def _append(events: Sequence[NewEvent], *, now: datetime) -> None:
    """Wake the leads of new events and append these, with their signatures."""
    leads = {event.lead_id for event in events if event.wakes and event.lead_id is not None}
    with connection.cursor() as cursor:
        # As one literal, numbers are adapted many times quicker than as a list.
        cursor.execute(_WAKE_AND_ASK, ["{" + ",".join(map(str, leads)) + "}"])
        questions = signatures.present_predicates(cursor.fetchone()[0])
    copy_events(events, signatures.numbers_of(events, questions), now=now)
    failpoint("ingest.before_commit")
    if leads:
        _ring()


def _ring() -> None:
    """Tell the workers, after the commit."""
    transaction.on_commit(lambda: failpoint("ingest.after_commit"))
    ring("pipeline")


def _outcome(event: NewEvent, first: NewEvent, earlier_digest: int | None) -> Outcome:
    """New, or a repeat of what this batch or an earlier one brought."""
    if earlier_digest is None and event is first:
        return Outcome.STORED
    known = first.digest if earlier_digest is None else earlier_digest
    return Outcome.DUPLICATE if event.digest == known else Outcome.CONFLICT


def _digests(firsts: Mapping[bytes, NewEvent]) -> list[tuple[bytes, int]]:
    """(key, digest) in the order of keys, so that two batches with the same events wait for each other
    instead of locking up."""
    return [(key, firsts[key].digest) for key in sorted(firsts)]


def _remember(digests: Sequence[tuple[bytes, int]]) -> dict[bytes, int]:
    """Store the keys that are new; the digests of those that were known already."""
    names = [key.hex() for key, _ in digests]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_eventkey (key, digest) SELECT * FROM unnest(%s::uuid[], %s::bigint[]) "
            "ON CONFLICT DO NOTHING RETURNING key",
            [names, [digest for _, digest in digests]],
        )
        fresh = {UUID(str(row[0])).bytes for row in cursor.fetchall()}
    known = EventKey.objects.filter(key__in=[UUID(bytes=key) for key, _ in digests if key not in fresh])
    return {key.bytes: digest for key, digest in known.values_list("key", "digest")}


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
