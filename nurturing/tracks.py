"""Tracks: what lets a lead in, which step comes next and when, what ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from funnel.stages import Stage

# Older facts (an import, a restored queue) are history, not something to react to.
TRIGGER_WINDOW = timedelta(hours=48)
_SALES_OR_AFTER = frozenset({Stage.SAL, Stage.SQL, Stage.CUSTOMER})


class Ending(StrEnum):
    """Why a lead left a track; the words are in ``nurturing.words``."""

    COMPLETED = "completed"
    GOAL_REACHED = "goal_reached"
    SALES_TOOK_OVER = "sales_took_over"
    WOKE_UP = "woke_up"
    STAGE_LEFT = "stage_left"
    TOO_LONG = "too_long"
    NOTHING_LEFT = "nothing_left"
    UNREACHABLE = "unreachable"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Lets in on an event of ``kind``; if asked, only with gated content, some types of it, or new leads."""

    kind: str
    gated: bool = False
    content_types: frozenset[str] = frozenset()
    new_lead: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What lets a lead into a track: one of some events, or sales returning it with this track's code."""

    events: tuple[EventEntry, ...] = ()
    on_return: bool = False
    stages: frozenset[Stage] = frozenset({Stage.LEAD, Stage.MQL, Stage.RECYCLED})
    again_after: timedelta | None = None  # None: one passage through this track for ever


@dataclass(frozen=True, slots=True)
class Step:
    """One message: ``delay`` after the one before (or the entry), repeated if ``every`` is given."""

    position: int
    delay: timedelta
    template: str
    every: timedelta | None = None
    picks_content: bool = False
    needs_content: bool = False
    time_to_live: timedelta = timedelta(days=3)

    def __post_init__(self) -> None:
        if self.delay < timedelta(0) or (self.every is not None and self.every < timedelta(days=1)):
            raise ValueError("A delay is not negative, and a step repeats at most once a day.")


@dataclass(frozen=True, slots=True)
class Track:
    """A published track, steps in order of position."""

    code: str
    entry: Entry
    steps: tuple[Step, ...]
    priority: int = 0
    goal: frozenset[str] = frozenset()
    longest: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """An event that could let a lead into a track; ``track`` is the one that a form names."""

    id: int
    kind: str
    occurred_at: datetime
    content_id: int | None = None
    content_type: str = ""
    gated: bool = False
    new_lead: bool = False
    is_imported: bool = False
    track: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a lead has come: ``position`` of the last step done (0: none), ``rounds`` done of that step."""

    entered_at: datetime
    position: int = 0
    rounds: int = 0
    last_step_at: datetime | None = None
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is true of the lead now: ``acts`` are the kinds of events since it entered the track."""

    stage: Stage
    acts: frozenset[str] = frozenset()
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Do:
    """The next step falls due at ``due_at``; ``round`` counts its repetitions from 1."""

    step: Step
    round: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Leave:
    """The lead leaves the track."""

    ending: Ending


def lets_in(track: Track, fact: Fact, *, stage: Stage, now: datetime) -> bool:
    """Whether ``fact`` lets a lead at ``stage`` into ``track`` now; what was imported never does."""
    is_fresh = not fact.is_imported and timedelta(0) <= now - fact.occurred_at <= TRIGGER_WINDOW
    if not is_fresh or stage not in track.entry.stages:
        return False
    return fact.track == track.code or any(_matches(entry, fact) for entry in track.entry.events)


def _matches(entry: EventEntry, fact: Fact) -> bool:
    if entry.kind != fact.kind or (entry.gated and not fact.gated) or (entry.new_lead and not fact.new_lead):
        return False
    return not entry.content_types or fact.content_type in entry.content_types


def may_enter_again(track: Track, last_entered_at: datetime | None, *, now: datetime) -> bool:
    """Whether a lead whose last passage through ``track`` began then may begin another."""
    if last_entered_at is None:
        return True
    again_after = track.entry.again_after
    return again_after is not None and now - last_entered_at >= again_after


def next_step(track: Track, progress: Progress, situation: Situation, *, now: datetime) -> Do | Leave:
    """What comes next for a lead in ``track``: a step with its time, or the end with its reason."""
    ending = _ending(track, progress, situation, now)
    if ending is not None:
        return Leave(ending)
    do = _following(track.steps, progress)
    if do is None:
        return Leave(Ending.COMPLETED)
    if progress.wake_at is not None and do.due_at >= progress.wake_at:
        return Leave(Ending.COMPLETED)
    return do


def _ending(track: Track, progress: Progress, situation: Situation, now: datetime) -> Ending | None:
    wake_at, longest = progress.wake_at, track.longest
    endings = (
        (bool(situation.acts & track.goal), Ending.GOAL_REACHED),
        (situation.stage in _SALES_OR_AFTER, Ending.SALES_TOOK_OVER),
        (not situation.reachable, Ending.UNREACHABLE),
        (wake_at is not None and now >= wake_at, Ending.WOKE_UP),
        (situation.stage not in track.entry.stages, Ending.STAGE_LEFT),
        (longest is not None and now - progress.entered_at >= longest, Ending.TOO_LONG),
    )
    return next((ending for ended, ending in endings if ended), None)


def _following(steps: Sequence[Step], progress: Progress) -> Do | None:
    last_at = progress.last_step_at or progress.entered_at
    current = next((step for step in steps if step.position == progress.position), None)
    if current is not None and current.every is not None:
        return Do(current, progress.rounds + 1, last_at + current.every)
    after = next((step for step in steps if step.position > progress.position), None)
    return None if after is None else Do(after, 1, last_at + after.delay)
