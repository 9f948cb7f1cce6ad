"""A time zone as a table: the UTC offset in force from each instant on."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400
LAST_SECOND = 60 * 2**26 - 1  # packed events hold their minute in 26 bits, enough until 2097


@lru_cache(maxsize=32)
def transitions(zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """(epoch second, UTC offset in seconds from then on), ascending, from 1970 to 2106."""
    found = [(0, _offset(zone, 0))]
    for start in range(0, LAST_SECOND - DAY, DAY):
        if _offset(zone, start + DAY) != found[-1][1]:
            found.append(_change(zone, start, start + DAY))
    return tuple(found)


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _change(zone: ZoneInfo, before: int, after: int) -> tuple[int, int]:
    """The first second with the offset of ``after``."""
    goal = _offset(zone, after)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if _offset(zone, middle) == goal else (middle, after)
    return after, goal
