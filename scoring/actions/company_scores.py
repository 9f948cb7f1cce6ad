"""Keeping the scores of companies: set-wise, and only rows that change are written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from leads.models import Lead
from scoring.company_scores import ACTIVE_DAYS, MOST_ENGAGED
from scoring.engine.rules import FULL
from scoring.queries import live_matrix

# The same formula as scoring/company_scores.py, in one statement; a test holds them together.
_REFRESH = """
WITH person AS (
    SELECT lead.company_id, score.fit, score.engagement, score.temperature, lead.last_activity_at,
        row_number() OVER (PARTITION BY lead.company_id ORDER BY score.engagement DESC) AS place
    FROM leads_lead AS lead JOIN scoring_leadscore AS score ON score.lead_id = lead.id
    WHERE lead.company_id IS NOT NULL AND lead.merged_into_id IS NULL AND lead.erased_at IS NULL
        AND (%(companies)s::bigint[] IS NULL OR lead.company_id = ANY(%(companies)s::bigint[]))
), summed AS (
    SELECT company_id, max(fit) AS fit,
        least(%(full)s, sum(engagement) FILTER (WHERE place <= %(most)s))::int AS engagement,
        count(*)::int AS people, (count(*) FILTER (WHERE last_activity_at >= %(since)s))::int AS active,
        (count(*) FILTER (WHERE temperature = 'hot'))::int AS hot
    FROM person GROUP BY company_id
), fresh AS (
    SELECT summed.*,
        CASE WHEN fit >= %(a)s THEN 'A' WHEN fit >= %(b)s THEN 'B' WHEN fit >= %(c)s THEN 'C' ELSE 'D' END
            AS grade,
        CASE WHEN engagement >= %(one)s THEN 1 WHEN engagement >= %(two)s THEN 2
            WHEN engagement >= %(three)s THEN 3 ELSE 4 END AS level
    FROM summed
), gone AS (
    DELETE FROM scoring_companyscore AS old
    WHERE (%(companies)s::bigint[] IS NULL OR old.company_id = ANY(%(companies)s::bigint[]))
        AND NOT EXISTS (SELECT 1 FROM fresh WHERE fresh.company_id = old.company_id)
)
INSERT INTO scoring_companyscore AS old
    (company_id, fit, engagement, grade, level, people, active, hot, updated_at)
SELECT company_id, fit, engagement, grade, level, people, active, hot, %(now)s FROM fresh
ON CONFLICT (company_id) DO UPDATE SET fit = EXCLUDED.fit, engagement = EXCLUDED.engagement,
    grade = EXCLUDED.grade, level = EXCLUDED.level, people = EXCLUDED.people, active = EXCLUDED.active,
    hot = EXCLUDED.hot, updated_at = EXCLUDED.updated_at
WHERE (old.fit, old.engagement, old.grade, old.level, old.people, old.active, old.hot) IS DISTINCT FROM
    (EXCLUDED.fit, EXCLUDED.engagement, EXCLUDED.grade, EXCLUDED.level, EXCLUDED.people, EXCLUDED.active,
     EXCLUDED.hot)
"""


@transaction.atomic
def refresh_companies_of(lead_ids: Iterable[int], *, now: datetime) -> int:
    """Bring the scores of these leads' companies up to date; returns how many rows changed."""
    mine = Lead.objects.filter(pk__in=list(lead_ids)).exclude(company=None)
    companies = sorted(set(mine.order_by().values_list("company_id", flat=True)))
    return _refresh(companies, now) if companies else 0


@transaction.atomic
def refresh_all_companies(*, now: datetime) -> int:
    """All of them, and away with those where nobody is known any more: the night's pass."""
    return _refresh(None, now)


def _refresh(companies: list[int] | None, now: datetime) -> int:
    matrix = live_matrix()
    values = dict(zip("abc", matrix.fit, strict=True))
    values |= dict(zip(("one", "two", "three"), matrix.engagement, strict=True))
    given = {name: least * 1000 for name, least in values.items()} | {
        "companies": companies,
        "full": FULL,
        "most": MOST_ENGAGED,
        "since": now - timedelta(days=ACTIVE_DAYS),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, given)
        return int(cursor.rowcount)
