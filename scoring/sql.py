"""The statements that read leads and events for scoring. Text and parameters only: facts.py runs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg2 import sql

from leads.models import NOT_COUNTED
from scoring.engine.fields import CUSTOM, FieldType, field_type
from scoring.engine.profiles import FIELD_SEPARATOR, ITEM_SEPARATOR, Layout

Params = list[int | list[int]]
Span = tuple[datetime | None, datetime]

# Locks of one transaction: many batches share them; publishing and whole blocks exclude them.
RULES_LOCK = 7_301
BLOCK_LOCK = 7_302
# A block is a range of ids, so that every pass and every batch agree on what a block is.
BLOCK_BITS = 14
BLOCK_SIZE = 1 << BLOCK_BITS

_CONDITIONS = {
    "email": "lead.email IS NOT NULL",
    "phone": "lead.phone IS NOT NULL",
    "social": "lead.social <> '{}'::jsonb",
    "company": "lead.company_id IS NOT NULL",
    "company.domain": "company.domain IS NOT NULL",
    "is_reachable": "(lead.email IS NOT NULL OR lead.phone IS NOT NULL)",
}
_LISTS = (
    "ARRAY(SELECT list.code FROM leads_listmembership AS member JOIN leads_list AS list ON list.id = "
    "member.list_id WHERE member.lead_id = lead.id AND member.left_at IS NULL ORDER BY list.code)"
)
# People wrote these themselves: nothing in them may look like a separator.
_FREE_TEXT = frozenset({"department", "job_title", "landing_page", "region", "company.region"})


def lock_live_rules() -> str:
    """Share the rules until the end of the transaction, then tell which ones are live.

    Row: rule set id, version, and a fingerprint of what else a compiled program depends on. Two statements:
    the second one sees what was committed while the first one waited.
    """
    return f"""
        SELECT pg_advisory_xact_lock_shared({RULES_LOCK}, 0);
        SELECT id, version, (
            SELECT hashtextextended(
                string_agg(concat_ws('|', id, code, type, band, topics), ';' ORDER BY id), 0)
            FROM leads_content
        ), (
            SELECT hashtextextended(
                string_agg(concat_ws('|', id, code, band, is_intent, is_activity), ';' ORDER BY id), 0)
            FROM leads_eventkind
        )
        FROM scoring_ruleset WHERE status = 'live'
    """  # nosec B608: of constants


def share_blocks(lead_ids: Sequence[int]) -> tuple[str, Params]:
    """Keep the blocks of these leads from being rescored as a whole until the end of the transaction."""
    blocks = sorted({lead_id >> BLOCK_BITS for lead_id in lead_ids})
    return (
        "SELECT pg_advisory_xact_lock_shared(%s, block) FROM unnest(%s::int[]) AS block",
        [BLOCK_LOCK, blocks],
    )


def profile(fields: Sequence[str]) -> sql.Composable:
    """These fields as one text (engine/profiles.py reads it), in a query on ``lead`` and ``company``.

    Three times as quick as an array of JSON. What identifies a person stays in the database: rules see
    whether it is known.
    """
    layout = Layout(fields)
    known = [
        sql.SQL("CASE WHEN {} THEN {} ELSE 0 END").format(sql.SQL(_condition(name)), sql.Literal(1 << bit))
        for bit, name in enumerate(layout.presences)
    ]
    values = [sql.SQL(" + ").join([sql.Literal(0), *known]), *map(_expression, layout.others)]
    return sql.SQL("concat_ws({})").format(sql.SQL(", ").join([sql.Literal(FIELD_SEPARATOR), *values]))


def _condition(name: str) -> str:
    column = name if name.startswith("company.") else f"lead.{name}"
    return _CONDITIONS.get(name, f"{column} <> ''")


def _expression(name: str) -> sql.Composable:
    """One field, never NULL: concat_ws would leave it out."""
    column = name if name.startswith("company.") else f"lead.{name}"
    match field_type(name):
        case FieldType.CUSTOM:
            key = sql.Literal(name.removeprefix(CUSTOM))
            return sql.SQL("coalesce((lead.custom->{})::text, '')").format(key)
        case FieldType.LIST:
            values = _LISTS if name == "lists" else column
            return sql.SQL("array_to_string({}, {})").format(sql.SQL(values), sql.Literal(ITEM_SEPARATOR))
        case FieldType.FLAG:
            return sql.SQL(_CONDITIONS.get(name, column))
    text = f"translate({column}, E'\\n\\x1e\\x1f', '   ')" if name in _FREE_TEXT else f"{column}::text"
    return sql.SQL("coalesce({}, '')").format(sql.SQL(text))


PROFILES = """
    SELECT lead.id, {profile} FROM leads_lead AS lead
    LEFT JOIN leads_company AS company ON company.id = lead.company_id
    WHERE {which} AND lead.merged_into_id IS NULL AND lead.erased_at IS NULL
"""


def profiles_of(lead_ids: Sequence[int], fields: Sequence[str]) -> tuple[sql.Composable, Params]:
    """Rows (lead id, profile) of those leads that are there, in the order of their ids."""
    query = sql.SQL(PROFILES).format(profile=profile(fields), which=sql.SQL("lead.id = ANY(%s)"))
    return query + sql.SQL(" ORDER BY lead.id"), [list(lead_ids)]


def profiles_of_block(block: int, fields: Sequence[str]) -> sql.Composable:
    """The same for a whole block, as one row of two values: int8 ids and newline-separated profiles."""
    rows = sql.SQL(PROFILES).format(profile=profile(fields), which=in_block("lead.id", block))
    return sql.SQL(
        "SELECT string_agg(int8send(id), ''::bytea), string_agg(profile, E'\\n') "
        "FROM ({}) AS one(id, profile)"
    ).format(rows)


def in_block(column: str, block: int) -> sql.Composable:
    """Literals, not parameters: a bound that is not constant is evaluated for every row."""
    first = block << BLOCK_BITS
    return sql.SQL("{} BETWEEN {} AND {}").format(
        sql.SQL(column), sql.Literal(first), sql.Literal(first + BLOCK_SIZE - 1)
    )


def _columns(lead: str) -> str:
    """Two values in step: lead << 32 | signature, and microseconds since 2000, 8 bytes an event each.

    Plain sends are what PostgreSQL does fastest: an epoch out of a timestamp costs more than the scan.
    """
    return (
        f"string_agg(int8send((({lead})::bigint << 32) | event.signature_id), ''::bytea), "
        f"string_agg(timestamptz_send(event.occurred_at), ''::bytea)"
    )


def events_of(lead_ids: Sequence[int], *, within: Span) -> tuple[sql.Composable, Params]:
    """One row: the counted events of these leads, the lead as its place in ``lead_ids``."""
    query = sql.SQL(
        f"SELECT {_columns('place - 1')} "  # nosec B608
        f"FROM unnest(%s::bigint[]) WITH ORDINALITY AS one(lead_id, place) "
        f"JOIN leads_event AS event ON event.lead_id = one.lead_id "
        f"WHERE event.signature_id <> {NOT_COUNTED} AND "
    )
    return query + _within(within), [list(lead_ids)]


def events_of_block(block: int, *, within: Span) -> sql.Composable:
    """One row: the counted events of a block, the lead as its place in the block."""
    query = sql.SQL(
        f"SELECT {_columns(f'event.lead_id & {BLOCK_SIZE - 1}')} "  # nosec B608
        f"FROM leads_event AS event WHERE event.signature_id <> {NOT_COUNTED} AND "
    )
    return query + in_block("event.lead_id", block) + sql.SQL(" AND ") + _within(within)


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
