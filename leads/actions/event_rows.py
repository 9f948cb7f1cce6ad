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
_KEY = b"\0\2\0\0\0\x10%b\0\0\0\x08%b"
_KEY_COLUMNS = "key, digest"
_WAKE = Struct(">h iq")
_MOMENT = Struct(">h iq")
_MOMENT_AND_LEAD = Struct(">h iq iq")
_SHAPE = Struct(">ii ih")
_RECEIPT = Struct(">iq i? ih ih")
# What differs from event to event comes first and last; between is what many share, and is packed once.
_EVENT_COLUMNS = (
    "occurred_at, lead_id, signature_id, kind_id, content_id, channel, visitor_id, "
    "received_at, was_clamped, source_id, verdict, event_id, properties"
)
_NUMBER_OF_COLUMNS = 13
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
    _copy(KEYS, framed(key_row(key, digest.to_bytes(8, "big", signed=True)) for key, digest in digests))


def copy_events(events: Sequence[NewEvent], signature_ids: Sequence[int], *, now: datetime) -> None:
    """Append events with their signatures, received ``now``."""
    _copy(EVENTS, event_rows(events, signature_ids, now=now))


def framed(rows: Iterable[bytes]) -> bytes:
    """Rows as a whole COPY."""
    return b"".join((_HEADER, *rows, _TRAILER))


def key_row(key: bytes, digest: bytes) -> bytes:
    """A row of KEYS, of 16 and 8 bytes. Rows sort as their keys do."""
    return _KEY % (key, digest)


def wake_rows(lead_ids: Iterable[int]) -> bytes:
    """What the COPY of WAKES takes."""
    return framed([_WAKE.pack(1, 8, lead_id) for lead_id in lead_ids])


def shape_piece(signature_id: int, kind_id: int, content_id: int | None, channel: str) -> bytes:
    """What is the same in the rows of all events of one shape."""
    content = _NULL if content_id is None else _BIGINT.pack(8, content_id)
    name = channel.encode()
    return b"".join((_SHAPE.pack(4, signature_id, 2, kind_id), content, _LENGTH.pack(len(name)), name))


class Receipt:
    """What is the same in the rows of all events that came from one source at once."""

    def __init__(self, source_id: int, now: datetime, *, verdict: int = 0) -> None:
        self._received_at = _microseconds(now)
        self._latest = now + TOLERATED_AHEAD
        in_time, clamped = (
            _RECEIPT.pack(8, self._received_at, 1, was_clamped, 2, source_id, 2, verdict)
            for was_clamped in (False, True)
        )
        self._in_time, self._clamped = in_time, clamped

    def row(self, moment: datetime, lead_id: int, shape: bytes, event_id: bytes, properties: bytes) -> bytes:
        """A row of EVENTS for a lead's event without a visitor, given the piece of its shape."""
        if moment > self._latest:
            moment_at, receipt = self._received_at, self._clamped
        else:
            moment_at, receipt = _microseconds(moment), self._in_time
        return b"".join((
            _MOMENT_AND_LEAD.pack(_NUMBER_OF_COLUMNS, 8, moment_at, 8, lead_id), shape, _NULL, receipt,
            _LENGTH.pack(len(event_id)), event_id,
            _JSONB.pack(1 + len(properties), _JSONB_VERSION), properties,
        ))  # fmt: skip


def event_rows(events: Sequence[NewEvent], signature_ids: Sequence[int], *, now: datetime) -> bytes:
    """What the COPY of EVENTS takes, of any events."""
    received_at, latest = _microseconds(now), now + TOLERATED_AHEAD
    values: list[bytes] = []
    for event, signature_id in zip(events, signature_ids, strict=True):
        was_clamped = event.occurred_at > latest
        lead, visitor = event.lead_id, event.visitor_id
        name, properties = event.event_id.encode(), event.properties_json
        values += (
            _MOMENT.pack(
                _NUMBER_OF_COLUMNS, 8, received_at if was_clamped else _microseconds(event.occurred_at)
            ),
            _NULL if lead is None else _BIGINT.pack(8, lead),
            shape_piece(signature_id, event.kind_id, event.content_id, event.channel),
            _NULL if visitor is None else _UUID.pack(16, visitor.bytes),
            _RECEIPT.pack(8, received_at, 1, was_clamped, 2, event.source_id, 2, event.verdict),
            _LENGTH.pack(len(name)), name,
            _JSONB.pack(1 + len(properties), _JSONB_VERSION), properties,
        )  # fmt: skip
    return framed(values)


def _copy(statement: str, data: bytes) -> None:
    """One COPY. (Django's debug cursor does not translate errors of COPY.)"""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(statement, io.BytesIO(data), len(data))


def _microseconds(moment: datetime) -> int:
    """A time as PostgreSQL counts it: microseconds since 2000."""
    since = moment - _EPOCH
    return (since.days * _DAY + since.seconds) * 1_000_000 + since.microseconds
