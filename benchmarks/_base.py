"""A base to score: leads in companies, a year of events, and the floor that scoring is measured against.

The floor is what reading and grouping the same events costs at least: a sequential scan and a hash aggregate
by lead, in the same run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from benchmarks._rules import ANSWERED, thirty_rules
from benchmarks.harness import cpu_seconds, say, timed

MONTHS = 12

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
INSERT INTO leads_signature (kind_id, content_id, channel, property_mask)
SELECT kind.id, content.id, channel, answered.mask
FROM leads_eventkind AS kind
CROSS JOIN unnest(ARRAY['', 'seo', 'newsletter']) AS channel
LEFT JOIN leads_content AS content ON kind.code IN ('content_downloaded', 'video_watched')
JOIN unnest(%(kinds)s, %(masks)s) AS answered(kind, mask) ON mask = 0 OR kind.code = answered.kind
WHERE NOT kind.is_internal;
"""
# Half of all events are pages, half of those deep visits; the others spread over all signatures. In the order
# of time, as they arrive. Some leads do far more than others, whatever their id.
EVENTS = """
INSERT INTO leads_event (occurred_at, received_at, lead_id, signature_id, kind_id, content_id, source_id,
    channel, event_id, properties)
SELECT at, at, 1 + (random() * random() * %(leads)s)::bigint * 7919 %% %(leads)s, one.id, one.kind_id,
    one.content_id, 100, one.channel, n::text, one.properties
FROM (
    SELECT n, %(now)s::timestamptz - (%(events)s - n) * (interval '360 days' / %(events)s) AS at,
        1 + (random() * ((CASE WHEN random() < 0.5 THEN %(pages)s ELSE %(signatures)s END) - 1))::int AS place
    FROM generate_series(%(first)s, %(last)s) AS n
) AS made
JOIN (
    SELECT signature.*, coalesce(answered.properties, '{}'::jsonb) AS properties,
        row_number() OVER (ORDER BY kind_id, signature.id) AS place
    FROM leads_signature AS signature
    LEFT JOIN unnest(%(masks)s::bigint[], %(properties)s::jsonb[]) AS answered(mask, properties)
        ON answered.mask = signature.property_mask AND mask <> 0
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
SET LOCAL enable_sort = off; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '512MB';
SET LOCAL statement_timeout = 0
"""
INDEX = """
CREATE INDEX leads_event_of_lead ON leads_event (lead_id, occurred_at) INCLUDE (signature_id)
    WHERE lead_id IS NOT NULL
"""


def build(leads: int, events: int, now: datetime) -> None:
    """The thirty rules, leads in companies, a year of events in monthly partitions in the order of time."""
    from django.db import connection

    publish_rules(0, now)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        with timed(f"{leads:,} leads"):
            cursor.execute(LEADS, {"leads": leads, "companies": max(1, leads // 11), "now": now})
        partition_by_month(cursor, now)
        cursor.execute("DROP INDEX leads_event_of_lead, leads_event_of_visitor")
        _insert_events(
            cursor, {"leads": leads, "events": events, "now": now, **_make_signatures(cursor, now)}
        )
        with timed("index and vacuum"):
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute(INDEX)
            cursor.execute("VACUUM ANALYZE")


def publish_rules(shift: int, now: datetime) -> None:
    """Make the thirty rules live, three of them with ``shift`` points more."""
    from scoring.actions import make_draft, publish

    publish(make_draft(document=thirty_rules(shift), by=None, now=now), by=None, now=now)


def _make_signatures(cursor: Any, now: datetime) -> dict[str, Any]:
    """Every kind of event in three channels, with and without what rules ask of its properties."""
    from leads.models import Content
    from leads.signatures import predicates

    types = ["white_paper", "ebook", "guide", "case_study", "webinar", "price_list"]
    Content.objects.bulk_create(
        Content(code=f"content-{n}", title=f"Content {n}", type=types[n % 6], band="tofu", created_at=now)
        for n in range(40)
    )
    kind_of = {question["path"]: (kind, properties) for kind, (question, properties) in ANSWERED.items()}
    answered = [(1 << one.bit, *kind_of[one.path]) for one in predicates()]
    masks, kinds, properties = map(list, zip((0, "", {}), *answered, strict=True))
    cursor.execute(SIGNATURES, {"kinds": kinds, "masks": masks})
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE code = 'page_viewed') "
        "FROM leads_signature JOIN leads_eventkind AS kind ON kind.id = kind_id"
    )
    signatures, pages = cursor.fetchone()
    texts = [json.dumps(one) for one in properties]
    return {"signatures": signatures, "pages": pages, "masks": masks, "properties": texts}


def _insert_events(cursor: Any, values: dict[str, Any]) -> None:
    step = 1_000_000
    for first in range(1, values["events"] + 1, step):
        last = min(first + step - 1, values["events"])
        with timed(f"events {first:,} to {last:,}"):
            cursor.execute(EVENTS, values | {"first": first, "last": last})


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


def read_floor() -> int:
    """What reading and grouping the same events costs at least, by one process; how many leads have some."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FLOOR_PLAN)
        cursor.execute(FLOOR)
        return int(cursor.fetchone()[0])


@contextmanager
def between_floors() -> Iterator[Floor]:
    """The floor measured before and after what is measured: a busy machine slows all three down."""
    floor = Floor(Span(FLOOR_NAME, read_floor))
    yield floor
    floor.after = Span(FLOOR_NAME, read_floor)


class Floor:
    """The mean of the two measurements."""

    def __init__(self, before: Span) -> None:
        self.before = self.after = before

    def ratios(self, span: Span) -> dict[str, float]:
        """How many times the floor a step took, by the clock and by CPU."""
        cpu = self.before.cpu + self.after.cpu
        return {
            "ratio": round(span.seconds / self.seconds, 2),
            "cpu_ratio": round(2 * span.cpu / cpu, 2) if cpu else 0,
            "floor_seconds": round(self.seconds, 2),
        }

    @property
    def seconds(self) -> float:
        """By the clock."""
        return (self.before.seconds + self.after.seconds) / 2


def rescore_everybody(now: datetime) -> int:
    """One pass over all leads; how many rows changed."""
    from scoring.actions import rescore_all

    changed = 0
    for number, progress in enumerate(rescore_all(now=now)):
        changed = progress.changed
        if number % 10 == 0:
            say(f"  {progress.leads:,} leads")
    return changed


def wrongly_scored(now: datetime, sample: int = 40) -> int:
    """How many of some leads have another score than their explanation says: none, if all is well."""
    from scoring.models import LeadScore
    from scoring.queries import explain

    scores = LeadScore.objects.select_related("lead").order_by("-updated_at", "-lead_id")[:sample]
    explained = [(score, explain(score.lead, now=now).outcome) for score in scores]
    return sum(
        (score.fit, score.engagement, score.priority, score.ready_gate)
        != (outcome.fit, outcome.engagement, outcome.priority, outcome.ready_gate)
        for score, outcome in explained
    )


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
