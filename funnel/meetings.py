"""Meetings decided: which state follows from what, and what speaks against a time. Plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from funnel.deadlines import Calendar, is_public_holiday

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)
# How far ahead an appointment is plausible, and how long ago one may have been that is noted afterwards.
FURTHEST, OLDEST = timedelta(days=730), timedelta(days=30)


class MeetingState(StrEnum):
    """Where an appointment stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Method(StrEnum):
    """What a calendar message does (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Act(StrEnum):
    """What can be done with an appointment."""

    MOVE = "move"
    CANCEL = "cancel"
    ACCEPT = "accept"
    DECLINE = "decline"
    HOLD = "hold"
    MISS = "miss"


_OPEN = frozenset({MeetingState.PROPOSED, MeetingState.ACCEPTED})
# Somebody who declined may change their mind; a meeting said to be missed may have been held after all.
_SOURCES = {
    Act.MOVE: _OPEN | {MeetingState.DECLINED},
    Act.CANCEL: _OPEN | {MeetingState.DECLINED},
    Act.ACCEPT: _OPEN | {MeetingState.DECLINED},
    Act.DECLINE: _OPEN | {MeetingState.DECLINED},
    Act.HOLD: _OPEN | {MeetingState.MISSED},
    Act.MISS: _OPEN | {MeetingState.HELD},
}
_TARGET = {
    Act.MOVE: MeetingState.PROPOSED,
    Act.CANCEL: MeetingState.CANCELLED,
    Act.ACCEPT: MeetingState.ACCEPTED,
    Act.DECLINE: MeetingState.DECLINED,
    Act.HOLD: MeetingState.HELD,
    Act.MISS: MeetingState.MISSED,
}


def after(act: Act) -> MeetingState:
    """The state that ``act`` leads to."""
    return _TARGET[act]


def meeting_refusal(
    act: Act, state: MeetingState, *, starts_at: datetime, ends_at: datetime, now: datetime
) -> str:
    """Why ``act`` is impossible now; "" when it is possible. Doing what is done already is possible."""
    if state not in _SOURCES[act] and state != _TARGET[act]:
        return "meeting_closed"
    if act in (Act.HOLD, Act.MISS) and starts_at > now:
        return "meeting_not_yet"
    if act in (Act.ACCEPT, Act.DECLINE) and ends_at <= now:
        return "meeting_over"
    return ""


def time_refusal(starts_at: datetime, ends_at: datetime, *, now: datetime) -> str:
    """What is impossible about a time; "" when it can be."""
    if ends_at <= starts_at or not SHORTEST <= ends_at - starts_at <= LONGEST:
        return "meeting_length"
    if not now - OLDEST <= starts_at <= now + FURTHEST:
        return "meeting_far_off"
    return ""


class Doubt(StrEnum):
    """What speaks against a time without forbidding it."""

    OVERLAP = "overlap"
    AWAY = "away"
    HOLIDAY = "holiday"
    OUT_OF_HOURS = "out_of_hours"


@dataclass(frozen=True, slots=True)
class Slot:
    """A span of time."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: Slot) -> bool:
        """Whether both share a moment; one that begins when the other ends does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def doubts_about(wanted: Slot, *, taken: Sequence[Slot], calendar: Calendar) -> list[Doubt]:
    """What speaks against the slot: other meetings of the rep, absence, holiday, closing hours."""
    found = [Doubt.OVERLAP] if any(wanted.overlaps(slot) for slot in taken) else []
    day = calendar.local_day(wanted.starts_at)
    if calendar.is_absent(day):
        return [*found, Doubt.AWAY]
    if is_public_holiday(day, calendar.region):
        return [*found, Doubt.HOLIDAY]
    if not any(
        opens <= wanted.starts_at and wanted.ends_at <= closes for opens, closes in calendar.spans_of(day)
    ):
        found.append(Doubt.OUT_OF_HOURS)
    return found
