"""When an offer must be decided, and when its rep is reminded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from funnel.models import Rep, SalesPolicy
from funnel.service_levels import due


@dataclass(frozen=True, slots=True)
class Times:
    """Deadline and reminder of an offer, in UTC; no reminder where there is no time for one."""

    deadline: datetime
    remind_at: datetime | None

    @classmethod
    def of(cls, rep: Rep, policy: SalesPolicy, start: datetime, decide: timedelta | None = None) -> Times:
        """By the rep's working time; the reminder comes ``reminder_hours`` of it before the deadline."""
        length, calendar = decide or policy.decide, rep.calendar
        before = length - policy.reminder
        reminds = bool(policy.reminder) and before > timedelta()
        return cls(due(start, length, calendar), due(start, before, calendar) if reminds else None)
