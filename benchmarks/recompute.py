"""Recompute all scores with writing, against a sequential scan and hash aggregate of the same events.

One process. Rules are published in which three give other points: every score row is written, and the history
of those that people see change. `nightly` is the same pass a day later.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.harness import cpu_seconds, own_database, peak_mb, report, say, size, timed

MONTHS = 12
RULES = 30

# A lead's traits repeat as they do in real data; ids spread them without any order.
LEADS = """
INSERT INTO leads_company (public_id, name, siren, sector, headcount, turnover, country, region, postcode,
    custom, search_text, created_at)
SELECT gen_random_uuid(), 'Company ' || n, '',
    (ARRAY['industry','food','retail','public','software','construction',''])[1 + n * 7919 %% 7],
    (ARRAY['1_9','10_49','50_249','250_4999',''])[1 + n * 104729 %% 5],
    (ARRAY['under_2m','2m_10m','10m_50m',''])[1 + n * 1299709 %% 4],
    (ARRAY['FR','BE','DE',''])[1 + n * 15485863 %% 4], '', '', '{}', '', now()
FROM generate_series(1::bigint, %(companies)s) AS n;

INSERT INTO leads_lead (public_id, first_name, last_name, email, email_display, email_flags, phone,
    phone_raw, phone_is_valid, language, time_zone, address, postcode, city, region, country, company_id,
    company_role, job_title, department, seniority, need, project_month, pain_point, budget_range,
    interests, social, custom, audience, acquisition, channel, last_channel, landing_page, search_text,
    created_at)
SELECT gen_random_uuid(), CASE WHEN n * 31 %% 10 < 7 THEN 'Camille' ELSE '' END, 'Martin',
    'lead' || n || '@usine-' || n %% 5000 || '.example', '', '{}',
    CASE WHEN n * 37 %% 10 < 5 THEN '+3360000' || n END, '', true, 'fr', '', '', '', '', '', 'FR',
    CASE WHEN n * 41 %% 10 < 8 THEN 1 + n * 7919 %% %(companies)s END,
    (ARRAY['decision_maker','influencer','user','buyer','',''])[1 + n * 43 %% 6],
    CASE WHEN n * 47 %% 10 < 6 THEN 'Responsable production' ELSE '' END, '',
    (ARRAY['executive','director','manager','staff','student','',''])[1 + n * 53 %% 7],
    CASE WHEN n * 59 %% 10 < 3 THEN 'Renouveler la ligne' ELSE '' END,
    CASE WHEN n * 61 %% 10 < 4
        THEN (date_trunc('month', %(now)s::timestamptz) + n %% 18 * interval '1 month')::date END,
    '', (ARRAY['under_5k','5k_20k','20k_50k','','',''])[1 + n * 67 %% 6], '{}', '{}', '{}',
    (ARRAY['b2b','b2b','b2b','unknown','b2c'])[1 + n * 71 %% 5], 'indirect', 'seo', '', '', '', now()
FROM generate_series(1::bigint, %(leads)s) AS n;
"""
SIGNATURES = """
INSERT INTO leads_content (code, title, summary, type, band, phase, topics, personas, language, is_gated,
    url, is_active, created_at)
SELECT 'content-' || n, 'Content ' || n, '',
    (ARRAY['white_paper','ebook','guide','case_study','webinar','price_list'])[1 + mod(n, 6)], 'tofu', '',
    '{}', '{}', 'fr', true, '', true, now()
FROM generate_series(1, 40) AS n;

INSERT INTO leads_signature (kind_id, content_id, channel, property_mask)
SELECT kind.id, content.id, channel, 0
FROM leads_eventkind AS kind
CROSS JOIN unnest(ARRAY['', 'seo', 'newsletter']) AS channel
LEFT JOIN leads_content AS content ON kind.code IN ('content_downloaded', 'video_watched')
WHERE NOT kind.is_internal;
"""
# Half of all events are pages; the others spread over all signatures. In the order of time, as they arrive.
# Some leads do far more than others, whatever their id.
EVENTS = """
INSERT INTO leads_event (occurred_at, received_at, lead_id, signature_id, kind_id, content_id, source_id,
    channel, event_id)
SELECT at, at, 1 + (random() * random() * %(leads)s)::bigint * 7919 %% %(leads)s, one.id, one.kind_id,
    one.content_id, 100, one.channel, n::text
FROM (
    SELECT n, %(now)s::timestamptz - (%(events)s - n) * (interval '360 days' / %(events)s) AS at,
        CASE WHEN random() < 0.5 THEN 1 ELSE 1 + (random() * (%(signatures)s - 1))::int END AS place
    FROM generate_series(%(first)s, %(last)s) AS n
) AS made
JOIN (
    SELECT *, row_number() OVER (ORDER BY kind_id, id) AS place FROM leads_signature
) AS one USING (place)
ORDER BY n
"""
FLOOR = """
SELECT count(*), sum(events) FROM (
    SELECT lead_id, count(*) AS events, max(occurred_at)
    FROM leads_event WHERE signature_id <> 0 GROUP BY lead_id
) AS by_lead
"""
FLOOR_NAME = "floor: sequential scan and hash aggregate by lead"
FLOOR_PLAN = """
SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off;
SET LOCAL enable_sort = off; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '512MB'
"""
INDEX = """
CREATE INDEX leads_event_of_lead ON leads_event (lead_id, occurred_at) INCLUDE (signature_id)
    WHERE lead_id IS NOT NULL
