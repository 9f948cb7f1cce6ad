"""Changing the rows of two leads so that everything can be put back exactly: what merging is written with.

A journal holds what was done, in order, as plain values that a Merge keeps: rows that were moved to another
owner, set aside (kept whole), changed, or added. ``undo`` plays it backwards and tells what it had to leave
alone because somebody changed it since. Call both with the owners' rows locked, in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pgtrigger
from django.apps import apps
from django.db import connection, models
from django.db.models import Model as DjangoModel
from psycopg2.sql import SQL, Composable, Identifier

Entry = dict[str, Any]
Row = dict[str, Any]


@dataclass(slots=True)
class Journal:
    """What was done so far; ``entries`` is what is stored."""

    entries: list[Entry] = field(default_factory=list)

    def move(self, model: type[DjangoModel], key: str, *, old: int, new: int) -> list[int | str]:
        """Give the rows of owner ``old`` to ``new``; their ids. What a unique key forbids stays behind."""
        statement = SQL(
            "UPDATE {table} AS one SET {key} = %(new)s WHERE {key} = %(old)s{free} RETURNING {pk}"
        ).format(free=_nobody_in_the_way(model, key), **_names(model, key))
        moved = [_plain(found[0]) for found in _run(statement, {"old": old, "new": new})]
        if moved:
            self.entries.append(
                {"did": "moved", "model": _label(model), "key": key, "old": old, "new": new, "pks": moved}
            )
        return moved

    def set_aside(self, model: type[DjangoModel], key: str, *, owner: int) -> list[Row]:
        """Take the owner's rows out of the table and keep them whole."""
        statement = SQL(
            "DELETE FROM {table} AS one WHERE {key} = %(owner)s RETURNING to_jsonb(one)::text"
        ).format(**_names(model, key))
        rows = [json.loads(found[0]) for found in _run(statement, {"owner": owner})]
        if rows:
            self.entries.append({"did": "set_aside", "model": _label(model), "rows": rows})
        return rows

    def change(self, model: type[DjangoModel], pk: int, values: Mapping[str, object]) -> None:
        """Give columns of one row other values; each is put back as long as nobody changed it since."""
        with self.watch(model, pk):
            _write(model, pk, values)

    @contextmanager
    def watch(self, model: type[DjangoModel], pk: int) -> Iterator[None]:
        """Remember what is done to one row inside by whatever means."""
        before = read_row(model, pk)
        yield
        after = read_row(model, pk)
        columns = [name for name in before if before[name] != after[name]]
        if columns:
            self.entries.append(
                {
                    "did": "changed",
                    "model": _label(model),
                    "pk": pk,
                    "old": {name: before[name] for name in columns},
                    "new": {name: after[name] for name in columns},
                }
            )

    def mark(self, model: type[DjangoModel], column: str, value: int, key: str, *, owner: int) -> None:
        """Set a column of the owner's rows that was empty so far."""
        statement = SQL(
            "UPDATE {table} AS one SET {column} = %(value)s WHERE {key} = %(owner)s AND {column} IS NULL"
            " RETURNING {pk}"
        ).format(column=Identifier(column), **_names(model, key))
        marked = [found[0] for found in _run(statement, {"value": value, "owner": owner})]
        if marked:
            self.entries.append({"did": "marked", "model": _label(model), "column": column, "pks": marked})

    def shift(self, model: type[DjangoModel], column: str, pks: Sequence[int], by: int) -> None:
        """Add ``by`` to a number of each row. Highest first, so that no two rows ever share a number."""
        _shift(model, column, pks, by)
        if pks and by:
            self.entries.append(
                {"did": "shifted", "model": _label(model), "column": column, "pks": list(pks), "by": by}
            )

    def added(self, model: type[DjangoModel], pks: Collection[int]) -> None:
        """Remember rows that only exist because of the merge."""
        if pks:
            self.entries.append({"did": "added", "model": _label(model), "pks": list(pks)})

    @contextmanager
    def together(self, model: type[DjangoModel], pk: int, columns: Sequence[str]) -> Iterator[None]:
        """What is done inside is undone only while ``columns`` of that row are as they are at its end."""
        outer, self.entries = self.entries, []
        try:
            yield
            now = read_row(model, pk)
            if self.entries:
                outer.append(
                    {
                        "did": "together",
                        "model": _label(model),
                        "pk": pk,
                        "while": {name: now[name] for name in columns},
                        "entries": self.entries,
                    }
                )
        finally:
            self.entries = outer


