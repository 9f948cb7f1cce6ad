"""An event on its way in: a plain value, its key and its digest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from hashlib import blake2b
from uuid import UUID

import msgspec

# An event may be this much ahead of our clock; later ones are clamped to the time of receipt and flagged.
TOLERATED_AHEAD = timedelta(minutes=5)


class Outcome(Enum):
    """What became of an event that was handed in."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


class NewEvent(msgspec.Struct, frozen=True, eq=False, gc=False):
    """An event as its source tells it. ``occurred_at`` is as sent; exactly one of lead and visitor may be
    unknown. ``digest`` tells a retry (same content) from a reused id (other content): see ``digest_of``.
    (A msgspec Struct because thousands a second are made: four times quicker than a dataclass.)
    """

    source_id: int
    event_id: str
    kind_id: int
    occurred_at: datetime
    digest: int
    lead_id: int | None = None
    visitor_id: UUID | None = None
    content_id: int | None = None
    channel: str = ""
    properties: Mapping[str, object] = {}
    properties_json: bytes = b"{}"
    verdict: int = 0
    wakes: bool = True
    told_at: datetime | None = None  # when webhooks may leave: later than at once for what can be taken back

    @property
    def key(self) -> bytes:
        """The narrow name under which this event is remembered for ever."""
        return event_key(self.source_id, self.event_id)


def event_key(source_id: int, event_id: str) -> bytes:
    """128 bits of BLAKE2b over (source, event id); PostgreSQL keeps them as a uuid."""
    return keys_of(source_id)(event_id.encode())


def keys_of(source_id: int) -> Callable[[bytes], bytes]:
    """``event_key`` for many events of one source, their ids encoded: what they begin with is hashed once."""
    begun = blake2b(f"{source_id}\x1f".encode(), digest_size=16)

    def key(event_id: bytes) -> bytes:
        whole = begun.copy()
        whole.update(event_id)
        return whole.digest()

    return key


def canonical(value: object) -> bytes:
    """JSON with sorted names and no spaces: one spelling for one content."""
    return msgspec.json.encode(value, order="deterministic")


def digest_of(content: bytes) -> int:
    """64 signed bits of BLAKE2b over an event's canonical content."""
    return int.from_bytes(raw_digest(content), "big", signed=True)


def raw_digest(content: bytes) -> bytes:
    """The same as 8 bytes, as PostgreSQL's binary format has a bigint."""
    return blake2b(content, digest_size=8).digest()


def clamp(occurred_at: datetime, received_at: datetime) -> tuple[datetime, bool]:
    """When it happened as far as we believe it, and whether that differs from what was sent."""
    if occurred_at > received_at + TOLERATED_AHEAD:
        return received_at, True
    return occurred_at, False
