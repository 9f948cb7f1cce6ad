"""When a rep with nothing to decide can expect the next lead, and what it depends on. Plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from funnel.deadlines import Calendar, NoWorkingTime, add_working_time, working_time_between

# Over how long the usual gap between two offers is measured, and how many offers make a habit.
HABIT = timedelta(days=28)
FEWEST = 3


class When(StrEnum):
    """What the next offer waits for."""

    NO_DESK = "no_desk"  # the user has no places of their own
    CLOSED = "closed"  # the desk is switched off
    AWAY = "away"  # until the rep is back
    FULL = "full"  # until a place is free
    TOMORROW = "tomorrow"  # the offers of the day are used up
    NOW = "now"  # leads wait and a place is free
    USUALLY = "usually"  # nobody waits; as often as they came lately
    UNKNOWN = "unknown"  # nobody waits, and there were too few to tell


@dataclass(frozen=True, slots=True)
class Desk:
    """What decides about the next offer. ``used_up``: the offers of the rep's day. ``waiting``: leads in the
    waiting room. ``lately``: offers within HABIT."""

    calendar: Calendar
    is_active: bool
    free: int
    used_up: bool
    waiting: int
    lately: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect, and from when on where that can be told."""

    when: When
    at: datetime | None = None
    waiting: int = 0


def outlook(desk: Desk | None, now: datetime) -> Outlook:
    """What a rep with an empty queue can expect. What holds back for longest is said first."""
    if desk is None or not desk.is_active:
        return Outlook(When.NO_DESK if desk is None else When.CLOSED)
    if desk.calendar.is_absent(desk.calendar.local_day(now)):
        return Outlook(When.AWAY, _opening(now, desk.calendar), desk.waiting)
    if desk.free <= 0:
        return Outlook(When.FULL, waiting=desk.waiting)
    if desk.used_up:
        return Outlook(When.TOMORROW, _opening(_midnight(now, desk.calendar), desk.calendar), desk.waiting)
    if desk.waiting:
        return Outlook(When.NOW, waiting=desk.waiting)
    return _usual(desk, now)


def _usual(desk: Desk, now: datetime) -> Outlook:
    """One usual gap of working time from now."""
    if desk.lately < FEWEST:
        return Outlook(When.UNKNOWN)
    gap = working_time_between(now - HABIT, now, desk.calendar) / desk.lately
    try:
        return Outlook(When.USUALLY, add_working_time(now, gap, desk.calendar))
    except NoWorkingTime:
        return Outlook(When.UNKNOWN)


def _midnight(now: datetime, calendar: Calendar) -> datetime:
    """The beginning of the rep's next day."""
    return datetime.combine(calendar.local_day(now) + timedelta(days=1), time(), ZoneInfo(calendar.time_zone))


def _opening(start: datetime, calendar: Calendar) -> datetime | None:
    """When the rep next works, from ``start`` on; None for never."""
    try:
        return add_working_time(start, timedelta(minutes=1), calendar) - timedelta(minutes=1)
    except NoWorkingTime:
        return None
