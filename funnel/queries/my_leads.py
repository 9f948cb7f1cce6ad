"""The leads a rep works: SAL and SQL, with their checklist and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import rules
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from funnel.days import today
from funnel.models import Opportunity, OpportunityChange, Passage, Standing, Task
from funnel.queries.checklist import Checklist, checklist_in_full
from funnel.queries.happenings import Happening, happenings
from funnel.queries.offer_card import Point, points_of
from funnel.stages import Stage
from leads.queries import timeline


@dataclass(frozen=True, slots=True)
class Worked:
    """One lead in work. ``first_contact_due`` only while it is a SAL that nobody has called yet."""

    standing: Standing
    checklist: Checklist
    opportunity: Opportunity | None
    first_contact_due: datetime | None


def worked_by(user: User) -> QuerySet[Standing]:
    """The leads this user works; any lead in work for who manages sales. With lead, company, score."""
    standings = Standing.objects.filter(stage__in=[Stage.SAL, Stage.SQL])
    if not rules.has_perm("funnel.manage_sales", user):
        standings = standings.filter(rep=user.pk)
    first = Task.objects.filter(lead=OuterRef("lead"), cycle=OuterRef("cycle"), is_first_contact=True)
    due = Subquery(first.filter(done_at=None).values("due_at"))
    return standings.select_related("rep__user", "lead__company", "lead__score").annotate(contact_due=due)


def opportunities_of(standings: Sequence[Standing]) -> dict[int, Opportunity]:
    """The opportunity of each SQL in its present cycle; a SAL has none yet."""
    cycles = {one.lead_id: one.cycle for one in standings if one.stage == Stage.SQL}
    rows = Opportunity.objects.filter(lead__in=cycles) if cycles else ()
    return {one.lead_id: one for one in rows if one.cycle == cycles[one.lead_id]}


def changes_of(opportunity: Opportunity) -> list[OpportunityChange]:
    """How its expectations were revised, the newest first."""
    return list(opportunity.changes.select_related("by").order_by("-id")[:20])


def _first_contact(standing: Standing) -> datetime | None:
    found: datetime | None = getattr(standing, "contact_due", None)
    return found if standing.stage == Stage.SAL else None


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that a rep sees of one lead in work."""

    worked: Worked
    pros: tuple[Point, ...]
    cons: tuple[Point, ...]
    events: tuple[Happening, ...]
    passages: tuple[Passage, ...]
    is_overdue: bool


def dossier(standing: Standing, *, now: datetime) -> Dossier:
    """One lead in work (a standing of ``worked_by``) with why, what happened, and how it came here."""
    pros, cons = points_of(standing.lead, now=now)
    opportunity = opportunities_of([standing]).get(standing.lead_id)
    newest = list(timeline(standing.lead, limit=40))
    passages = Passage.objects.filter(lead=standing.lead).select_related("reason").order_by("-id")[:20]
    return Dossier(
        worked=Worked(standing, checklist_in_full(standing, newest), opportunity, _first_contact(standing)),
        pros=pros,
        cons=cons,
        events=happenings(newest, limit=12),
        passages=tuple(passages),
        is_overdue=_is_overdue(opportunity, today(now)),
    )


def _is_overdue(opportunity: Opportunity | None, day: date) -> bool:
    """Whether it should have closed by now."""
    return bool(opportunity and opportunity.expected_close and opportunity.expected_close < day)
