"""Real Celery workers on the benchmark's database, with a Redis database of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

REDIS_DB = 15


def own_redis() -> None:
    """Point REDIS_URL at an empty database of its own, so that no other worker hears our bell."""
    given = os.environ["REDIS_URL"]
    if given.startswith("unix:"):
        os.environ["REDIS_URL"] = f"{given.partition('?')[0]}?db={REDIS_DB}"
    else:
        os.environ["REDIS_URL"] = urlunsplit(urlsplit(given)._replace(path=f"/{REDIS_DB}"))
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.flushdb()
    client.close()


@contextmanager
def worker(queue: str, *, concurrency: int = 1, include: str = "") -> Iterator[None]:
    """A worker for one queue, as the product runs it, until the block ends."""
    command = [
        *(sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "ERROR"),
        *("--queues", queue, "--hostname", f"bench-{queue}@%h", "--concurrency", str(concurrency)),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        *(("--include", include) if include else ()),
    ]
    process = subprocess.Popen(command, env=os.environ | {"FAILPOINTS": ""})
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


_LEADS = """
INSERT INTO leads_lead (public_id, first_name, last_name, email, email_display, email_flags, phone_raw,
    phone_is_valid, language, time_zone, address, postcode, city, region, country, company_role, job_title,
    department, seniority, need, pain_point, budget_range, interests, social, custom, audience, acquisition,
    channel, last_channel, landing_page, search_text, created_at)
SELECT gen_random_uuid(), 'Camille', 'Lead ' || n, 'lead' || n || '@atelier-' || n || '.example', '',
    '{}', '', true, 'fr', '', '', '69003', 'Lyon', '', 'FR', '', '', '',
    (ARRAY['director', 'manager', 'staff'])[n %% 3 + 1], '', '', '', '{}', '{}', '{}',
    'b2b', 'indirect', 'organic_search', '', '', '', %s
FROM generate_series(1, %s) AS n RETURNING id
"""
# Random sources and ids; history is older than the window in which anything is triggered.
_EVENTS = """
INSERT INTO leads_event (occurred_at, received_at, lead_id, signature_id, kind_id, source_id, event_id)
SELECT at, at, %s + n %% %s, signature, kind, 1, 'history-' || n
FROM (
    SELECT n, %s::timestamptz - (n %% 300) * interval '1 day' AS at, (n %% 3) AS which
    FROM generate_series(1, %s) AS n
) AS happened
JOIN (VALUES (0, 1, %s), (1, 7, %s), (2, 8, %s)) AS kinds(which, kind, signature) USING (which)
"""


def history(url: str, *, leads: int, events: int) -> list[int]:
    """Leads with ``events`` old events between them, not yet scored; the ids of the leads."""
    from django.db import transaction

    from leads.signatures import intern

    with transaction.atomic():
        numbers = intern([(kind, None, "", 0) for kind in (1, 7, 8)])
    now = datetime.now(UTC)
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(_LEADS, [now - timedelta(days=300), leads])
        ids = [row[0] for row in cursor.fetchall()]
        signatures = [numbers[kind, None, "", 0] for kind in (1, 7, 8)]
        cursor.execute(_EVENTS, [ids[0], leads, now - timedelta(days=3), events, *signatures])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE leads_lead, leads_event")
    connection.close()
    return ids
