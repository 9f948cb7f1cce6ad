"""The statement that reads profiles for scoring: each field as a small code, packed into integers.

The codes are those of engine/profiles.py. What a person wrote or is called stays in the database: rules see
which of the values that they name a field holds, or whether it is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from psycopg2 import sql

from scoring.engine.fields import CONSENT, CUSTOM, FieldType
from scoring.engine.profiles import Column, Layout, month_ahead

_PRESENT = {
    "email": "lead.email IS NOT NULL",
    "phone": "lead.phone IS NOT NULL",
    "social": "lead.social <> '{}'::jsonb",
    "company": "lead.company_id IS NOT NULL",
    "company.domain": "company.domain IS NOT NULL",
    "is_reachable": "(lead.email IS NOT NULL OR lead.phone IS NOT NULL)",
}
_LISTS = (
    "SELECT FROM leads_listmembership AS member JOIN leads_list AS list ON list.id = member.list_id "
    "WHERE member.lead_id = lead.id AND member.left_at IS NULL"
)


def profiles(layout: Layout, today: date) -> sql.Composable:
    """One row about leads that are there, to be narrowed to some by a condition on ``lead`` at its end.

    Its values: the ids (int8), the layout's words (int8), then its custom fields, a line of JSON each lead.
    """
    values: list[sql.Composable] = [sql.SQL("string_agg(int8send(lead.id), ''::bytea)")]
    values += [
        sql.SQL("string_agg(int8send({}), ''::bytea)").format(_word(layout, word, today))
        for word in range(layout.words)
    ]
    values += [
        sql.SQL("string_agg(coalesce((lead.custom->{})::text, ''), E'\\n')").format(
            sql.Literal(name.removeprefix(CUSTOM))
        )
        for name in layout.texts
    ]
    return sql.SQL(
        "SELECT {} FROM leads_lead AS lead "
        "LEFT JOIN leads_company AS company ON company.id = lead.company_id "
        "WHERE lead.merged_into_id IS NULL AND lead.erased_at IS NULL AND "
    ).format(sql.SQL(", ").join(values))


def _word(layout: Layout, number: int, today: date) -> sql.Composable:
    codes = [_code(column, bit, today) for column, (word, bit) in layout.places.items() if word == number]
    return sql.SQL(" + ").join([sql.SQL("0::bigint"), *codes])


def _code(column: Column, bit: int, today: date) -> sql.Composable:
    """The code of a field, already shifted to its place in the word."""
    match column.type:
        case FieldType.TEXT:
            return _text(column, bit)
        case FieldType.MONTH:
            return _month(column, bit, today)
        case FieldType.LIST:
            condition = _list(column)
        case _:
            name = _name(column.field)
            flag = name if column.type is FieldType.FLAG else f"{name} <> ''"
            condition = sql.SQL(_PRESENT.get(column.field, flag))
    return _cases([(condition, 1)], bit)


def _text(column: Column, bit: int) -> sql.Composable:
    if column.field.startswith(CONSENT):
        return _consent(column, bit)
    name = sql.SQL(_name(column.field))
    named = [
        (sql.SQL("{} = {}").format(name, sql.Literal(value)), code)
        for code, value in enumerate(column.named, start=1)
    ]
    return _cases([*named, (sql.SQL("{} <> ''").format(name), len(column.named) + 1)], bit)


# The last word on the purpose, whatever the channel.
_LAST_WORD = (
    "(SELECT CASE one.state WHEN 'granted' THEN 'given' ELSE 'withdrawn' END FROM leads_consentevent AS one "
    "WHERE one.lead_id = lead.id AND one.purpose = {} ORDER BY one.at DESC, one.id DESC LIMIT 1)"
)


def _consent(column: Column, bit: int) -> sql.Composable:
    """Looked up once a lead, whatever the number of values that rules name."""
    word = sql.SQL(_LAST_WORD).format(sql.Literal(column.field.removeprefix(CONSENT)))
    other = sql.Literal((len(column.named) + 1) << bit)
    whens = [
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(value), sql.Literal(code << bit))
        for code, value in enumerate(column.named, start=1)
    ]
    if not whens:
        return other
    return sql.SQL("CASE coalesce({}, 'unknown') {} ELSE {} END").format(
        word, sql.SQL(" ").join(whens), other
    )


def _month(column: Column, bit: int, today: date) -> sql.Composable:
    name = sql.SQL(_name(column.field))
    limits = [month_ahead(today, int(months) + 1) for months in (-1, *column.named)]
    before = [
        (sql.SQL("{} < {}").format(name, sql.Literal(limit)), code)
        for code, limit in enumerate(limits, start=1)
    ]
    return _cases([*before, (sql.SQL("{} IS NOT NULL").format(name), len(limits) + 1)], bit)


def _list(column: Column) -> sql.Composable:
    items = sql.Literal([str(item) for item in column.named])
    if column.field == "lists":
        named = sql.SQL(" AND list.code = ANY({})").format(items) if column.named else sql.SQL("")
        return sql.SQL("EXISTS ({}{})").format(sql.SQL(_LISTS), named)
    name = sql.SQL(_name(column.field))
    if not column.named:
        return sql.SQL("{} <> '{{}}'").format(name)
    return sql.SQL("{} && {}::varchar[]").format(name, items)


def _cases(cases: Sequence[tuple[sql.Composable, int]], bit: int) -> sql.Composable:
    """The code of the first case that holds, else 0."""
    whens = [
        sql.SQL("WHEN {} THEN {}").format(condition, sql.Literal(code << bit)) for condition, code in cases
    ]
    return sql.SQL("CASE {} ELSE 0 END").format(sql.SQL(" ").join(whens))


def _name(field: str) -> str:
    return field if field.startswith("company.") else f"lead.{field}"
