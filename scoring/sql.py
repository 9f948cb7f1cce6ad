"""The statements that read rules and events for scoring. Text only: facts.py runs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg2 import sql

from leads.models import NOT_COUNTED
from scoring.engine.events import MINUTE_BITS, PLACE_BITS
from scoring.engine.program import SIGNATURE_BITS

Span = tuple[datetime | None, datetime]

# Locks of one transaction: many batches share them; publishing and whole blocks exclude them.
RULES_LOCK = 7_301
BLOCK_LOCK = 7_302
# One worker at a time lets leads go that publishing holds back.
HELD_LOCK = 7_303
# A block is a range of ids, so that every pass and every batch agree on what a block is.
BLOCK_BITS = PLACE_BITS
BLOCK_SIZE = 1 << BLOCK_BITS


def lock_live_rules() -> str:
    """Share the rules until the end of the transaction, then tell which ones are live.

    Row: rule set id, version, and a fingerprint of what else a compiled program depends on. Two statements:
    the second one sees what was committed while the first one waited.
    """
    return f"""
        SELECT pg_advisory_xact_lock_shared({RULES_LOCK}, 0);
        SELECT id, version, (
            SELECT hashtextextended(
                string_agg(concat_ws('|', id, code, type, band, phase, topics), ';' ORDER BY id), 0)
            FROM leads_content
        ), (
            SELECT hashtextextended(
                string_agg(concat_ws('|', id, code, band, is_intent, is_activity), ';' ORDER BY id), 0)
            FROM leads_eventkind
        )
        FROM scoring_ruleset WHERE status = 'live'
    """  # nosec B608: of constants


def share_blocks(lead_ids: Sequence[int]) -> tuple[str, list[int | list[int]]]:
    """Keep the blocks of these leads from being rescored as a whole until the end of the transaction."""
    blocks = sorted({lead_id >> BLOCK_BITS for lead_id in lead_ids})
    return (
        "SELECT pg_advisory_xact_lock_shared(%s, block) FROM unnest(%s::int[]) AS block",
        [BLOCK_LOCK, blocks],
    )


def in_block(column: str, block: int) -> sql.Composable:
    """Literals, not parameters: a bound that is not constant is evaluated for every row."""
    first = block << BLOCK_BITS
    return sql.SQL("{} BETWEEN {} AND {}").format(
        sql.SQL(column), sql.Literal(first), sql.Literal(first + BLOCK_SIZE - 1)
    )


# An event as one integer: place | signature | minute (engine/events.py). The place is what the shift leaves
# of the id. Ingest refuses what is older than 1990; should something be, it counts as of 1970.
_PACKED = (
    f"string_agg(int8send(({{place}} << {SIGNATURE_BITS} | event.signature_id) << {MINUTE_BITS} "
    "| floor(date_part('epoch', greatest(event.occurred_at, '1970-01-01Z'::timestamptz)) / 60)::bigint), "
    "''::bytea)"
)


def events_of(lead_ids: Sequence[int], *, within: Span) -> sql.Composable:
    """One value: the counted events of these leads, whose places are those in ``lead_ids``."""
    packed = _PACKED.format(place="(one.place - 1)")
    query = sql.SQL(
        f"SELECT {packed} FROM unnest({{}}::bigint[]) WITH ORDINALITY AS one(lead_id, place) "  # nosec B608: of constants
        f"JOIN leads_event AS event ON event.lead_id = one.lead_id "
        f"WHERE event.signature_id <> {NOT_COUNTED} AND "
    )
    return query.format(sql.Literal(list(lead_ids))) + _within(within)


def events_of_block(block: int, *, within: Span) -> sql.Composable:
    """One value: the counted events of a block; the place is what the id has below the block's number."""
    packed = _PACKED.format(place="event.lead_id")
    query = sql.SQL(
        f"SELECT {packed} FROM leads_event AS event WHERE event.signature_id <> {NOT_COUNTED} AND "  # nosec B608: of constants
    )
    return query + in_block("event.lead_id", block) + sql.SQL(" AND ") + _within(within)


def adjustments_of(condition: sql.Composable, today: date) -> sql.Composable:
    """One value: who of some leads was adjusted by hand, and by how much as of today (NULL: nobody).

    Each entry: the id (int8), then whole points of fit and of engagement (int4 each). ``condition`` is on
    ``one.lead_id``.
    """
    return sql.SQL(
        "SELECT string_agg(int8send(lead_id) || int4send(fit) || int4send(engagement), ''::bytea) FROM ("
        "SELECT one.lead_id, (coalesce(sum(one.points) FILTER (WHERE one.measure = 'fit'), 0))::int AS fit, "
        "(coalesce(sum(one.points) FILTER (WHERE one.measure = 'engagement'), 0))::int AS engagement "
        "FROM scoring_scoreadjustment AS one WHERE one.withdrawn_at IS NULL "
        "AND (one.expires_on IS NULL OR one.expires_on >= {}) AND {} GROUP BY one.lead_id) AS adjusted"
    ).format(sql.Literal(today.isoformat()), condition)


def _within(span: Span) -> sql.Composable:
    """Bounds as literals: the planner leaves out the partitions that lie outside."""
    since, until = span
    upper = sql.SQL("event.occurred_at < {}").format(sql.Literal(until.isoformat()))
    if since is None:
        return upper
    return upper + sql.SQL(" AND event.occurred_at >= {}").format(sql.Literal(since.isoformat()))


def span(days: int | None, today: date, zone: ZoneInfo) -> Span:
    """From the first instant whose events may still count (None: ever) to the day after tomorrow.

    ``days``: events this old and older count for nothing. Later events than tomorrow's cannot be: ingest
    clamps them to the time of receipt.
    """
    midnight = datetime.combine(today, time(), tzinfo=zone)
    since = (
        None if days is None or days >= (today - date(1970, 1, 2)).days else midnight - timedelta(days=days)
    )
    return since, midnight + timedelta(days=2)
