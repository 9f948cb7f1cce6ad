"""A day's work in order: what to look at first, what is late, due today, due within a week. Plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

AHEAD = timedelta(days=7)


class What(StrEnum):
    """What an item is about."""

    MISSING = "missing"  # a lead in work without a next action
    REPLY = "reply"  # the lead wrote, and nobody has done anything since
    TASK = "task"
    MEETING = "meeting"
    OFFER = "offer"  # a lead to decide on, before its deadline


class Section(StrEnum):
    """Where an item stands in the list."""

    FIRST = "first"
    LATE = "late"
    TODAY = "today"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of the day. ``number``: its row (task, meeting, offer); ``kind``: of task or meeting."""

    what: What
    lead_id: int
    number: int
    kind: str
    at: datetime
    title: str = ""
    is_first_contact: bool = False


def horizon(now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the seventh day from today, local: what is due later is not shown."""
    return _midnight_after(now, zone) + AHEAD


def section_of(item: Item, now: datetime, zone: ZoneInfo) -> Section:
    """Replies and leads without a next action come first, all else by time; a running meeting is today's."""
    if item.what in (What.MISSING, What.REPLY):
        return Section.FIRST
    if item.at < now and item.what is not What.MEETING:
        return Section.LATE
    return Section.TODAY if item.at < _midnight_after(now, zone) else Section.SOON


def _midnight_after(now: datetime, zone: ZoneInfo) -> datetime:
    day = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone)


def in_sections(items: Iterable[Item], now: datetime, zone: ZoneInfo) -> dict[Section, list[Item]]:
    """The items of each section, the first due first; sections without any are left out."""
    found: dict[Section, list[Item]] = {section: [] for section in Section}
    for item in sorted(items, key=lambda one: (one.at, one.what, one.number)):
        found[section_of(item, now, zone)].append(item)
    return {section: rows for section, rows in found.items() if rows}
