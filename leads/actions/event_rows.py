"""Events, their keys and wakes as rows of PostgreSQL's binary COPY format.

Binary, because PostgreSQL then parses no times and numbers, and Python writes none: of the ways to store a
batch it costs both sides least (docs/architecture.md has the figures).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from struct import Struct

from django.db import connection

from leads.incoming import TOLERATED_AHEAD, NewEvent

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
# Every value follows its length in bytes; -1 is NULL. Each row begins with the number of its values.
_NULL = b"\xff\xff\xff\xff"
_KEY = Struct(">h i16s iq")
_KEY_COLUMNS = "key, digest"
_WAKE = Struct(">h iq")
_FIXED = Struct(">h iq iq ii ih ih ih i?")
_EVENT_COLUMNS = (
    "occurred_at, received_at, signature_id, kind_id, source_id, verdict, was_clamped, "
    "lead_id, content_id, visitor_id, channel, event_id, properties"
)
_BIGINT = Struct(">iq")
_UUID = Struct(">i16s")
_LENGTH = Struct(">i")
_JSONB = Struct(">iB")
_JSONB_VERSION = 1
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = 86_400


KEYS = f"COPY leads_eventkey ({_KEY_COLUMNS}) FROM STDIN (FORMAT binary)"
WAKES = "COPY leads_wake (lead_id) FROM STDIN (FORMAT binary)"
EVENTS = f"COPY leads_event ({_EVENT_COLUMNS}) FROM STDIN (FORMAT binary)"


def copy_keys(digests: Iterable[tuple[bytes, int]]) -> None:
    """Append (key, digest) pairs. Raises IntegrityError when one is there already."""
    _copy(KEYS, key_rows(digests))


def copy_events(events: Sequence[NewEvent], signature_ids: Sequence[int], *, now: datetime) -> None:
    """Append events with their signatures, received ``now``."""
    _copy(EVENTS, event_rows(events, signature_ids, now=now))


def key_rows(digests: Iterable[tuple[bytes, int]]) -> bytes:
    """What the COPY of KEYS takes."""
    return b"".join((_HEADER, *[_KEY.pack(2, 16, key, 8, digest) for key, digest in digests], _TRAILER))


def wake_rows(lead_ids: Iterable[int]) -> bytes:
    """What the COPY of WAKES takes."""
    return b"".join((_HEADER, *[_WAKE.pack(1, 8, lead_id) for lead_id in lead_ids], _TRAILER))


def event_rows(events: Sequence[NewEvent], signature_ids: Sequence[int], *, now: datetime) -> bytes:
    """What the COPY of EVENTS takes."""
    received_at = _microseconds(now)
    latest = now + TOLERATED_AHEAD
    values: list[bytes] = []
    # Written out, because a function for each value would take as long again.
    for event, signature_id in zip(events, signature_ids, strict=True):
        was_clamped = event.occurred_at > latest
        since = (now if was_clamped else event.occurred_at) - _EPOCH
        occurred_at = (since.days * _DAY + since.seconds) * 1_000_000 + since.microseconds
        lead, content, visitor = event.lead_id, event.content_id, event.visitor_id
        channel, name, properties = event.channel.encode(), event.event_id.encode(), event.properties_json
        values += (
            _FIXED.pack(
                13,
                8, occurred_at, 8, received_at, 4, signature_id, 2, event.kind_id,
                2, event.source_id, 2, event.verdict, 1, was_clamped,
            ),
            _NULL if lead is None else _BIGINT.pack(8, lead),
            _NULL if content is None else _BIGINT.pack(8, content),
            _NULL if visitor is None else _UUID.pack(16, visitor.bytes),
            _LENGTH.pack(len(channel)), channel,
            _LENGTH.pack(len(name)), name,
            _JSONB.pack(1 + len(properties), _JSONB_VERSION), properties,
        )  # fmt: skip
    return b"".join((_HEADER, *values, _TRAILER))


def _copy(statement: str, data: bytes) -> None:
    """One COPY. (Django's debug cursor does not translate errors of COPY.)"""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(statement, io.BytesIO(data), len(data))


def _microseconds(moment: datetime) -> int:
    """A time as PostgreSQL counts it: microseconds since 2000."""
    since = moment - _EPOCH
    return (since.days * _DAY + since.seconds) * 1_000_000 + since.microseconds
