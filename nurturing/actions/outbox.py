"""The states of a message on its way, each change one conditional UPDATE that says whether it took place.

planned → claimed (under a lease) → sending (checkpoint, committed before DATA) → sent. A worker that dies
before the checkpoint costs nothing but the lease; one that dies after it leaves the message *unknown*.
Leases are measured by the database's clock, so that a host's wrong clock lends nothing twice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, QuerySet

from leads.failpoints import failpoint
from nurturing.models import Message, Notice, State, Template

LEASE_SECONDS = 60
MOST_ATTEMPTS = 25

# What goes through the outbox: messages to leads, and notices outside marketing.
Mail = Message | Notice

_CLAIM = """
UPDATE {table}
   SET state = 'claimed', claimed_at = %(now)s, attempts = attempts + 1, lease = %(lease)s,
       lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
 WHERE id = ANY(ARRAY(
       SELECT id FROM {table} WHERE state = 'planned' AND due_at <= %(now)s
        ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
RETURNING id
"""
_CHECKPOINT = """
UPDATE nurturing_message
   SET state = 'sending', data_started_at = %(now)s, message_id = %(message_id)s, address = %(address)s,
       subject = %(subject)s, basis = %(basis)s, evidence_id = %(evidence_id)s, why = why || %(seen)s::jsonb,
       lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
 WHERE id = %(id)s AND lease = %(lease)s AND state = 'claimed'
"""
_RECOVER = """
WITH lapsed AS (
    SELECT id FROM {table}
     WHERE state IN ('claimed', 'sending') AND lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED)
UPDATE {table} AS m
   SET state = CASE WHEN m.state = 'sending' THEN 'unknown'
                    WHEN m.attempts >= %(most)s THEN 'failed' ELSE 'planned' END,
       reason = CASE WHEN m.state = 'sending' THEN 'worker_died'
                     WHEN m.attempts >= %(most)s THEN 'too_many_attempts' ELSE m.reason END,
       lease_until = NULL, lease = CASE WHEN m.state = 'sending' THEN m.lease END
  FROM lapsed WHERE lapsed.id = m.id
RETURNING m.state
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages lent to one worker."""

    lease: UUID
    messages: list[Message]


def claim_due(*, limit: int, now: datetime) -> Claim:
    """Borrow up to ``limit`` messages whose time has come, the oldest first."""
    lease, ids = claim_rows(Message, limit=limit, now=now)
    return Claim(lease, _load(ids) if ids else [])


def claim_rows(queue: type[Mail], *, limit: int, now: datetime) -> tuple[UUID, list[int]]:
    """Borrow up to ``limit`` due rows of messages or of notices: the lease and their ids."""
    lease = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM.format(table=queue._meta.db_table),
            {"now": now, "lease": lease, "limit": limit, "seconds": LEASE_SECONDS},
        )
        ids = [row[0] for row in cursor.fetchall()]
    failpoint("email.after_claim")
    return lease, ids


# A lead has some fifty columns; a letter needs these.
_OF_THE_LEAD = (
    "public_id",
    "email",
    "first_name",
    "last_name",
    "job_title",
    "city",
    "interests",
    "time_zone",
)
_FOREIGN = ("lead__company__name", "enrolment__consulted_id", "enrolment__lead_id", "enrolment__track_id")


def _load(ids: list[int]) -> list[Message]:
    """The messages with all that composing them needs."""
    own = [field.attname for field in Message._meta.concrete_fields if not field.is_relation]
    messages = Message.objects.select_related("lead", "lead__company", "enrolment").only(
        *own, "content_id", "template_id", *(f"lead__{name}" for name in _OF_THE_LEAD), *_FOREIGN
    )
    loaded = list(messages.filter(pk__in=ids).order_by("due_at", "pk"))
    for message in loaded:
        message.template = template_version(message.template_id)
    return loaded


@lru_cache(maxsize=200)
def template_version(template_id: int) -> Template:
    """A template version, kept by the process: it never changes."""
    return Template.objects.get(pk=template_id)


def recover_lapsed(queue: type[Mail] = Message) -> dict[str, int]:
    """Take back what dead workers had borrowed: how many became planned, unknown or failed."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOVER.format(table=queue._meta.db_table), {"most": MOST_ATTEMPTS})
        states = [row[0] for row in cursor.fetchall()]
    return {state: states.count(state) for state in set(states)}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is written down at the checkpoint, before anything is handed over."""

    message_id: str
    address: str
    subject: str
    basis: str
    evidence_id: int | None
    seen: str  # JSON: policy, stage and situation at that moment


def checkpoint(claim: Claim, message: Message, snapshot: Snapshot, *, now: datetime) -> bool:
    """Write down that the message is about to be handed over; False when it is no longer ours to send."""
    values = asdict(snapshot) | {"id": message.pk, "lease": claim.lease, "now": now, "seconds": LEASE_SECONDS}
    with connection.cursor() as cursor:
        cursor.execute(_CHECKPOINT, values)
        return int(cursor.rowcount) == 1


def rows_of(message: Mail) -> QuerySet[Any]:
    """The one row of this message or notice, to be changed on a condition."""
    return type(message)._default_manager.filter(pk=message.pk)


def mark_sent(claim: Claim, message: Mail, *, now: datetime, detail: str) -> bool:
    """The server said yes. That is true even if the lease has lapsed meanwhile."""
    mine = rows_of(message).filter(lease=claim.lease, state__in=[State.SENDING, State.UNKNOWN])
    return bool(mine.update(state=State.SENT, sent_at=now, reason="", detail=detail[:300], lease_until=None))


def close(claim: Claim, message: Mail, *, state: State, reason: str, detail: str = "") -> bool:
    """End the way of a message that is ours: held, failed or unknown."""
    ours = rows_of(message).filter(lease=claim.lease, state__in=[State.CLAIMED, State.SENDING, State.UNKNOWN])
    return bool(ours.update(state=state, reason=reason[:60], detail=detail[:300], lease_until=None))


def put_back(
    claim: Claim, message: Mail, *, due_at: datetime, reason: str, detail: str = "", tried: bool = True
) -> bool:
    """Have the message tried again at ``due_at``; only for what was certainly not taken by a server."""
    ours = rows_of(message).filter(lease=claim.lease, state__in=[State.CLAIMED, State.SENDING])
    return bool(
        ours.update(
            state=State.PLANNED,
            due_at=due_at,
            reason=reason[:60],
            detail=detail[:300],
            attempts=F("attempts") - (0 if tried else 1),
            lease=None,
            lease_until=None,
            data_started_at=None,
            message_id=None,
        )
    )


def cancel_planned(lead_id: int, *, reason: str) -> int:
    """Take back everything that has not yet been handed over for a lead; how many."""
    waiting = Message.objects.filter(lead_id=lead_id, state__in=[State.PLANNED, State.CLAIMED])
    return waiting.exclude(purpose="transactional").update(
        state=State.CANCELLED, reason=reason, lease=None, lease_until=None
    )
