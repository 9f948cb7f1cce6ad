"""Which leads are these? Set-wise look-up by public id, reference or email."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from django.db import connection

Row = tuple[str, int, int | None]

# Follows merges to their end; an erased survivor is nobody.
_SURVIVORS = """
WITH RECURSIVE chain AS (
    SELECT id AS first, id, merged_into_id, erased_at FROM leads_lead WHERE id = ANY(%s)
    UNION ALL
    SELECT chain.first, next.id, next.merged_into_id, next.erased_at
    FROM chain JOIN leads_lead AS next ON next.id = chain.merged_into_id
)
SELECT first, id FROM chain WHERE merged_into_id IS NULL AND erased_at IS NULL
"""
# Text in, text out: making thousands of UUID objects costs more than finding the leads.
_FIND = {
    "public_id": "SELECT public_id::text, id, merged_into_id FROM leads_lead "
    "WHERE public_id = ANY(%s::uuid[]) AND erased_at IS NULL",
    "reference": "SELECT reference, id, merged_into_id FROM leads_lead "
    "WHERE reference = ANY(%s::text[]) AND erased_at IS NULL",
    "email": "SELECT email, id, merged_into_id FROM leads_lead "
    "WHERE email = ANY(%s::text[]) AND erased_at IS NULL",
}
# One look into the index for each: of a list as long as this PostgreSQL thinks that reading the whole table
# is cheaper, and pays four times as much for it.
_MANY = 30
_FIND_MANY = """
SELECT asked.name::text, found.id, found.merged_into_id
FROM unnest(%s::uuid[]) AS asked (name), LATERAL (
    SELECT id, merged_into_id FROM leads_lead WHERE public_id = asked.name AND erased_at IS NULL LIMIT 1
) AS found
"""


def find_leads(column: Literal["public_id", "reference", "email"], names: Iterable[str]) -> dict[str, int]:
    """The id of each lead that is there, by its name (public ids in lower case with hyphens, emails in their
    normal form); a merged one leads to the survivor."""
    rows = _rows(column, list(names))
    found = _living(rows)
    merged = {name: into for name, _number, into in rows if into is not None}
    return found | _survivors(merged) if merged else found


def find_living(public_ids: Iterable[str]) -> dict[str, int]:
    """The same by public id only, without those that were merged."""
    return _living(_rows("public_id", list(public_ids)))


def _living(rows: Iterable[Row]) -> dict[str, int]:
    return {name: number for name, number, into in rows if into is None}


def _rows(column: str, wanted: list[str]) -> list[Row]:
    """(name, id, whom it was merged into) of each lead that was not erased."""
    if not wanted:
        return []
    is_public_id = column == "public_id"
    statement = _FIND_MANY if is_public_id and len(wanted) >= _MANY else _FIND[column]
    with connection.cursor() as cursor:
        # As one literal, public ids are adapted a hundred times quicker than as a list.
        cursor.execute(statement, ["{" + ",".join(wanted) + "}" if is_public_id else wanted])
        return list(cursor.fetchall())


def _survivors(merged: Mapping[str, int]) -> dict[str, int]:
    """For each name, the lead at the end of its merges."""
    with connection.cursor() as cursor:
        cursor.execute(_SURVIVORS, [list(set(merged.values()))])
        ends = dict(cursor.fetchall())
    return {name: ends[into] for name, into in merged.items() if into in ends}
