"""Who would be offered to whom now: the whole plan as a reading, without any lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from funnel.allocation import Desk, Unplaced, plan
from funnel.models import Rep, Standing
from funnel.queries.held import settled
from funnel.queries.policy import sales_policy
from funnel.queries.waiting import desks_of, passed_over, queue_of, waiting_room

# Read besides what can be placed, for those that nobody may take.
SPARE = 20
LARGEST_PAGE = 500
MOST_SEEN = 2_000


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The leads that would be offered, best first, and why the best of the others would not."""

    leads: Sequence[int] = ()
    unplaced: Sequence[Unplaced] = ()


def foresee(*, now: datetime, most: int) -> Foreseen:
    """What the next run would do, for ``most`` leads at most. Reads the waiting room page by page until
    the places are full, so that leads nobody may take do not hold up those behind; 2,000 leads at most."""
    if not waiting_room().values_list("lead", flat=True)[:1]:
        return Foreseen()
    desks = desks_of(list(Rep.objects.whole().filter(is_active=True)), now=now)
    if not _free(desks):
        return Foreseen()
    queue, limit = settled(_queue(desks), now=now), sales_policy().reps_before_manager
    leads: list[int] = []
    unplaced: list[Unplaced] = []
    seen = size = 0
    while (free := _free(desks)) and seen < MOST_SEEN and len(leads) < most:
        size = min(LARGEST_PAGE, max(free + SPARE, 2 * size))
        page = list(queue[seen : seen + size])
        made = plan(queue_of(page, now=now), desks, now, reps_before_manager=limit)
        leads += [one.lead for one in made.assignments]
        unplaced += made.unplaced
        desks = list(made.desks.values())
        seen += len(page)
        if len(page) < size:
            break
    return Foreseen(leads[:most], unplaced)


def _queue(desks: Sequence[Desk]) -> QuerySet[Standing]:
    """Who may be offered at all: when only managers have places left, what reps let pass.

    Without a single rep, everybody waits for the managers.
    """
    reps = [desk for desk in desks if desk.is_active and not desk.last_resort]
    if any(desk.free for desk in reps) or not reps:
        return waiting_room()
    return passed_over(waiting_room())


def _free(desks: Sequence[Desk]) -> int:
    return sum(desk.free for desk in desks)
