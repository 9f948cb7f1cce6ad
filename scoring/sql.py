"""The statements that read leads and events for scoring. Text and parameters only: facts.py runs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg2 import sql

from leads.models import NOT_COUNTED
from scoring.engine.fields import CUSTOM, FieldType, field_type
from scoring.engine.kernel import EPOCH_BITS, EPOCH_MASK

Params = list[int | list[int]]

# Locks of one transaction: many batches share them; publishing and whole blocks exclude them.
RULES_LOCK = 7_301
BLOCK_LOCK = 7_302
# A block is a range of ids, so that every pass and every batch agree on what a block is.
BLOCK_BITS = 14
BLOCK_SIZE = 1 << BLOCK_BITS

_PRESENCE = {
    "email": "lead.email IS NOT NULL",
    "phone": "lead.phone IS NOT NULL",
    "social": "lead.social <> '{}'::jsonb",
    "company": "lead.company_id IS NOT NULL",
    "company.domain": "company.domain IS NOT NULL",
}
_OTHER = {
    "is_reachable": "(lead.email IS NOT NULL OR lead.phone IS NOT NULL)",
    "lists": (
        "ARRAY(SELECT list.code FROM leads_listmembership AS member JOIN leads_list AS list ON list.id = "
        "member.list_id WHERE member.lead_id = lead.id AND member.left_at IS NULL ORDER BY list.code)"
    ),
}


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
    """  # two constants


def share_blocks(lead_ids: Sequence[int]) -> tuple[str, Params]:
    """Keep the blocks of these leads from being rescored as a whole until the end of the transaction."""
    blocks = sorted({lead_id >> BLOCK_BITS for lead_id in lead_ids})
    return (
        "SELECT pg_advisory_xact_lock_shared(%s, block) FROM unnest(%s::int[]) AS block",
        [BLOCK_LOCK, blocks],
    )


def profile(fields: Sequence[str]) -> sql.Composable:
    """A JSON array of these fields as text, in a query on ``lead`` and ``company``."""
    values = sql.SQL(", ").join(_expression(name) for name in fields)
    return sql.SQL("json_build_array({})::text").format(values)


def _expression(name: str) -> sql.Composable:
    """One field of the profile as the engine knows it (scoring/engine/fields.py)."""
    if name.startswith(CUSTOM):
        return sql.SQL("lead.custom->{}").format(sql.Literal(name.removeprefix(CUSTOM)))
    if name in _OTHER:
        return sql.SQL(_OTHER[name])
    column = name if name.startswith("company.") else f"lead.{name}"
    if field_type(name) is FieldType.PRESENCE:
        # What identifies a person stays in the database: rules see whether it is known.
        return sql.SQL("NULLIF({}, false)").format(sql.SQL(_PRESENCE.get(name, f"{column} <> ''")))
    return sql.SQL(column)


PROFILES = """
    SELECT lead.id, {profile} FROM leads_lead AS lead
    LEFT JOIN leads_company AS company ON company.id = lead.company_id
    WHERE {which} AND lead.merged_into_id IS NULL AND lead.erased_at IS NULL
    ORDER BY lead.id
"""


def profiles_of(lead_ids: Sequence[int], fields: Sequence[str]) -> tuple[sql.Composable, Params]:
    """Rows (lead id, profile) of the leads that are there, by id."""
    query = sql.SQL(PROFILES).format(profile=profile(fields), which=sql.SQL("lead.id = ANY(%s)"))
    return query, [list(lead_ids)]


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


def _packed(lead: str, signature_bits: int) -> str:
    """position | signature | second as 8 bytes; signatures beyond the width become the last one."""
    last = (1 << signature_bits) - 1
    return (
        f"int8send((({lead})::bigint << {EPOCH_BITS + signature_bits})"
        f" | (least(event.signature_id, {last})::bigint << {EPOCH_BITS})"
        f" | least(greatest(floor(date_part('epoch', event.occurred_at))::bigint, 0), {EPOCH_MASK}))"
    )


def events_of(
    lead_ids: Sequence[int], *, signature_bits: int, since: datetime | None
) -> tuple[sql.Composable, Params]:
    """One value: the counted events of these leads, packed with the lead's position in ``lead_ids``."""
    query = sql.SQL(
        f"SELECT string_agg({_packed('place - 1', signature_bits)}, ''::bytea) "
        f"FROM unnest(%s::bigint[]) WITH ORDINALITY AS one(lead_id, place) "
        f"JOIN leads_event AS event ON event.lead_id = one.lead_id "
        f"WHERE event.signature_id <> {NOT_COUNTED} AND "
    )
    return query + _since(since), [list(lead_ids)]


def events_of_block(block: int, *, signature_bits: int, since: datetime | None) -> sql.Composable:
    """One value: the counted events of a block, packed with the lead's place in the block."""
    place = f"event.lead_id & {BLOCK_SIZE - 1}"
    query = sql.SQL(
        f"SELECT string_agg({_packed(place, signature_bits)}, ''::bytea) "
        f"FROM leads_event AS event WHERE event.signature_id <> {NOT_COUNTED} AND "
    )
    return query + in_block("event.lead_id", block) + sql.SQL(" AND ") + _since(since)


def _since(moment: datetime | None) -> sql.Composable:
    if moment is None:
        return sql.SQL("true")
    return sql.SQL("event.occurred_at >= {}").format(sql.Literal(moment.isoformat()))


def horizon(days: int | None, today: date, zone: ZoneInfo) -> datetime | None:
    """The first instant whose events may still count; None when all may."""
    if days is None or days >= (today - date(1970, 1, 2)).days:
        return None
    return datetime.combine(today - timedelta(days=days), time(), tzinfo=zone)
