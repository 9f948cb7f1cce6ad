"""Time as a rep works it: business hours, French public holidays, absences, in the rep's time zone.

Plain values only. All answers are in UTC; lengths are real minutes, so a clock change during the
opening hours neither gives nor takes time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

HORIZON_DAYS = 730


class NoWorkingTime(ValueError):
    """The calendar has no open hour within two years: nobody can keep a deadline by it."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Opening hours within one day, in minutes after local midnight, end exclusive."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= 24 * 60:
            raise ValueError(f"not an opening span: {self.start}–{self.end}")


OFFICE_DAY = (Span(9 * 60, 12 * 60 + 30), Span(13 * 60 + 30, 18 * 60))
OFFICE_HOURS: Mapping[int, tuple[Span, ...]] = dict.fromkeys(range(5), OFFICE_DAY)


def parse_hours(document: object) -> dict[int, tuple[Span, ...]]:
    """Opening hours as stored: {"0": [["09:00", "12:30"], ["13:30", "18:00"]], …}, Monday is "0".

    Raises ValueError on anything else, on overlapping spans and on a week without any opening.
    """
    entries = document.items() if isinstance(document, dict) else ()
    hours = {_weekday(day): _spans(spans) for day, spans in entries}
    if not any(hours.values()):
        raise ValueError("a week needs at least one opening")
    return hours


def _weekday(day: object) -> int:
    if day not in {"0", "1", "2", "3", "4", "5", "6"}:
        raise ValueError(f"not a weekday: {day!r}")
    return int(str(day))


def _spans(spans: object) -> tuple[Span, ...]:
    if not isinstance(spans, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in spans):
        raise ValueError("spans are pairs of times")
    found = sorted(Span(_minutes(start), _minutes(end)) for start, end in spans)
    if any(later.start < earlier.end for earlier, later in pairwise(found)):
        raise ValueError("opening spans overlap")
    return tuple(found)


def _minutes(clock: object) -> int:
    hours, minutes = (int(part) for part in str(clock).split(":"))
    if not 0 <= minutes < 60:
        raise ValueError(f"not a time of day: {clock!r}")
    return hours * 60 + minutes


@dataclass(frozen=True)
class Calendar:
    """When one rep works. `hours`: weekday (Monday 0) → spans; `absences`: first and last day, both away;
    `region`: whose public holidays are kept besides the national ones."""

    time_zone: str = "Europe/Paris"
    hours: Mapping[int, tuple[Span, ...]] = field(default_factory=lambda: OFFICE_HOURS)
    absences: tuple[tuple[date, date], ...] = ()
    region: str = ""

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def is_absent(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.absences)

    def is_working_day(self, day: date) -> bool:
        works = bool(self.hours.get(day.weekday())) and not self.is_absent(day)
        return works and not is_public_holiday(day, self.region)

    def spans_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The open spans of one local day as UTC instants, in order."""
        if not self.is_working_day(day):
            return
        for span in sorted(self.hours[day.weekday()]):
            start, end = self._instant(day, span.start), self._instant(day, span.end)
            if start < end:
                yield start, end

    def _instant(self, day: date, minutes: int) -> datetime:
        days, rest = divmod(minutes, 24 * 60)
        wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60))
        return wall.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)


def is_public_holiday(day: date, region: str = "") -> bool:
    """Whether nobody works in France, or in this part of it, on that day."""
    return day in _french_holidays(day.year, region)


@lru_cache(maxsize=256)
def _french_holidays(year: int, region: str) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", subdiv=region or None, years=year))


def add_working_time(start: datetime, length: timedelta, calendar: Calendar) -> datetime:
    """The instant (UTC) at which `length` of working time has passed since `start`.

    Always inside, or at the end of, an open span. Raises NoWorkingTime.
    """
    if length < timedelta():
        raise ValueError("a length of working time cannot be negative")
    left = length
    for opens, closes in _open_spans(start, calendar):
        begin = max(opens, start)
        if left <= closes - begin:
            return begin + left
        left -= closes - begin
    raise NoWorkingTime(calendar.time_zone)


def working_time_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much of the time from `start` to `end` is working time; zero when `end` is earlier."""
    passed = timedelta()
    for opens, closes in _open_spans(start, calendar):
        if opens >= end:
            break
        passed += max(timedelta(), min(closes, end) - max(opens, start))
    return passed


def _open_spans(start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    first = calendar.local_day(start)
    for offset in range(HORIZON_DAYS):
        for opens, closes in calendar.spans_of(first + timedelta(days=offset)):
            if closes > start:
                yield opens, closes
