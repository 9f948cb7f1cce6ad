"""The lock: how many leads sales can take, how many would come, and where the threshold has to stand.

Plain values only. The *threshold* is the least engagement, in whole points (0 to 100), that the gate to
"ready for sales" asks for on top of its own conditions (scoring/thresholds.py, docs/decisions/0006-lock.md).
The higher it is, the fewer leads pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import exp

LOWEST, HIGHEST = 0, 100
THRESHOLDS = range(LOWEST, HIGHEST + 1)
# Looked ahead: seven days from today, so that a Friday is not the end of the world.
AHEAD_DAYS = 7
WORKING_WEEK = 5


class Why(StrEnum):
    """Why a rep can take no more in the days ahead, or what will stop them first."""

    AWAY = "away"
    PLACES = "places"
    DAILY = "daily"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Pace:
    """What history says of places coming free: leads closed or given back per lead in work and week of five
    working days, and the share of offers that are accepted (0 to 1)."""

    closed_a_week: float = 0.0
    accepted: float = 1.0


@dataclass(frozen=True, slots=True)
class Desk:
    """One rep's table: places, those taken by leads in work and by open offers, and the days they work of
    those ahead, today included."""

    places: int
    worked: int
    offers: int
    offers_per_day: int
    offered_today: int
    working_days: int


def coming_free(desk: Desk, pace: Pace) -> float:
    """Taken places that will come free in the days ahead: leads closed, and offers not accepted."""
    weeks = desk.working_days / WORKING_WEEK
    closed = desk.worked * (1 - exp(-pace.closed_a_week * weeks))
    return closed + (desk.offers * (1 - pace.accepted) if desk.working_days else 0.0)


def room(desk: Desk, pace: Pace) -> float:
    """Leads that this rep can be offered in the days ahead."""
    return min(_by_places(desk, pace), float(_by_days(desk)))


def limit(desk: Desk, pace: Pace) -> Why:
    """What holds the rep back."""
    if not desk.working_days:
        return Why.AWAY
    if _by_places(desk, pace) < 1 and desk.places <= desk.worked + desk.offers:
        return Why.PLACES
    return Why.DAILY if _by_days(desk) < 1 else Why.ROOM


def _by_places(desk: Desk, pace: Pace) -> float:
    return max(0.0, desk.places - desk.worked - desk.offers + coming_free(desk, pace))


def _by_days(desk: Desk) -> int:
    if not desk.working_days:
        return 0
    return max(0, desk.offers_per_day * desk.working_days - desk.offered_today)


def cautious(expected: Sequence[float]) -> list[float]:
    """The most that is expected at each threshold or at any higher one, so that it never grows with it.

    A single week may bring more leads over a high threshold than over a low one, which they had passed
    before; nobody should open the lock because of that.
    """
    curve: list[float] = []
    for value in reversed(expected):
        curve.append(max(value, curve[-1]) if curve else value)
    return curve[::-1]


def lowest_within(expected: Sequence[float], free: float) -> int:
    """The lowest threshold at which no more is expected than ``free``; the highest one when there is none."""
    curve = cautious(expected)
    return next((one for one in THRESHOLDS if curve[one] <= free), HIGHEST)


@dataclass(frozen=True, slots=True)
class Limits:
    """Within what the automatic threshold moves: its bounds, the most points a change, and the margin
    (a share of the free places) within which it is left where it is."""

    lowest: int = LOWEST
    highest: int = HIGHEST
    step: int = 10
    margin: float = 0.1


def automatic(
    current: int,
    expected: Sequence[float],
    free: float,
    limits: Limits,
    *,
    changed_on: date | None,
    today: date,
) -> int:
    """Where the threshold should stand; ``current`` when it should stay.

    It rises when more is expected than free places and the margin, to where all fit; it falls when all would
    fit lower down with the margin to spare. Between both it stays, so that it does not flutter. It changes at
    most once a day, by at most ``limits.step`` points, but for coming back within its bounds.
    """
    if changed_on is not None and changed_on >= today:
        return current
    inside = _within(current, limits.lowest, limits.highest)
    aim = _aim(inside, expected, free, limits.margin)
    return _within(_within(aim, inside - limits.step, inside + limits.step), limits.lowest, limits.highest)


def _aim(current: int, expected: Sequence[float], free: float, margin: float) -> int:
    if cautious(expected)[current] > free * (1 + margin):
        return max(current, lowest_within(expected, free))
    return min(current, lowest_within(expected, free * (1 - margin)))


def _within(value: int, least: int, most: int) -> int:
    return max(least, min(most, value))


@dataclass(frozen=True, slots=True)
class Costs:
    """Money: what an hour of a rep and a message cost, the hours a lead handed over takes, the messages a
    lead gets a week while it is nurtured."""

    rep_hour: float
    hours_per_lead: float
    message: float
    messages_a_week: float

    @property
    def handled(self) -> float:
        """A lead handled by sales."""
        return self.rep_hour * self.hours_per_lead

    @property
    def nurtured(self) -> float:
        """A lead nurtured for a week."""
        return self.message * self.messages_a_week


def cost_each(handled: int, outcomes: int, costs: Costs) -> float | None:
    """What one outcome cost when ``handled`` leads were handed over for it; None without any."""
    return handled * costs.handled / outcomes if outcomes else None
