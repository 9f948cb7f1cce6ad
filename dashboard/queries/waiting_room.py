"""The waiting room as people read it: who is next, why there, and what marketing does meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from dashboard.queries.messages import HEAVY
from funnel.days import today
from funnel.models import Standing
from funnel.priority import age_points, likelihood_points
from funnel.queries.waiting import points_of, waiting_room
from nurturing.models import Message, State

PAGE_SIZE = 50
MEANWHILE = (State.PLANNED, State.SENT)


@dataclass(frozen=True, slots=True)
class Waiter:
    """A lead and its place (from 1): points of the matrix, of its likelihood and of its age, and their sum.

    ``message`` is the last one it got, or the one planned for it; None when nurturing has nothing for it.
    """

    place: int
    standing: Standing
    matrix: int
    likelihood: int
    age: int
    points: int
    message: Message | None


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """One page of the waiting room. ``total`` wait altogether."""

    rows: list[Waiter]
    total: int
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def following(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


def waiting_page(number: int, *, now: datetime) -> WaitingPage:
    """The page with that number, or the last one before it."""
    room = waiting_room()
    total = room.count()
    number = max(1, min(number, -(-total // PAGE_SIZE)))
    first = (number - 1) * PAGE_SIZE
    found = room.select_related("lead__company", "lead__score")[first : first + PAGE_SIZE]
    standings = list(found.defer("lead__search_text"))
    messages = _messages([standing.lead_id for standing in standings])
    rows = [
        _waiter(place, standing, messages.get(standing.lead_id), now)
        for place, standing in enumerate(standings, start=first + 1)
    ]
    return WaitingPage(rows, total, number)


def _waiter(place: int, standing: Standing, message: Message | None, now: datetime) -> Waiter:
    return Waiter(
        place=place,
        standing=standing,
        matrix=standing.priority,
        likelihood=likelihood_points(getattr(standing, "permille", None)),
        age=age_points(today(standing.ready_since or standing.since), today(now)),
        points=points_of(standing, now=now),
        message=message,
    )


def _messages(lead_ids: Sequence[int]) -> dict[int, Message]:
    """The newest message of each lead that was sent or is planned."""
    newest = (
        Message.objects.filter(lead__in=lead_ids, state__in=MEANWHILE)
        .select_related("template", "content")
        .defer(*(one for one in HEAVY if one.startswith("template")))
        .order_by("lead", F("planned_at").desc(), "-pk")
        .distinct("lead")
    )
    return {message.lead_id: message for message in newest}
