"""Appending events as if nothing were in the way: all of them new, their leads there, their shapes known.

That is how nearly all come in, so it is done in two requests to the database, the transaction's beginning and
end included. Where anything is in the way nothing is stored, and the caller goes the ordinary way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

import psycopg2
from django.db import connection
from psycopg2.errors import DivisionByZero, UniqueViolation

from leads import signatures
from leads.actions.event_rows import EVENTS, KEYS, event_rows, key_rows
from leads.actions.events import wants_more
from leads.bell import ring
from leads.failpoints import failpoint
from leads.incoming import NewEvent

# Leaves the transaction by dividing by zero when a lead is gone, or when other questions than those behind
# the signatures are asked by now. Reading these keeps others from being added before the transaction's end.
_CHECK = """
SELECT 1 / (
    (SELECT count(*) FROM leads_propertypredicate) = %d
    AND NOT EXISTS (SELECT FROM leads_gonelead WHERE lead_id = ANY ('%s'::bigint[]))
)::int"""
_WAKE = "INSERT INTO leads_wake (lead_id) SELECT unnest('%s'::bigint[])"


def append_new(events: Sequence[NewEvent], *, now: datetime) -> bool:
    """Append events of leads that this process knew a moment ago, and wake these; whether that was possible.

    Not when an event is known already, a lead was merged or erased meanwhile, a shape is new to this process,
    or a webhook wants to hear of one. Call outside any transaction.
    """
    questions = signatures.remembered_predicates()
    numbers = signatures.known_numbers(events, questions)
    keys = sorted([(event.key, event.digest) for event in events])
    if numbers is None or len(dict(keys)) < len(keys) or wants_more(events):
        return False
    leads = "{" + ",".join({str(event.lead_id) for event in events}) + "}"
    between = f"{_CHECK % (len(questions), leads)}; {_WAKE % leads}"
    if not _append(key_rows(keys), event_rows(events, numbers, now=now), between):
        return False
    failpoint("ingest.after_commit")
    ring("pipeline")
    return True


def _append(keys: bytes, events: bytes, between: str) -> bool:
    """Both in one transaction, ``between`` them; False when a known key or the check undid it."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        try:
            cursor.copy_expert(f"BEGIN; {KEYS}", BytesIO(keys), len(keys))
            failpoint("ingest.before_commit")
            cursor.copy_expert(f"{between}; {EVENTS}; COMMIT", BytesIO(events), len(events))
        except psycopg2.Error as error:
            if not connection.connection.closed:
                cursor.execute("ROLLBACK")
            if not isinstance(error, (UniqueViolation, DivisionByZero)):
                raise
            return False
    return True
