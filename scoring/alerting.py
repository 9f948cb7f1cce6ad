"""Whom a crossing concerns, and when a mail about it may leave (pure).

A crossing is what a conclusion changed: the score before and after, and what became of the lead in the
funnel. A line is crossed by a lead that was not beyond it before; who is new to scoring comes from nowhere,
so its first score crosses every line that it lies beyond.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

TRIGGERS = ("hot", "band", "points", "mql", "ready", "woken")
OWNER = "owner"


@dataclass(frozen=True, slots=True)
class State:
    """A score as alerts see it; fit and engagement in thousandths."""

    grade: str
    level: int
    temperature: str
    fit: int
    engagement: int

    @property
    def band(self) -> str:
        """A1 … D4."""
        return f"{self.grade}{self.level}"


@dataclass(frozen=True, slots=True)
class Crossing:
    """What changed for one lead. ``moves``: of mql, ready and woken, what the funnel just did."""

    before: State | None
    after: State
    moves: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """What an alert waits for: one of TRIGGERS, with the bands, or the measure and whole points."""

    trigger: str
    bands: frozenset[str] = frozenset()
    measure: str = ""
    points: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """How a person wants mails: "at_once", "digest" or "never"; quiet between two local times.

    ``channels``: for what colleagues and the funnel tell (scoring/tellings.py), by kind, where chosen.
    """

    mail: str = "at_once"
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_hour: int = 8
    muted: frozenset[str] = frozenset()
    channels: Mapping[str, str] = field(default_factory=dict)


def is_crossed(line: Line, crossing: Crossing) -> bool:
    """Whether this change crosses this line, upwards or into it; staying beyond it does not."""
    if line.trigger in ("mql", "ready", "woken"):
        return line.trigger in crossing.moves
    before = crossing.before
    return _beyond(line, crossing.after) and (before is None or not _beyond(line, before))


def _beyond(line: Line, state: State) -> bool:
    match line.trigger:
        case "hot":
            return state.temperature == "hot"
        case "band":
            return state.band in line.bands
        case _:
            points = state.fit if line.measure == "fit" else state.engagement
            return points >= line.points * 1000


def concerns(recipients: Collection[str], *, role: str, is_owner: bool) -> bool:
    """Whether somebody of this role (who owns the lead, or not) is among those an alert tells."""
    return (OWNER in recipients and is_owner) or role in recipients


def mail_due(choice: Choice, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When a mail may leave: now, after the quiet hours, or with the next digest; None: never.

    ``now`` is aware; hours are the person's own, in ``zone``. An hour that a change of clocks leaves out is
    the one after it.
    """
    if choice.mail == "never":
        return None
    local = now.astimezone(zone)
    if choice.mail == "digest":
        return _next(local, time(choice.digest_hour))
    if choice.quiet_until is not None and _is_quiet(choice, local.time()):
        return _next(local, choice.quiet_until)
    return now


def _is_quiet(choice: Choice, at: time) -> bool:
    begin, end = choice.quiet_from, choice.quiet_until
    if begin is None or end is None:
        return False
    return begin <= at < end if begin <= end else at >= begin or at < end


def _next(local: datetime, at: time) -> datetime:
    """The next time that the clock shows ``at``, strictly later, as an instant."""
    day = local.date() if local.time() < at else local.date() + timedelta(days=1)
    return datetime.combine(day, at, tzinfo=local.tzinfo).astimezone(ZoneInfo("UTC"))
