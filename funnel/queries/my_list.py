"""The list of the leads a rep works: what comes next for each, the late ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.models import User
from funnel.models import Opportunity, Standing
from funnel.next_action import Planned, next_of
from funnel.queries.checklist import Checklist, checklists
from funnel.queries.my_leads import opportunities_of, worked_by
from funnel.queries.work import planned

MOST = 200


class Show(StrEnum):
    """What the list is narrowed to."""

    ALL = ""
    SAL = "sal"
    SQL = "sql"
    LATE = "late"
    NOTHING_PLANNED = "nothing"


@dataclass(frozen=True, slots=True)
class ListRow:
    """One lead in work. ``next`` is None where nothing is planned."""

    standing: Standing
    checklist: Checklist
    opportunity: Opportunity | None
    next: Planned | None
    is_late: bool

    def is_in(self, show: Show) -> bool:
        """Whether the list narrowed to ``show`` has it."""
        if show in (Show.SAL, Show.SQL):
            return self.standing.stage == show.value
        if show is Show.LATE:
            return self.is_late
        return show is Show.ALL or self.next is None


@dataclass(frozen=True, slots=True)
class MyList:
    """The rows to show, and how many each narrowing has."""

    rows: tuple[ListRow, ...]
    show: Show
    counts: tuple[tuple[Show, int], ...]


def my_list(user: User, *, now: datetime, show: Show = Show.ALL) -> MyList:
    """The user's SALs and SQLs: without a next action, then late, then by what is due next. Four queries."""
    standings = list(worked_by(user).filter(rep=user.pk).order_by("-since", "lead")[:MOST])
    rows = sorted(_rows(standings, now), key=_urgency)
    counts = tuple((one, sum(row.is_in(one) for row in rows)) for one in Show)
    return MyList(tuple(row for row in rows if row.is_in(show)), show, counts)


def _rows(standings: Sequence[Standing], now: datetime) -> list[ListRow]:
    found, opportunities = checklists(standings), opportunities_of(standings)
    ahead = planned([one.lead_id for one in standings], now=now)
    return [
        _row(
            one, found[one.lead_id], opportunities.get(one.lead_id), next_of(ahead.get(one.lead_id, ())), now
        )
        for one in standings
    ]


def _row(
    standing: Standing,
    checklist: Checklist,
    opportunity: Opportunity | None,
    following: Planned | None,
    now: datetime,
) -> ListRow:
    is_late = following is not None and following.due_at < now and following.what != "meeting"
    return ListRow(standing, checklist, opportunity, following, is_late)


def _urgency(row: ListRow) -> tuple[bool, datetime, int]:
    return row.next is not None, row.next.due_at if row.next else row.standing.since, row.standing.lead_id
