"""Desks as their settings show them: load, absence, what they take, and how many leads would fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from accounts.models import User
from accounts.roles import Role
from funnel.models import Absence, Passage, Rep, Standing
from funnel.queries.capacity import Used, offered_today, used_places
from funnel.queries.traits import takes_of, traits_of
from funnel.stages import Situation
from leads.models import Lead

LOOKED_BACK = timedelta(days=90)
MOST_READ = 1_000


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One desk in the list. ``left``: leads being worked that wait to be handed over."""

    rep: Rep
    used: Used
    offered_today: int
    away: Absence | None
    left: int

    @property
    def is_closed(self) -> bool:
        return not (self.rep.is_active and self.rep.user.is_active)


def desk_lines(*, now: datetime) -> list[DeskLine]:
    """Every desk, open ones first, by name. Six queries."""
    reps = sorted(Rep.objects.whole(), key=lambda rep: (not rep.is_active, rep.is_last_resort, str(rep)))
    numbers = [rep.pk for rep in reps]
    used, given = used_places(numbers, now=now), offered_today(numbers, now=now)
    left = dict(
        Standing.objects.filter(to_hand_over(now=now)).order_by().values_list("rep").annotate(Count("pk"))
    )
    return [
        DeskLine(rep, used[rep.pk], given[rep.pk], _absence(rep, now), left.get(rep.pk, 0)) for rep in reps
    ]


def _absence(rep: Rep, now: datetime) -> Absence | None:
    """The one of today, from what came with the rep."""
    day = rep.calendar.local_day(now)
    return next((one for one in rep.absences.all() if _covers(one, day)), None)


def _covers(absence: Absence, day: date) -> bool:
    return absence.first_day <= day and (absence.last_day is None or absence.last_day >= day)


def to_hand_over(*, now: datetime) -> Q:
    """Standings (as a filter) that wait for another rep: theirs is gone, or away having handed over."""
    away = Absence.objects.on(now.date()).filter(hands_over=True).values("rep")
    return Q(rep__isnull=False) & (Q(rep__is_active=False) | Q(rep__user__is_active=False) | Q(rep__in=away))


def without_desk() -> Sequence[User]:
    """Reps and managers who have no desk yet."""
    people = User.objects.filter(is_active=True, role__in=[Role.REP, Role.MANAGER], rep=None)
    return list(people.order_by("first_name", "last_name"))


@dataclass(frozen=True, slots=True)
class Fit:
    """How many of the leads that lately became ready a desk's rules take."""

    fits: int
    of: int


def fit_of(rep: Rep, *, now: datetime) -> Fit:
    """Of the last 90 days' ready leads (the newest 1,000), those that this desk (``whole()``) takes."""
    ready = Passage.objects.filter(to_situation=Situation.READY, at__gt=now - LOOKED_BACK).order_by("-at")
    newest = list(dict.fromkeys(ready.values_list("lead", flat=True)[: 2 * MOST_READ]))[:MOST_READ]
    fields = ("postcode", "region", "country", "language", "interests", "company")
    leads = list(Lead.objects.filter(pk__in=newest, erased_at=None).only(*fields))
    takes, traits = takes_of(rep), traits_of(leads)
    return Fit(sum(takes.mismatch(one) is None for one in traits.values()), len(leads))
