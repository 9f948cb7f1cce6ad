"""Decay as a table of integer factors by age, shared by both readers.

After a whole number of days ``age`` an occurrence is worth floor(points × factor(age) / SCALE), with
factor(age) = floor(SCALE × 2^(−age / half-life)): exact integers on every machine.
"""

from __future__ import annotations

from decimal import Context, Decimal
from functools import lru_cache

SCALE = 1_000_000
_EXACT = Context(prec=40)


@lru_cache(maxsize=256)
def factors(half_life: int) -> tuple[int, ...]:
    """Factors by age in days, in millionths, until nothing is left: the last one is 0.

    ``half_life``: whole days, at least 1. Each halving is an exact halving: factor(age) is the floor of
    the first half-life's value divided by a power of two.
    """
    first = [_EXACT.power(2, Decimal(-age) / half_life) * SCALE for age in range(half_life)]
    table: list[int] = []
    halvings = 0
    while not table or table[-1] > 0:
        table += [int(factor / 2**halvings) for factor in first]
        halvings += 1
    return tuple(table)


@lru_cache(maxsize=1024)
def worth(points: int, half_life: int) -> tuple[int, ...]:
    """What an occurrence is worth by its age in days (thousandths, floored); older is worth the last, 0."""
    table = [points * factor // SCALE for factor in factors(half_life)]
    while len(table) > 1 and table[-2] == 0:
        table.pop()
    return tuple(table)


def worth_at(points: int, half_life: int | None, age: int) -> int:
    """What one occurrence of ``age`` whole days is worth, in thousandths."""
    if half_life is None:
        return points
    table = worth(points, half_life)
    return table[min(age, len(table) - 1)]
