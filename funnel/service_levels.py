"""How long sales have, in working time of the rep concerned (funnel/deadlines.py)."""

from __future__ import annotations

from datetime import datetime, timedelta

from funnel.deadlines import Calendar, NoWorkingTime, add_working_time

DECIDE = timedelta(hours=8)
# How long a decision can be taken back: in the page, while nothing follows from it yet; and by the server.
UNDO_IN_PAGE = timedelta(seconds=10)
UNDO_ON_SERVER = timedelta(minutes=5)
# Looked at again when a decision can no longer be undone in the page: only then anything follows from it.
DECIDED_PURPOSE = "funnel.decided"
RESEARCH = timedelta(hours=8)

# For a rep whose calendar has no opening: the lead must still move on.
_FALLBACK = timedelta(days=3)


def due(start: datetime, length: timedelta, calendar: Calendar) -> datetime:
    """When `length` of the rep's working time has passed; three days when they never work."""
    try:
        return add_working_time(start, length, calendar)
    except NoWorkingTime:
        return start + _FALLBACK
