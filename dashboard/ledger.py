"""The lines of a score as an account: one row a rule, then caps, limits and rounding; rows add up (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from scoring.queries import ShownLine


@dataclass(frozen=True)
class Row:
    """One row, in thousandths of a point. ``lost`` is what age took away (0 or of the other sign)."""

    text: str
    times: int
    points: int
    lost: int
    newest_age: int | None
    is_adjustment: bool


@dataclass(frozen=True)
class Ledger:
    """The account of one measure; ``total`` is what is shown."""

    rows: list[Row]

    @property
    def total(self) -> int:
        """The sum of the rows: whole points, in thousandths."""
        return sum(row.points for row in self.rows)


def ledger(lines: Iterable[ShownLine]) -> Ledger:
    """The account of these lines (of one measure); a group's cap follows its rules."""
    rows = groupby(lines, key=lambda line: (line.group, line.rule, line.kind, line.text))
    return Ledger([_row(list(together)) for _key, together in rows])


def _row(lines: list[ShownLine]) -> Row:
    ages = [line.age for line in lines if line.age is not None]
    first = lines[0]
    return Row(
        text=first.text,
        times=len(lines),
        points=sum(line.points for line in lines),
        lost=sum(line.decay for line in lines),
        newest_age=min(ages, default=None),
        is_adjustment=first.kind in ("cap", "clamp", "rounding"),
    )
