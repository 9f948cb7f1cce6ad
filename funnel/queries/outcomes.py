"""What became of the leads that were handed over, by the threshold that they would have passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from funnel.lock import HIGHEST, THRESHOLDS
from funnel.queries.room import HISTORY


@dataclass(frozen=True, slots=True)
class Outcomes:
    """By threshold: leads that became ready with at least so much engagement (or by a fast path), and how
    many of these became SAL, SQL and customer since, in the same cycle."""

    ready: list[int]
    sal: list[int]
    sql: list[int]
    customer: list[int]


_OUTCOMES = """
WITH ready AS (
    SELECT DISTINCT ON (lead_id, cycle) lead_id, cycle, engagement, cause
    FROM funnel_passage
    WHERE verb IN ('gate', 'ready') AND to_situation = 'ready' AND at > %(since)s AND at <= %(now)s
      AND NOT is_imported AND engagement IS NOT NULL
    ORDER BY lead_id, cycle, id
), went AS (
    SELECT CASE WHEN ready.cause <> '' THEN %(highest)s
                ELSE least(ready.engagement / 1000, %(highest)s) END AS reach,
        (SELECT array_agg(DISTINCT passage.to_stage) FROM funnel_passage AS passage
         WHERE passage.lead_id = ready.lead_id AND passage.cycle = ready.cycle AND passage.verb <> 'undo'
             AND NOT EXISTS (SELECT FROM funnel_passage AS undoing WHERE undoing.undoes_id = passage.id)
        ) AS stages
    FROM ready
)
SELECT reach, count(*), count(*) FILTER (WHERE 'sal' = ANY(stages)),
    count(*) FILTER (WHERE 'sql' = ANY(stages)), count(*) FILTER (WHERE 'customer' = ANY(stages))
FROM went GROUP BY reach
"""


def outcomes(*, now: datetime) -> Outcomes:
    """Of the leads that became ready in the last 26 weeks. What was not let through then is not known."""
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, {"since": now - HISTORY, "now": now, "highest": HIGHEST})
        rows = cursor.fetchall()
    return Outcomes(
        *([sum(row[column] for row in rows if row[0] >= one) for one in THRESHOLDS] for column in range(1, 5))
    )
