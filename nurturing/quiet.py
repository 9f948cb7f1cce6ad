"""Quiet hours: when the person's own clock says that a marketing message may not leave.

Every instant is judged by the wall clock of the person's time zone at that instant, so a night that
changes the clock is handled by looking, never by adding hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# An answer to what the person did a moment ago wakes nobody up.
ANSWER_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Quiet from ``start`` (inclusive) to ``end`` (exclusive) on the wall; equal times mean never quiet."""

    start: time
    end: time

    def covers(self, wall: time) -> bool:
        """Whether the wall-clock time ``wall`` is quiet."""
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


NEVER = QuietHours(time(0), time(0))


def zone_of(name: str, default: str) -> tzinfo:
    """The person's time zone, or the site's when theirs is unknown or not a time zone."""
    try:
        return ZoneInfo(name or default)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(default)


def is_quiet(at: datetime, zone: tzinfo, hours: QuietHours) -> bool:
    """Whether the instant ``at`` (aware) is quiet for somebody in ``zone``."""
    return hours.covers(at.astimezone(zone).time().replace(tzinfo=None))


def answers_an_act(at: datetime, acted_at: datetime | None) -> bool:
    """Whether a message at ``at`` answers what the person did a moment before: they are awake."""
    return acted_at is not None and timedelta(0) <= at - acted_at <= ANSWER_WITHIN


def next_allowed(at: datetime, zone: tzinfo, hours: QuietHours) -> datetime:
    """The first instant from ``at`` on (in UTC) that is not quiet in ``zone``."""
    moment = at.astimezone(UTC)
    while is_quiet(moment, zone, hours):
        moment = _end_of_quiet(moment, zone, hours)
    return moment


def _end_of_quiet(moment: datetime, zone: tzinfo, hours: QuietHours) -> datetime:
    """The end of the quiet hours that cover ``moment``, or where the clock jumps out of them."""
    wall = moment.astimezone(zone)
    day = wall.date() if wall.time() < hours.end else wall.date() + timedelta(days=1)
    end = datetime.combine(day, hours.end, zone).astimezone(UTC)
    if end > moment and wall.utcoffset() == end.astimezone(zone).utcoffset():
        return end
    # A night that changes the clock: look at each minute of it.
    moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while is_quiet(moment, zone, hours):
        moment += timedelta(minutes=1)
    return moment