@dataclass(frozen=True, slots=True)
class Left:
    """What undoing had to leave as it is: the model's label and how many rows, or which columns of one."""

    model: str
    rows: int = 0
    columns: tuple[str, ...] = ()


def undo(entries: Sequence[Entry]) -> list[Left]:
    """Put everything back, last first; what could not be is left as somebody made it since."""
    left: list[Left] = []
    for entry in reversed(entries):
        left += _UNDO[entry["did"]](entry)
    return left


def _undo_moved(entry: Entry) -> list[Left]:
    model = _model(entry)
    statement = SQL(
        "UPDATE {table} AS one SET {key} = %(old)s WHERE {key} = %(new)s AND {pk} = ANY({pks}) RETURNING {pk}"
    ).format(**_names(model, entry["key"]))
    back = _run(statement, {name: entry[name] for name in ("old", "new", "pks")})
    return _left(entry, len(entry["pks"]) - len(back))


def _undo_set_aside(entry: Entry) -> list[Left]:
    model = _model(entry)
    statement = SQL(
        "INSERT INTO {table} ({columns})"
        " SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %(rows)s::jsonb)"
        " ON CONFLICT DO NOTHING RETURNING 1"
    ).format(columns=_stored_columns(model), **_names(model))
    back = _run(statement, {"rows": json.dumps(entry["rows"])})
    return _left(entry, len(entry["rows"]) - len(back))


def _undo_changed(entry: Entry) -> list[Left]:
    model, now = _model(entry), read_row(_model(entry), entry["pk"])
    touched = [name for name, value in entry["new"].items() if now.get(name) != value]
    if not now:
        touched = list(entry["new"])
    back = {name: value for name, value in entry["old"].items() if name not in touched}
    _write(model, entry["pk"], back)
    return [Left(entry["model"], columns=tuple(touched))] if touched else []


def _undo_marked(entry: Entry) -> list[Left]:
    statement = SQL("UPDATE {table} AS one SET {column} = NULL WHERE {pk} = ANY({pks}) RETURNING 1").format(
        column=Identifier(entry["column"]), **_names(_model(entry))
    )
    _run(statement, {"pks": entry["pks"]})
    return []


def _undo_shifted(entry: Entry) -> list[Left]:
    _shift(_model(entry), entry["column"], entry["pks"], -entry["by"])
    return []


def _undo_added(entry: Entry) -> list[Left]:
    statement = SQL("DELETE FROM {table} AS one WHERE {pk} = ANY({pks}) RETURNING 1").format(
        **_names(_model(entry))
    )
    _run(statement, {"pks": entry["pks"]})
    return []


def _undo_together(entry: Entry) -> list[Left]:
    now = read_row(_model(entry), entry["pk"])
    if any(now.get(name) != value for name, value in entry["while"].items()):
        return [Left(entry["model"], columns=tuple(entry["while"]))]
    return undo(entry["entries"])


_UNDO = {
    "moved": _undo_moved,
    "set_aside": _undo_set_aside,
    "changed": _undo_changed,
    "marked": _undo_marked,
    "shifted": _undo_shifted,
    "added": _undo_added,
    "together": _undo_together,
}


def _left(entry: Entry, rows: int) -> list[Left]:
    return [Left(entry["model"], rows=rows)] if rows else []


# SQL ------------------------------------------------------------------------------------------------------


@contextmanager
def past_append_only() -> Iterator[None]:
    """Step past the triggers that keep history from being changed: only merging and erasing may.

    For the rest of the transaction at most. (pgtrigger.ignore rewrites every statement, and cannot those
    with named parameters.)
    """
    names = [
        trigger.get_pgid(model)  # type: ignore[arg-type]  # it says an object and takes the class
        for model in apps.get_models()
        for trigger in getattr(model._meta, "triggers", ())
        if isinstance(trigger, pgtrigger.Protect)
    ]
    _ignore_triggers(names)
    yield
    _ignore_triggers([])


def _ignore_triggers(names: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(names) + "}"])


def _stored_columns(model: type[DjangoModel]) -> Composable:
    """The columns of a table that are written; those that the database works out itself are not."""
    rows = _run(
        SQL(
            "SELECT attname FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = ''"
        ),
        {"table": model._meta.db_table},
    )
    return SQL(", ").join(Identifier(row[0]) for row in rows)


