"""The last events of each publishable key, for who connects a site and wants to see them arrive.

Kept in Redis for a day, a handful a key, without visitor or person. Nothing depends on them: while Redis is
away there are none.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import redis

from leads.api.limits import redis_client

KEPT = 20
KEPT_SECONDS = 24 * 3600


class Outcome(Protocol):
    """As much of an event's result as is kept."""

    status: str
    errors: Any


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as it arrived. ``status`` as in the answer, or ``test``; ``page`` only of what was stored."""

    at: datetime
    kind: str
    status: str
    page: str = ""
    code: str = ""


def note(prefix: str, seen: Sequence[Seen]) -> None:
    """Keep the newest of them; never fails, never waits long."""
    if not seen:
        return
    rows = [
        json.dumps(
            {
                "at": one.at.isoformat(),
                "kind": one.kind,
                "status": one.status,
                "page": one.page,
                "code": one.code,
            }
        )
        for one in seen[-KEPT:]
    ]
    with suppress(redis.RedisError, OSError):
        pipe = redis_client().pipeline(transaction=False)
        pipe.lpush(_key(prefix), *rows)
        pipe.ltrim(_key(prefix), 0, KEPT - 1)
        pipe.expire(_key(prefix), KEPT_SECONDS)
        pipe.execute()


def note_batch(prefix: str, items: Sequence[Any], results: Sequence[Outcome], *, now: datetime) -> None:
    """Keep what became of a page's batch; of what was not stored, the kind only."""
    note(prefix, [_told(item, result, now) for item, result in zip(items, results, strict=True)])


def _told(item: Any, result: Outcome, now: datetime) -> Seen:
    fields = item if isinstance(item, dict) else {}
    properties = fields.get("properties")
    page = properties.get("url") if isinstance(properties, dict) and result.status == "accepted" else ""
    errors = result.errors if isinstance(result.errors, list) else []
    return Seen(
        at=now,
        kind=str(fields.get("kind", ""))[:40],
        status=result.status,
        page=page[:200] if isinstance(page, str) else "",
        code=errors[0]["code"] if errors else "",
    )


def last(prefix: str) -> list[Seen]:
    """The newest events of a key, newest first; none while Redis is away."""
    with suppress(redis.RedisError, OSError):
        rows: Any = redis_client().lrange(_key(prefix), 0, KEPT - 1)
        return [_seen(json.loads(row)) for row in rows]
    return []


def _seen(row: dict[str, str]) -> Seen:
    return Seen(datetime.fromisoformat(row["at"]), row["kind"], row["status"], row["page"], row["code"])


def _key(prefix: str) -> str:
    return f"ecluse:recent:{prefix}"
