"""Keeping the running counts short."""

from __future__ import annotations

from django.db import connection, transaction

# Rows that another fold is just taking are left to it; the sum is the same at every instant.
_FOLD = """
WITH taken AS (
    DELETE FROM funnel_stagetally WHERE id = ANY(ARRAY(
        SELECT id FROM funnel_stagetally ORDER BY id LIMIT 100000 FOR UPDATE SKIP LOCKED
    )) RETURNING stage, situation, delta
)
INSERT INTO funnel_stagetally (stage, situation, delta)
SELECT stage, situation, sum(delta) FROM taken GROUP BY stage, situation HAVING sum(delta) <> 0
"""


@transaction.atomic
def fold_counts() -> None:
    """Replace the differences collected so far by their sums. Changes no count; run it now and then."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
