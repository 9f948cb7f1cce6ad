"""Events in batches of 100 over HTTP, against raw INSERT … ON CONFLICT and one COPY of the same rows."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import psycopg2

from benchmarks import _events, _web
from benchmarks.harness import own_database, report, say, size

BATCH = 100
# Many short rounds, added up: what else the machine does meanwhile then falls on all sides alike.
ROUNDS = 8
_EMPTY = "TRUNCATE leads_event, leads_eventkey, leads_wake"
_EVENT = (
    "occurred_at, received_at, lead_id, content_id, signature_id, kind_id, source_id, verdict, was_clamped, "
    "channel, event_id, properties"
)
_TYPES = (
    ["timestamptz"] * 2
    + ["bigint"] * 2
    + ["integer"]
    + ["smallint"] * 3
    + ["boolean", "text", "text", "jsonb"]
)
_INSERT_KEYS = (
    "INSERT INTO leads_eventkey (key, digest) SELECT * FROM unnest(%s::uuid[], %s::bigint[]) "
    "ON CONFLICT DO NOTHING"
)
_INSERT_EVENTS = (
    f"INSERT INTO leads_event ({_EVENT}) "
    f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _TYPES)}) ON CONFLICT DO NOTHING"
)
_INSERT_WAKES = "INSERT INTO leads_wake (lead_id) SELECT unnest(%s::bigint[])"


def main() -> None:
    """Measure, print the line."""
    number = size("EVENTS", 160_000) // ROUNDS
    with own_database("ingest_batch") as url:
        from accounts.actions import create_api_key

        leads = _events.prepare(url, size("LEADS", 20_000))
        _key, value = create_api_key(name="benchmark", kind="secret")
        total: dict[str, float] = {}
        latencies: list[float] = []
        with _web.serving("config.wsgi", _web.production(url), path="/livez") as server:
            # Warm up: connections, caches, plans, signatures.
            _post(server, value, _events.events(10_000, leads, seed=0))
            for turn in range(ROUNDS):
                spent, load = _round(url, server, value, _events.events(number, leads, seed=turn + 1))
                say(str({name: round(seconds / number * 1e6, 1) for name, seconds in spent.items()}))
                total = {name: total.get(name, 0.0) + seconds for name, seconds in spent.items()}
                latencies += load.latencies
    report(
        "ingest_batch", _figures(total, number * ROUNDS, latencies), {"ratio": ">= 1.2", "cpu_ratio": "<= 3"}
    )


def _figures(total: dict[str, float], count: int, latencies: list[float]) -> dict[str, float]:
    """Rates, ratios and microseconds of processor time an event."""
    figures = {
        "per_second": count / total["http"],
        "raw_per_second": count / total["raw"],
        "ratio": total["raw"] / total["http"],
        "cpu_ratio": (total["web_cpu"] + total["postgres_cpu"]) / total["copy_cpu"],
        "web_us": total["web_cpu"] / count * 1e6,
        "postgres_us": total["postgres_cpu"] / count * 1e6,
        "copy_us": total["copy_cpu"] / count * 1e6,
        "p99_ms": _web.Load(0, latencies).p99_ms,
    }
    return {name: round(value, 3) for name, value in figures.items()}


def _round(
    url: str, server: _web.Server, key: str, events: list[dict[str, Any]]
) -> tuple[dict[str, float], _web.Load]:
    """All three ways with the same events, each on empty tables; seconds of each."""
    _web.run_sql(url, _EMPTY, "CHECKPOINT")
    web, backends = server.cpu_seconds(), _web.backends_cpu(url)
    load = _post(server, key, events)
    web_cpu = server.cpu_seconds() - web
    postgres_cpu = _web.used_since(backends, _web.backends_cpu(url))
    rows = _stored(url, len(events))
    spent = {
        "http": load.seconds,
        "web_cpu": web_cpu,
        "postgres_cpu": postgres_cpu,
        "raw": _insert_raw(url, rows),
        "copy_cpu": _copy_cpu(url, rows),
    }
    return spent, load


def _post(server: _web.Server, key: str, events: list[dict[str, Any]]) -> _web.Load:
    """Post the events in batches, spread over the clients."""
    bodies = [
        json.dumps({"events": events[at : at + BATCH]}, separators=(",", ":")).encode()
        for at in range(0, len(events), BATCH)
    ]
    shares = [bodies[client :: _web.CLIENTS] for client in range(_web.CLIENTS)]
    return _web.post_all(
        server.port, "/api/v1/events/", {"Authorization": f"Bearer {key}"}, shares, expect=202
    )


Rows = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]


def _stored(url: str, expected: int) -> Rows:
    """The rows as they were stored: (events, keys, wakes). Raises RuntimeError when some are missing."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_EVENT.replace('properties', 'properties::text')} FROM leads_event ORDER BY id"
        )
        events = cursor.fetchall()
        cursor.execute("SELECT key::text, digest FROM leads_eventkey")
        keys = cursor.fetchall()
        cursor.execute("SELECT lead_id FROM leads_wake")
        wakes = cursor.fetchall()
    connection.close()
    if len(events) != expected or len(keys) != expected:
        raise RuntimeError(f"{len(events)} events and {len(keys)} keys were stored instead of {expected}")
    return events, keys, wakes


def _insert_raw(url: str, rows: Rows) -> float:
    """Seconds of one client that inserts the rows batch by batch, its statements written beforehand."""
    events, keys, wakes = rows
    connection = psycopg2.connect(url)
    cursor = connection.cursor()
    batches = []
    for at in range(0, len(events), BATCH):
        some = [list(column) for column in zip(*events[at : at + BATCH], strict=True)]
        ids = [list(column) for column in zip(*keys[at : at + BATCH], strict=True)]
        batches.append(
            cursor.mogrify(_INSERT_KEYS, ids)
            + b";"
            + cursor.mogrify(_INSERT_EVENTS, some)
            + b";"
            + cursor.mogrify(_INSERT_WAKES, [[row[0] for row in wakes[at : at + BATCH]]])
        )
    connection.rollback()
    _web.run_sql(url, _EMPTY, "CHECKPOINT")
    start = time.perf_counter()
    for batch in batches:
        cursor.execute(batch)
        connection.commit()
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def _copy_cpu(url: str, rows: Rows) -> float:
    """PostgreSQL's seconds of processor time for one COPY of the events, and of their keys and wakes."""
    events, keys, wakes = rows
    _web.run_sql(url, _EMPTY, "CHECKPOINT")
    connection = psycopg2.connect(url)
    pid = connection.info.backend_pid
    before = _web.process_cpu(pid)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY leads_event ({_EVENT}) FROM STDIN", io.StringIO(_lines(events)))
        cursor.copy_expert("COPY leads_eventkey (key, digest) FROM STDIN", io.StringIO(_lines(keys)))
        cursor.copy_expert("COPY leads_wake (lead_id) FROM STDIN", io.StringIO(_lines(wakes)))
    connection.commit()
    used = _web.process_cpu(pid) - before
    connection.close()
    return used


def _lines(rows: list[tuple[Any, ...]]) -> str:
    """COPY's text format (the benchmark's events hold nothing to escape)."""
    return "".join("\t".join("\\N" if value is None else str(value) for value in row) + "\n" for row in rows)


if __name__ == "__main__":
    main()
