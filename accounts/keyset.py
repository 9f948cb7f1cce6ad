"""Pages of a long list by keyset: as quick at the end as at the beginning, both ways.

A cursor is the order's values of the row at the page's edge, as URL-safe base64 of JSON. A cursor that
cannot be read, whoever made it, gives the first page.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True)
class Order:
    """An order of a list: one sorted column, then the id, both in the same direction.

    ``column`` must never be NULL in the rows that are listed, and an index must carry (column, id).
    """

    code: str
    label: str | Promise
    column: str
    is_time: bool = True
    descending: bool = True
    id_column: str = "id"

    @property
    def fields(self) -> list[str]:
        """The ORDER BY, forwards."""
        sign = "-" if self.descending else ""
        return [f"{sign}{self.column}", f"{sign}{self.id_column}"]

    @property
    def backwards(self) -> list[str]:
        """The ORDER BY of the page before."""
        return [name.removeprefix("-") if self.descending else f"-{name}" for name in self.fields]

    def beyond(self, value: object, row_id: int, *, forwards: bool) -> Q:
        """The rows after (or before) the one with these values; the first condition lets an index serve."""
        way = "lt" if forwards == self.descending else "gt"
        return Q(**{f"{self.column}__{way}e": value}) & (
            Q(**{f"{self.column}__{way}": value})
            | Q(**{self.column: value, f"{self.id_column}__{way}": row_id})
        )


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """The rows of one page and the cursors of its neighbours (None at either end)."""

    rows: list[RowT]
    previous: str | None
    next: str | None


def page(
    rows: QuerySet[RowT], order: Order, *, after: str = "", before: str = "", size: int = 50
) -> Page[RowT]:
    """One page of ``rows`` in one query: after a cursor, before one, or the first."""
    forwards = not before
    edge = _decode(after or before, order)
    ordered = rows.order_by(*(order.fields if forwards else order.backwards))
    if edge is not None:
        ordered = ordered.filter(order.beyond(*edge, forwards=forwards))
    found = list(ordered[: size + 1])
    more, found = len(found) > size, found[:size]
    if not forwards:
        found.reverse()
    has_previous = (more if not forwards else edge is not None) and bool(found)
    has_next = more if forwards else edge is not None
    return Page(
        found,
        _encode(found[0], order) if has_previous else None,
        _encode(found[-1], order) if has_next and found else None,
    )


def _encode(row: Model, order: Order) -> str:
    value = _value(row, order.column.split("__"))
    text = value.isoformat() if isinstance(value, dt.date) else value
    packed = json.dumps([text, _value(row, order.id_column.split("__"))]).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _value(row: Any, path: Sequence[str]) -> Any:
    for name in path:
        row = getattr(row, name)
    return row


def _decode(cursor: str, order: Order) -> tuple[object, int] | None:
    """(value, id), or None for no cursor or a broken one."""
    if not cursor or len(cursor) > 200:
        return None
    try:
        value, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return (_time(value) if order.is_time else _whole(value, 2**31)), _whole(row_id, 2**63)
    except (ValueError, TypeError, RecursionError):
        return None


def _time(value: object) -> dt.datetime:
    """An instant with its offset, within the years that are listed; anything else raises ValueError."""
    moment = dt.datetime.fromisoformat(str(value))
    if moment.tzinfo is None or not 1900 < moment.year < 2200:
        raise ValueError("a cursor's time has an offset and a likely year")
    return moment


def _whole(value: object, limit: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -limit <= value < limit:
        raise ValueError("not a whole number of that size")
    return value