def _nobody_in_the_way(model: type[DjangoModel], key: str) -> Composable:
    """That the new owner has no row with the same unique key."""
    clauses = [
        SQL(" AND NOT EXISTS (SELECT FROM {table} AS other WHERE other.{key} = %(new)s{same})").format(
            same=SQL("").join(
                SQL(" AND other.{0} = one.{0}").format(Identifier(_column(model, name)))
                for name in fields
                if _column(model, name) != key
            ),
            **_names(model, key),
        )
        for fields in _unique_together(model, key)
    ]
    return SQL("").join(clauses)


def _unique_together(model: type[DjangoModel], key: str) -> list[Sequence[str]]:
    """The sets of fields that make a row of one owner unique. (Conditional ones are for who combines.)"""
    options: Any = model._meta
    constraints = [
        constraint.fields
        for constraint in options.constraints
        if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None
    ]
    single = [[one.name] for one in options.concrete_fields if one.unique and one.column == key]
    return [fields for fields in [*constraints, *single] if key in {_column(model, name) for name in fields}]


def read_row(model: type[DjangoModel], pk: int) -> Row:
    """A row as PostgreSQL writes it in JSON; empty when it is gone."""
    statement = SQL("SELECT to_jsonb(one)::text FROM {table} AS one WHERE {pk} = %(pk)s").format(
        **_names(model)
    )
    rows = _run(statement, {"pk": pk})
    found: Row = json.loads(rows[0][0]) if rows else {}
    return found


def _write(model: type[DjangoModel], pk: int, values: Mapping[str, object]) -> None:
    """Set columns of a row from JSON values."""
    if not values:
        return
    columns = SQL(", ").join(SQL("{0} = new.{0}").format(Identifier(name)) for name in values)
    statement = SQL(
        "UPDATE {table} AS one SET {columns}"
        " FROM jsonb_populate_record(NULL::{table}, %(values)s::jsonb) AS new WHERE one.{pk} = %(pk)s"
        " RETURNING 1"
    ).format(columns=columns, **_names(model))
    _run(statement, {"values": json.dumps(dict(values), default=str), "pk": pk})


def _shift(model: type[DjangoModel], column: str, pks: Sequence[int], by: int) -> None:
    """One by one in the order in which no two meet; leads have a handful of such rows."""
    statement = SQL("SELECT {pk} FROM {table} AS one WHERE {pk} = ANY({pks}) ORDER BY {column}").format(
        column=Identifier(column), **_names(model)
    )
    ordered = [row[0] for row in _run(statement, {"pks": list(pks)})]
    change = SQL(
        "UPDATE {table} AS one SET {column} = {column} + %(by)s WHERE {pk} = %(pk)s RETURNING 1"
    ).format(column=Identifier(column), **_names(model))
    for pk in reversed(ordered) if by > 0 else ordered:
        _run(change, {"by": by, "pk": pk})


def _names(model: type[DjangoModel], key: str = "") -> dict[str, Composable]:
    """The identifiers that statements are made of."""
    names: dict[str, Composable] = {
        "table": Identifier(model._meta.db_table),
        "pk": Identifier(_number(model)),
        "pks": SQL(
            "%(pks)s::uuid[]" if isinstance(model._meta.pk, models.UUIDField) else "%(pks)s::bigint[]"
        ),
    }
    return names | ({"key": Identifier(key)} if key else {})


def _is_named(model: type[DjangoModel]) -> bool:
    """Whether the rows have names (UUIDs) instead of numbers."""
    return isinstance(model._meta.pk, models.UUIDField)


def _plain(pk: int | UUID) -> int | str:
    """A row's number as JSON keeps it."""
    return str(pk) if isinstance(pk, UUID) else pk


def _number(model: type[DjangoModel]) -> str:
    """The column that numbers the rows, also where the primary key is made of two."""
    pk: Any = model._meta.pk
    return "id" if isinstance(pk, models.CompositePrimaryKey) else str(pk.column)


def _column(model: type[DjangoModel], name: str) -> str:
    found: Any = model._meta.get_field(name)
    return str(found.column)


def _label(model: type[DjangoModel]) -> str:
    return model._meta.label


def _model(entry: Entry) -> type[DjangoModel]:
    return apps.get_model(entry["model"])


def _run(statement: Composable, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.cursor), parameters)
        return list(cursor.fetchall()) if cursor.description else []
