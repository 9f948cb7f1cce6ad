"""How soon somebody who asked for something gets a first answer, and who hears of it when not (pure).

The clock starts with the event and runs in the working hours of the rep concerned, by the office's while
there is none. Told along the way, once each: the rep at once and at half the time, the manager when the
time is over, every manager after twice the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from funnel.deadlines import Calendar, NoWorkingTime, working_time_between
from funnel.service_levels import due


class Step(IntEnum):
    """How far the escalation of one promise is."""

    NOTHING = 0
    STARTED = 1
    SOON = 2
    BREACHED = 3
    ESCALATED = 4


class State(StrEnum):
    """How a promise stands."""

    OK = "ok"
    SOON = "soon"
    BREACHED = "breached"


# At which part of the promised time each step is taken.
SHARES: Mapping[Step, float] = {
    Step.STARTED: 0,
    Step.SOON: 0.5,
    Step.BREACHED: 1,
    Step.ESCALATED: 2,
}


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised: an answer within so many working minutes of ``asked_at``, by this calendar."""

    asked_at: datetime
    minutes: int
    calendar: Calendar

    def moment(self, step: Step) -> datetime:
        """When this step is due (not for NOTHING)."""
        return due(self.asked_at, timedelta(minutes=self.minutes * SHARES[step]), self.calendar)

    @property
    def due_at(self) -> datetime:
        """Until when the first answer is promised."""
        return self.moment(Step.BREACHED)

    def step_at(self, now: datetime) -> Step:
        """The last step that is due."""
        return max((step for step in SHARES if self.moment(step) <= now), default=Step.NOTHING)

    def state_at(self, now: datetime) -> State:
        """Kept, in its second half, or broken."""
        step = self.step_at(now)
        return State.BREACHED if step >= Step.BREACHED else State.SOON if step == Step.SOON else State.OK

    def left_at(self, now: datetime) -> timedelta:
        """Working time that is left, to the whole minute upwards; zero when it is over."""
        try:
            left = working_time_between(max(now, self.asked_at), self.due_at, self.calendar)
        except NoWorkingTime:  # pragma: no cover - due() has answered for such a calendar already
            left = self.due_at - now
        return timedelta(minutes=-(-left // timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a promise: how far it was escalated, when it was answered, when nothing is owed."""

    step: Step = Step.NOTHING
    answered_at: datetime | None = None
    ended_at: datetime | None = None

    def is_broken(self, due_at: datetime, now: datetime) -> bool:
        """Whether the answer did not come in time."""
        return (self.answered_at or self.ended_at or now) > due_at


def go_on(
    course: Course,
    promise: Promise,
    *,
    first_act: datetime | None,
    left_at: datetime | None,
    now: datetime,
) -> Course:
    """The course as of now. ``first_act``: when somebody first turned to the lead since it asked;
    ``left_at``: since when it stands where sales owe it nothing. What has ended does not change any more,
    and no step is taken back.
    """
    if course.ended_at is not None:
        return course
    if first_act is not None:
        return replace(course, answered_at=first_act, ended_at=first_act)
    if left_at is not None:
        return replace(course, ended_at=left_at)
    return replace(course, step=max(course.step, promise.step_at(now)))
