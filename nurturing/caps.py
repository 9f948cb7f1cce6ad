"""Frequency caps: how many marketing messages one person gets in a sliding window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most ``most`` messages in any ``window``."""

    most: int
    window: timedelta

    def __post_init__(self) -> None:
        if self.most < 1 or self.window <= timedelta(0):
            raise ValueError("A cap allows at least one message in a positive window.")


# However the site is set up, automatic mail never exceeds this (a loop between two robots ends here).
LOOP_GUARD = Cap(3, DAY)


def next_free(at: datetime, sent: Sequence[datetime], caps: Sequence[Cap]) -> datetime:
    """The first instant from ``at`` on when one more message keeps every cap, given what was ``sent``.

    A message counts from its own instant until its window has passed: it is free again exactly then.
    """
    newest_first = sorted(sent, reverse=True)
    moment = at
    while (later := max((_free(moment, newest_first, cap) for cap in caps), default=moment)) > moment:
        moment = later
    return moment


def _free(at: datetime, newest_first: Sequence[datetime], cap: Cap) -> datetime:
    counted = [instant for instant in newest_first if instant > at - cap.window]
    if len(counted) < cap.most:
        return at
    return counted[cap.most - 1] + cap.window
