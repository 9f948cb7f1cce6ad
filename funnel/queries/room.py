"""What sales can take in the days ahead: each rep's table, and how fast places come free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from funnel.lock import AHEAD_DAYS, Desk, Pace, Why, limit, room
from funnel.models import Rep
from funnel.queries.capacity import Used, loads, offered_today

HISTORY = timedelta(weeks=26)


@dataclass(frozen=True, slots=True)
class Table:
    """One rep in the days ahead: what is taken, how many more leads they can be offered, what limits them."""

    rep: Rep
    used: Used
    days: int
    room: float
    limit: Why

    @property
    def free(self) -> int:
        """Places without anybody now."""
        return max(0, self.rep.places - self.used.total)


@dataclass(frozen=True, slots=True)
class Room:
    """The whole team in the days ahead. Desks that only take what no rep decided are left out."""

    tables: list[Table]

    @property
    def free(self) -> float:
        """Leads that can be offered."""
        return sum(table.room for table in self.tables)

    @property
    def whole(self) -> int:
        """The same, whole leads."""
        return int(self.free)


def room_ahead(pace: Pace, *, now: datetime) -> Room:
    """What the team can take in the seven days from now (funnel/lock.py)."""
    teams = [load for load in loads(now=now) if not load.rep.is_last_resort]
    given = offered_today((load.rep.pk for load in teams), now=now)
    tables = []
    for load in teams:
        desk = _desk(load.rep, load.used, given[load.rep.pk], now)
        tables.append(Table(load.rep, load.used, desk.working_days, room(desk, pace), limit(desk, pace)))
    return Room(tables)


def _desk(rep: Rep, used: Used, given: int, now: datetime) -> Desk:
    """The rep's table. A cap on SAL takes away the places that only an SQL could have."""
    beyond = max(0, rep.places - used.total) - max(0, rep.most_sal - used.sal)
    return Desk(
        places=rep.places - max(0, beyond),
        worked=used.worked,
        offers=used.offers + used.held,
        offers_per_day=rep.offers_per_day,
        offered_today=given,
        working_days=working_days(rep, now=now),
    )


def working_days(rep: Rep, *, now: datetime) -> int:
    """Days that the rep works of the seven from today on, holidays and absences left out."""
    calendar = rep.calendar
    first = calendar.local_day(now)
    return sum(calendar.is_working_day(first + timedelta(days=ahead)) for ahead in range(AHEAD_DAYS))


# Leads in work at each moment are those of now, less who came since, more who left since: summed over the
# time since then that gives the lead-weeks during which a lead could have been closed. What was undone counts
# for that time, but not as closed.
_PACE = """
WITH moved AS (
    SELECT extract(epoch FROM at - %(since)s) AS after, to_stage IN ('sal', 'sql') AS came,
        verb <> 'undo'
            AND NOT EXISTS (SELECT FROM funnel_passage AS undoing WHERE undoing.undoes_id = funnel_passage.id)
            AS lasts
    FROM funnel_passage
    WHERE at > %(since)s AND at <= %(now)s AND NOT is_imported
      AND (from_stage IN ('sal', 'sql')) <> (to_stage IN ('sal', 'sql'))
)
SELECT
    (SELECT count(*) FROM moved WHERE NOT came AND lasts),
    (SELECT count(*) FROM funnel_standing WHERE stage IN ('sal', 'sql'))
        * extract(epoch FROM %(now)s - %(since)s)
        + coalesce((SELECT sum(CASE WHEN came THEN -after ELSE after END) FROM moved), 0),
    (SELECT count(*) FROM funnel_offer WHERE decided_at > %(since)s AND decided_at <= %(now)s
        AND status = 'accepted'),
    (SELECT count(*) FROM funnel_offer WHERE decided_at > %(since)s AND decided_at <= %(now)s
        AND status NOT IN ('open', 'withdrawn'))
"""


def pace(*, now: datetime) -> Pace:
    """How fast places came free in the last 26 weeks; imported history does not count."""
    with connection.cursor() as cursor:
        cursor.execute(_PACE, {"since": now - HISTORY, "now": now})
        closed, seconds, accepted, decided = cursor.fetchone()
    weeks = float(seconds) / timedelta(weeks=1).total_seconds()
    return Pace(
        closed_a_week=closed / weeks if weeks > 0 else 0.0,
        accepted=accepted / decided if decided else 1.0,
    )