"""


def main() -> None:
    """Build, measure, report."""
    leads, events = size("LEADS", 1_000_000), size("EVENTS", 20_000_000)
    now = datetime.now(UTC).replace(hour=11, minute=0, second=0, microsecond=0)
    with own_database("recompute"):
        build(leads, events, now)
        figures = measure(leads, events, now)
    report("recompute", figures, {"ratio": "<= 2", "peak_mb": "< 300"})


def build(leads: int, events: int, now: datetime) -> None:
    """Leads in companies, and a year of events in monthly partitions, in the order of time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        with timed(f"{leads:,} leads"):
            cursor.execute(LEADS, {"leads": leads, "companies": max(1, leads // 11), "now": now})
            cursor.execute(SIGNATURES)
        partition_by_month(cursor, now)
        cursor.execute("DROP INDEX leads_event_of_lead, leads_event_of_visitor")
        cursor.execute("SELECT count(*) FROM leads_signature")
        values = {"leads": leads, "events": events, "now": now, "signatures": cursor.fetchone()[0]}
        step = 1_000_000
        for first in range(1, events + 1, step):
            last = min(first + step - 1, events)
            with timed(f"events {first:,} to {last:,}"):
                cursor.execute(EVENTS, values | {"first": first, "last": last})
        with timed("index and vacuum"):
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute(INDEX)
            cursor.execute("VACUUM ANALYZE")


def partition_by_month(cursor: Any, now: datetime) -> None:
    """A year of monthly partitions, as after a year of running."""
    from leads.partitions import month_after

    months = [month_after(now.date().replace(day=1), -back) for back in range(MONTHS, -1, -1)]
    cursor.execute("DROP TABLE leads_event_history")
    bounds = [("MINVALUE", f"'{months[0]} 00:00+00'", "history")]
    bounds += [
        (f"'{month} 00:00+00'", f"'{month_after(month)} 00:00+00'", f"y{month:%Ym%m}")
        for month in months[:-1]
    ]
    for lower, upper, name in bounds:
        cursor.execute(
            f"CREATE TABLE leads_event_{name} PARTITION OF leads_event FOR VALUES FROM ({lower}) TO ({upper})"
        )


def measure(leads: int, events: int, now: datetime) -> dict[str, float | int]:
    """The first pass, the pass after publishing (the figure) between two floors, the night, small batches."""
    from scoring.models import ScoreChange

    publish_rules(0, now)
    first = Span("first pass, every row new", lambda: run(now))
    before = Span(FLOOR_NAME, read_floor)
    publish_rules(1, now)
    kept = ScoreChange.objects.count()
    published = Span("pass after publishing, every row written", lambda: run(now))
    kept = ScoreChange.objects.count() - kept
    after = Span(FLOOR_NAME, read_floor)
    night = Span("the night after", lambda: run(now + timedelta(days=1)))
    say(f"{published.result:,} rows and {kept:,} histories written; {night.result:,} rows by the night")
    floor, floor_cpu = (before.seconds + after.seconds) / 2, (before.cpu + after.cpu) / 2
    return {
        "ratio": round(published.seconds / floor, 2),
        "cpu_ratio": round(published.cpu / floor_cpu, 2) if floor_cpu else 0,
        "peak_mb": round(peak_mb(), 1),
        "seconds": round(published.seconds, 2),
        "floor_seconds": round(floor, 2),
        "first_seconds": round(first.seconds, 2),
        "nightly_seconds": round(night.seconds, 2),
        "batch_200_ms": batch_ms(leads, now + timedelta(days=1)),
        "leads": leads,
        "events": events,
        "rules": RULES,
        "processes": 1,
        "rows_written": published.result,
        "histories_written": kept,
    }


class Span:
    """One measured step: its result, its seconds, and the CPU seconds of this process and its backend."""

    def __init__(self, name: str, step: Callable[[], int]) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids = (os.getpid(), cursor.fetchone()[0])
        cpu = cpu_seconds(*pids)
        with timed(name) as seconds:
            self.result = step()
        self.seconds = seconds[0]
        self.cpu = cpu_seconds(*pids) - cpu


def publish_rules(shift: int, now: datetime) -> None:
    """The shipped B2B rules, cut to thirty; ``shift`` is added to the points of three of them."""
    from scoring.actions import make_draft, publish
    from scoring.actions.publishing import template

    document: Any = template("b2b_services")
    left = RULES
    for group in document["groups"]:
        group["rules"] = group["rules"][: min(left, 5 if left < RULES else 7)]
        left -= len(group["rules"])
        for rule in group["rules"]:
            rule["points"] += shift * (rule["code"] in {"executive", "pricing", "contact"})
    assert left == 0, json.dumps(left)
    publish(make_draft(document=document, by=None, now=now), by=None, now=now)


def run(now: datetime) -> int:
    """One pass over all leads; how many rows changed."""
    from scoring.actions import rescore_all

    changed = 0
    for number, progress in enumerate(rescore_all(now=now)):
        changed = progress.changed
        if number % 10 == 0:
            say(f"  {progress.leads:,} leads")
    return changed


def read_floor() -> int:
    """What reading and grouping the same events costs at least, by one process; how many leads have some."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FLOOR_PLAN)
        cursor.execute(FLOOR)
        return int(cursor.fetchone()[0])


def batch_ms(leads: int, now: datetime) -> float:
    """Rescoring 200 leads as the pipeline does, median of 30 batches in milliseconds."""
    from django.db import transaction

    from scoring.actions import rescore

    times = []
    for number in range(30):
        ids = [1 + (number * 7919 + step * 104_729) % leads for step in range(200)]
        start = time.perf_counter()
        with transaction.atomic():
            rescore(ids, now=now)
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 1)


if __name__ == "__main__":
    main()
