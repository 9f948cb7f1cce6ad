"""When a lead that never came to anything is given up. Plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LEAST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Given up after so many days, or in more than so many cycles; None: not for that."""

    days: int | None = None
    cycles: int | None = None

    @property
    def says_when(self) -> bool:
        """Whether there is any limit at all."""
        return self.days is not None or self.cycles is not None

    def came_before(self, now: datetime) -> datetime | None:
        """Who has been known since then or longer is too old."""
        return None if self.days is None else now - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Life:
    """A lead that was never an SQL nor a customer. Where somebody reopened it by hand, ``known_since`` and
    ``cycles`` count from there: whoever wants it back gets it back."""

    known_since: datetime
    cycles: int


def is_aged(life: Life, limits: Limits, now: datetime) -> bool:
    """Whether the limits are passed."""
    before = limits.came_before(now)
    too_old = before is not None and life.known_since <= before
    return too_old or (limits.cycles is not None and life.cycles > limits.cycles)
