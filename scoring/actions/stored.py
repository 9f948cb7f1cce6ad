"""The stored scores of a block: written and remembered set-wise (packed by score_words.py)."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
from django.db import connection

from scoring import binary
from scoring.facts import STORED
from scoring.score_words import (
    COLUMNS,
    ENGAGEMENT,
    FIT,
    GRADE,
    LEVEL,
    Ints,
    Packed,
    unpacked_columns,
)
from scoring.sql import BLOCK_BITS, BLOCK_SIZE

_CHANGE = {
    "lead_id": ">i8", "fit": ">i4", "engagement": ">i4", "rules_version": ">i4", "level": ">i2",
    "grade": "S1", "at": ">i8",
}  # fmt: skip
_POSTGRES_EPOCH = 946_684_800  # 2000-01-01 UTC, from which PostgreSQL counts microseconds


def write_scores(block: int, lead_ids: Ints, scores: Packed, *, today: date, now: datetime) -> None:
    """Store these scores of a block: one COPY to a temporary table, one statement for each kind of row."""
    stamp = f"'{today}'::date, '{now.isoformat()}'::timestamptz"
    values = f"{unpacked_columns('new')}, {stamp}"
    columns = ", ".join((*COLUMNS, "as_of", "updated_at"))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS scoring_new "
            "(lead_id bigint, verdict bigint, rank bigint) ON COMMIT DELETE ROWS"
        )
        cursor.execute("TRUNCATE scoring_new")
        rows = {"lead_id": lead_ids, "verdict": scores.verdict, "rank": scores.rank}
        binary.copy_in(cursor, "scoring_new", STORED, rows, len(lead_ids))
        cursor.execute(
            f"UPDATE scoring_leadscore AS score SET ({columns}) = ROW({values}) "  # nosec B608: of constants
            f"FROM scoring_new AS new WHERE score.lead_id = new.lead_id AND {_in_block(block)}"
        )
        if cursor.rowcount < len(lead_ids):
            cursor.execute(
                f"INSERT INTO scoring_leadscore (lead_id, {columns}) "  # nosec B608: of constants
                f"SELECT new.lead_id, {values} FROM scoring_new AS new ON CONFLICT (lead_id) DO NOTHING"
            )


def _in_block(block: int) -> str:
    """Bounds, so that the planner does not read the whole table for one block."""
    first = block << BLOCK_BITS
    return f"score.lead_id BETWEEN {first} AND {first + BLOCK_SIZE - 1}"


def append_history(lead_ids: Ints, scores: Packed, cause: str, now: datetime) -> None:
    """Append these scores to the history."""
    if not len(lead_ids):
        return
    size = len(lead_ids)
    micros = int(now.timestamp()) * 1_000_000 + now.microsecond - _POSTGRES_EPOCH * 1_000_000
    grades = np.array([grade.encode() for grade in GRADE.words])
    values = {
        "lead_id": lead_ids,
        "fit": FIT.of(scores.verdict),
        "engagement": ENGAGEMENT.of(scores.verdict),
        "rules_version": scores.version,
        "level": LEVEL.of(scores.verdict),
        "grade": grades[GRADE.of(scores.verdict)],
        "at": np.full(size, micros),
        "cause": np.full(size, cause.encode()),
    }
    with connection.cursor() as cursor:
        binary.copy_in(cursor, "scoring_scorechange", _CHANGE | {"cause": f"S{len(cause)}"}, values, size)
