"""The events that the ingest benchmarks send: a site's server reporting what its known leads did."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg2

KINDS = ("page_viewed", "pricing_viewed", "content_downloaded", "video_watched", "webinar_registered")


def prepare(url: str, leads: int) -> list[str]:
    """Leads and contents in a fresh database; the public ids of the leads."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        contents = {"code": "'guide-' || n", "title": "'Guide ' || n", "type": "'guide'", "language": "'fr'"}
        _fill(cursor, "leads_content", 20, contents)
        _fill(cursor, "leads_lead", leads, {"email": "'lead' || n || '@acier-' || n || '.example'"})
        cursor.execute("ANALYZE leads_lead")
        cursor.execute("SELECT public_id::text FROM leads_lead")
        found = [row[0] for row in cursor.fetchall()]
    connection.close()
    return found


def _fill(cursor: Any, table: str, number: int, given: dict[str, str]) -> None:
    """That many rows; columns that must have a value and are not ``given`` one get a plain one."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_name = %s AND column_name <> 'id' AND is_nullable = 'NO'",
        [table],
    )
    columns = {name: _value(name, kind) for name, kind in cursor.fetchall()} | given
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} "
        f"FROM generate_series(1, {number}) n"
    )


def _value(name: str, kind: str) -> str:
    """A plain value for a column that must have one."""
    if name == "public_id":
        return "gen_random_uuid()"
    return {
        "jsonb": "'{}'",
        "ARRAY": "'{}'",
        "boolean": "true",
        "timestamp with time zone": "now()",
        "bigint": "0",
        "integer": "0",
        "smallint": "0",
    }.get(kind, "''")


def events(number: int, leads: list[str], *, seed: int) -> list[dict[str, Any]]:
    """Events of the last days, in the order in which they happened."""
    chance = random.Random(seed)
    start = datetime.now(UTC) - timedelta(minutes=10)
    return [
        {
            "event_id": str(UUID(int=chance.getrandbits(128), version=4)),
            "kind": chance.choice(KINDS),
            "occurred_at": (start + timedelta(milliseconds=at * 2)).isoformat(timespec="milliseconds"),
            "lead": chance.choice(leads),
            "content": f"guide-{chance.randint(1, 20)}",
            "properties": {
                "url": f"https://www.acier.example/guides/{chance.randint(1, 500)}",
                "seconds": chance.randint(1, 900),
                "device": chance.choice(("desktop", "mobile")),
            },
        }
        for at in range(number)
    ]
