"""Appending events as if nothing were in the way: all of them new, their leads there, their shapes known.

That is how nearly all come in, so it is done in few requests to the database, the transaction's beginning
and end among them. Where anything is in the way nothing is stored, and the caller goes the ordinary way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from io import BytesIO
from itertools import chain
from typing import NamedTuple

from django.db import connection
from psycopg2.errors import DivisionByZero, UniqueViolation

from leads.actions.event_rows import EVENTS, KEYS, WAKES, framed, wake_rows
from leads.actions.events import wants_more
from leads.bell import ring
from leads.failpoints import failpoint

# Leaves the transaction by dividing by zero when a lead is gone, or when other questions than those behind
# the signatures are asked by now. Reading these keeps others from being added before the transaction's end.
_CHECK = """
SELECT 1 / (
    (SELECT count(*) FROM leads_propertypredicate) = %d
    AND NOT EXISTS (SELECT FROM leads_gonelead WHERE lead_id = ANY ('%s'::bigint[]))
)::int"""
_WAKE = "INSERT INTO leads_wake (lead_id) SELECT unnest('%s'::bigint[])"
# From so many leads on, a COPY of their wakes costs less than that, though it is one request more.
_MANY = 20


class Packed(NamedTuple):
    """Events as rows of the tables of keys and of events; whose they are, of which kinds, and how many
    questions are behind their signatures."""

    keys: list[bytes]
    events: list[bytes]
    leads: set[int]
    kinds: set[int]
    questions: int


def append_new(packs: Sequence[Packed]) -> bool:
    """Append events of leads that this process knew a moment ago, and wake these; whether that was possible.

    Not when an event is known already, a lead was merged or erased meanwhile, the questions are others by
    now, or a webhook wants to hear of one. Call outside any transaction.
    """
    questions = {pack.questions for pack in packs}
    if len(questions) > 1 or wants_more(set[int]().union(*(pack.kinds for pack in packs))):
        return False
    leads = set[int]().union(*(pack.leads for pack in packs))
    keys = framed(sorted(chain.from_iterable(pack.keys for pack in packs)))
    events = framed(chain.from_iterable(pack.events for pack in packs))
    if not _append(_copies(keys, leads, events, _CHECK % (questions.pop(), _literal(leads)))):
        return False
    failpoint("ingest.after_commit")
    ring("pipeline")
    return True


def _append(copies: Sequence[tuple[str, bytes]]) -> bool:
    """All of them in one transaction; False when a known key or the check undid it."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        try:
            for statement, rows in copies:
                if statement.endswith("COMMIT"):
                    failpoint("ingest.before_commit")
                cursor.copy_expert(statement, BytesIO(rows), len(rows))
        except BaseException as error:
            if not connection.connection.closed:
                cursor.execute("ROLLBACK")
            if isinstance(error, (UniqueViolation, DivisionByZero)):
                return False
            raise
    return True


def _copies(keys: bytes, leads: Collection[int], events: bytes, check: str) -> list[tuple[str, bytes]]:
    """The requests, each ending in a COPY, with its rows."""
    if len(leads) < _MANY:
        return [
            (f"BEGIN; {KEYS}", keys),
            (f"{check}; {_WAKE % _literal(leads)}; {EVENTS}; COMMIT", events),
        ]
    return [
        (f"BEGIN; {KEYS}", keys),
        (f"{check}; {WAKES}", wake_rows(leads)),
        (f"{EVENTS}; COMMIT", events),
    ]


def _literal(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"
