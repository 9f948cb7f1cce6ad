"""The lines of a score as an account: groups with their rules, then caps, hands, limits and rounding (pure).

Every figure is an exact integer in thousandths of a point; the rows of an account add up to what is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from scoring.queries import ShownLine

CORRECTIONS = ("cap", "clamp", "rounding")
MOST_ITEMS = 12  # occurrences named one by one; the rest of a rule is one line


@dataclass(frozen=True)
class Item:
    """One counted occurrence: its event, the local day, and what it adds; ``lost`` is what age took away."""

    event_id: int
    day: dt.date
    points: int
    lost: int
    is_shown: bool


@dataclass(frozen=True)
class Row:
    """One rule or correction. ``lost`` is what age took away (0 or of the other sign).

    ``note``: who adjusted it by hand and until when. ``more``: occurrences beyond those in ``items``.
    """

    text: str
    kind: str
    times: int
    points: int
    lost: int
    newest_age: int | None
    items: tuple[Item, ...] = ()
    note: str = ""
    more: int = 0

    @property
    def is_adjustment(self) -> bool:
        """Whether it corrects what the rules gave."""
        return self.kind in CORRECTIONS


@dataclass(frozen=True)
class Section:
    """One group of rules, its cap's correction included; ``name`` is "" for what belongs to no group."""

    name: str
    rows: list[Row]

    @property
    def total(self) -> int:
        """What the group gives, in thousandths."""
        return sum(row.points for row in self.rows)


@dataclass(frozen=True)
class Ledger:
    """The account of one measure; ``total`` is what is shown."""

    sections: list[Section]

    @property
    def rows(self) -> list[Row]:
        """Every row, in order."""
        return [row for section in self.sections for row in section.rows]

    @property
    def total(self) -> int:
        """The sum of the rows: whole points, in thousandths."""
        return sum(row.points for row in self.rows)


def ledger(lines: Iterable[ShownLine], *, day: dt.date | None = None, shown: Collection[int] = ()) -> Ledger:
    """The account of these lines (of one measure); a group's cap follows its rules.

    ``day``: the day of the score, from which ages count back. ``shown``: events that the page shows, to
    which occurrences may lead.
    """
    sections = groupby(lines, key=lambda line: line.group)
    return Ledger([_section(list(together), day, shown) for _group, together in sections])


def _section(lines: Sequence[ShownLine], day: dt.date | None, shown: Collection[int]) -> Section:
    rows = groupby(lines, key=lambda line: (line.rule, line.kind, line.text, line.note))
    return Section(lines[0].group_name, [_row(list(together), day, shown) for _key, together in rows])


def _row(lines: Sequence[ShownLine], day: dt.date | None, shown: Collection[int]) -> Row:
    ages = [line.age for line in lines if line.age is not None]
    first = lines[0]
    return Row(
        text=first.text,
        kind=first.kind,
        times=len(lines),
        points=sum(line.points for line in lines),
        lost=sum(line.decay for line in lines),
        newest_age=min(ages, default=None),
        items=tuple(_items(lines[:MOST_ITEMS], day, shown)) if day else (),
        note=first.note,
        more=max(0, len(ages) - MOST_ITEMS) if day else 0,
    )


def _items(lines: Sequence[ShownLine], day: dt.date, shown: Collection[int]) -> Iterable[Item]:
    for line in lines:
        if line.event_id is not None and line.age is not None:
            when = day - dt.timedelta(days=line.age)
            yield Item(line.event_id, when, line.points, line.decay, line.event_id in shown)
