"""Promised answers: what is owed, by whom, and whether somebody has turned to the lead since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from accounts.roles import Role
from funnel.deadlines import Calendar
from funnel.models import AnswerPromise, Rep, Standing
from funnel.sla import Course, Promise, State, Step
from funnel.stages import OFFERED, READY, SAL
from leads.kinds import BY_CODE

OWED = frozenset({READY, OFFERED, SAL})
MOST_SHOWN = 500
# What an outside program or a form tells of acts that were not logged here.
_ACTS = tuple(BY_CODE[code].id for code in ("outbound_call", "meeting_booked", "meeting_held"))


def open_promises() -> QuerySet[AnswerPromise]:
    """What is owed, the most urgent first; with where the lead stands and who has it."""
    found = AnswerPromise.objects.filter(ended_at=None)
    with_rep = found.select_related("lead__standing__rep__user", "lead__offered_to__rep__user", "rep__user")
    absences = ("lead__standing__rep__absences", "lead__offered_to__rep__absences", "rep__absences")
    return with_rep.prefetch_related(*absences).order_by("due_at", "pk")


def rep_of(standing: Standing) -> Rep | None:
    """Who works the lead or has it on the table to decide (with ``lead.offered_to.rep`` at hand)."""
    if standing.rep is not None:
        return standing.rep
    holder = standing.lead.offered_to
    return getattr(holder, "rep", None) if holder and standing.position == OFFERED else None


def calendar_of(rep: Rep | None) -> Calendar:
    """By whose hours: the rep's, or the office's."""
    return rep.calendar if rep else Calendar()


def promise_of(row: AnswerPromise) -> Promise:
    """A stored promise as a plain value."""
    return Promise(row.asked_at, row.minutes, calendar_of(row.rep))


def course_of(row: AnswerPromise) -> Course:
    """What became of a stored promise."""
    return Course(Step(row.step), row.answered_at, row.ended_at)


_FIRST_ACTS = """
SELECT promise.id, (
    SELECT min(act.at) FROM (
        SELECT one.at FROM funnel_call AS one WHERE one.lead_id = promise.lead_id
        UNION ALL
        SELECT one.at FROM funnel_socialmessage AS one
         WHERE one.lead_id = promise.lead_id AND one.direction = 'out'
        UNION ALL
        SELECT one.created_at FROM funnel_meeting AS one WHERE one.lead_id = promise.lead_id
        UNION ALL
        SELECT one.occurred_at FROM leads_event AS one
         WHERE one.lead_id = promise.lead_id AND one.occurred_at > promise.asked_at
           AND one.kind_id = ANY(%(acts)s) AND one.voided_at IS NULL
    ) AS act WHERE act.at > promise.asked_at
)
FROM funnel_answerpromise AS promise WHERE promise.id = ANY(%(promises)s)
"""


def first_acts(promises: Iterable[AnswerPromise]) -> Mapping[int, datetime | None]:
    """When somebody first turned to each lead since it asked (call, message, meeting), by promise id."""
    numbers = [one.pk for one in promises]
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ACTS, {"promises": numbers, "acts": list(_ACTS)})
        return dict(cursor.fetchall())


def managers() -> tuple[list[User], list[User]]:
    """Who takes what no rep decided (every manager where nobody does), and every manager."""
    everybody = list(
        User.objects.filter(role=Role.MANAGER, is_active=True).select_related("rep").order_by("pk")
    )
    desks = [user for user in everybody if (rep := getattr(user, "rep", None)) and rep.is_last_resort]
    return desks or everybody, everybody


def answer_due(key: str) -> Subquery:
    """Until when the lead named by ``key`` is promised a first answer, as an annotation; else NULL."""
    owed = AnswerPromise.objects.filter(lead=OuterRef(key), ended_at=None).order_by("due_at")
    return Subquery(owed.values("due_at")[:1])


@dataclass(frozen=True, slots=True)
class Owed:
    """One promise as shown: ``left`` is working time, zero when it is over."""

    label: str
    due_at: datetime
    left: timedelta
    state: State

    @property
    def minutes(self) -> int:
        """Whole minutes of working time that are left."""
        return self.left // timedelta(minutes=1)


def owed_to(lead_ids: Sequence[int] | None, *, now: datetime, rep: int | None = None) -> dict[int, Owed]:
    """What is owed to each of these leads (or of one rep's, or at all), the most urgent of each."""
    found = (
        AnswerPromise.objects.filter(ended_at=None).select_related("rep").prefetch_related("rep__absences")
    )
    if lead_ids is not None:
        found = found.filter(lead__in=lead_ids)
    if rep is not None:
        found = found.filter(rep=rep)
    rows = list(found.order_by("due_at", "pk")[:MOST_SHOWN])
    return {row.lead_id: _owed(row, now) for row in reversed(rows)}


def _owed(row: AnswerPromise, now: datetime) -> Owed:
    promise = promise_of(row)
    return Owed(row.label, row.due_at, promise.left_at(now), promise.state_at(now))
