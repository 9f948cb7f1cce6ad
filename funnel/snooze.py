"""Looking at an offer later: when it comes back by itself, and what brings it back before.

Plain values only. A snoozed offer keeps its place and its deadline.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from funnel.deadlines import Calendar
from leads.kinds import SHIPPED

AFTERNOON = time(14)
MORNING = time(9)
# "This afternoon" is no longer said when it has nearly begun.
NEARLY = timedelta(minutes=30)

# What makes a lead worth a look now: what asks for sales, and what weighs.
WEIGHTY = {kind.id: kind for kind in SHIPPED if kind.is_intent or kind.points >= 8}


class Preset(StrEnum):
    """The moments that are offered by name."""

    AFTERNOON = "afternoon"
    TOMORROW = "tomorrow"
    MONDAY = "monday"


@dataclass(frozen=True, slots=True)
class Choice:
    """A preset with its moment."""

    preset: Preset
    until: datetime


def choices(now: datetime, deadline: datetime, calendar: Calendar) -> tuple[Choice, ...]:
    """The presets that make sense: on days the rep works, and before the deadline. Soonest first."""
    today = calendar.local_day(now)
    monday = today + timedelta(days=7 - today.weekday())
    wanted = [
        (Preset.AFTERNOON, today, AFTERNOON),
        (Preset.TOMORROW, today + timedelta(days=1), MORNING),
        (Preset.MONDAY, monday, MORNING),
    ]
    found: dict[datetime, Choice] = {}
    for preset, day, clock in wanted:
        until = _moment(day, clock, calendar)
        if calendar.is_working_day(day) and now + NEARLY <= until < deadline:
            found.setdefault(until, Choice(preset, until))
    return tuple(found.values())


def _moment(day: date, clock: time, calendar: Calendar) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(calendar.time_zone))


def refusal(until: datetime, *, now: datetime, deadline: datetime) -> str | None:
    """Why an offer cannot be put aside until then: a code of funnel.refusals, or None."""
    if until <= now:
        return "snooze_past"
    return "snooze_too_long" if until > deadline else None


@dataclass(frozen=True, slots=True)
class Seen:
    """Something the lead did: the kind of event by its number, and when."""

    kind: int
    at: datetime


def brought_back_by(seen: Iterable[Seen], *, since: datetime) -> int | None:
    """The number of the kind that brings the offer back: of what weighs and came after ``since``, what asks
    for sales first, then the weightiest, then the latest. None when nothing does.
    """
    fresh = [one for one in seen if one.at > since and one.kind in WEIGHTY]
    if not fresh:
        return None
    return max(fresh, key=lambda one: (WEIGHTY[one.kind].is_intent, WEIGHTY[one.kind].points, one.at)).kind
