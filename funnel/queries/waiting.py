"""The waiting room: leads ready for sales that found no place yet, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, FloatField, IntegerField, OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Extract, Floor

from funnel.allocation import Assignment, Desk, Waiting, WhyNot, plan
from funnel.choices import OfferStatus
from funnel.days import today
from funnel.models import Offer, Rep, Standing
from funnel.priority import PERMILLE_A_POINT, POINTS_A_DAY, points
from funnel.queries.capacity import offered_today, used_places
from funnel.queries.policy import sales_policy
from funnel.queries.traits import takes_of, traits_of
from funnel.stages import Situation
from leads.models import Lead
from scoring.likelihoods import joined_permille


def waiting_room() -> QuerySet[Standing]:
    """Ready leads, the best first, then who has waited longest (funnel/priority.py).

    Each has ``permille``, what the entitled model says of it (None without one). The order needs no clock:
    all grow older at the same pace, so the days are counted from a fixed one.
    """
    return (
        Standing.objects.filter(situation=Situation.READY, lead__merged_into=None, lead__erased_at=None)
        .select_related("lead")
        .annotate(permille=joined_permille("lead"), turn=_turn())
        .order_by("-turn", "ready_since", "lead")
    )


def _turn() -> Combinable:
    """``priority.points``, but for the days until today, which are the same for everybody."""
    zone = ZoneInfo(settings.TIME_ZONE)
    day = Floor(Extract("ready_since", "epoch", tzinfo=zone, output_field=FloatField()) / 86_400)
    likelihood = Floor(Coalesce(F("permille"), 0) / float(PERMILLE_A_POINT))
    return F("priority") + Cast(likelihood - POINTS_A_DAY * day, IntegerField())


def desks_of(reps: Sequence[Rep], *, now: datetime) -> list[Desk]:
    """The reps (``whole()``) as the allocation sees them at this instant."""
    numbers = [rep.pk for rep in reps]
    used, given = used_places(numbers, now=now), offered_today(numbers, now=now)
    return [
        Desk(
            rep=rep.pk,
            places=rep.places,
            used=used[rep.pk].total,
            sal_cap=rep.sal_cap,
            sal=used[rep.pk].sal,
            offers_per_day=rep.offers_per_day,
            offered_today=given[rep.pk],
            weight=rep.weight,
            credit=rep.credit,
            is_active=rep.is_active and rep.user.is_active,
            is_absent=rep.is_absent_at(now),
            last_resort=rep.is_last_resort,
            last_served_at=rep.last_served_at,
            takes=takes_of(rep),
        )
        for rep in reps
    ]


def queue_of(standings: Sequence[Standing], *, now: datetime) -> list[Waiting]:
    """Leads of the waiting room as the allocation sees them."""
    traits = traits_of([standing.lead for standing in standings])
    excluded = _excluded([standing.lead_id for standing in standings])
    colleagues = _owners_by_company({one.lead.company_id for one in standings if one.lead.company_id})
    return [
        Waiting(
            lead=standing.lead_id,
            priority=points_of(standing, now=now),
            ready_since=standing.ready_since or standing.since,
            excluded=frozenset(excluded.get(standing.lead_id, ())),
            former_owner=standing.lead.former_owner_id,
            company_reps=frozenset(colleagues.get(standing.lead.company_id or 0, ())),
            traits=traits[standing.lead_id],
        )
        for standing in standings
    ]


def points_of(standing: Standing, *, now: datetime) -> int:
    """The place of a lead of the waiting room in its queue (``priority.points``)."""
    ready_on = today(standing.ready_since or standing.since)
    return points(standing.priority, getattr(standing, "permille", None), ready_on, today(now))


_PASSED = (OfferStatus.REFUSED, OfferStatus.EXPIRED)


def passed_over(standings: QuerySet[Standing]) -> QuerySet[Standing]:
    """Those that at least one rep declined or did not decide in time, in their present cycle."""
    passed = Offer.objects.filter(lead=OuterRef("lead"), cycle=OuterRef("cycle"), status__in=_PASSED)
    return standings.filter(Exists(passed))


def _excluded(lead_ids: Sequence[int]) -> Mapping[int, set[int]]:
    """Who let each lead pass in its present cycle."""
    cycle = F("lead__standing__cycle")
    passed = Offer.objects.filter(lead__in=lead_ids, status__in=_PASSED, cycle=cycle)
    found: dict[int, set[int]] = defaultdict(set)
    for lead, rep in passed.values_list("lead", "rep"):
        found[lead].add(rep)
    return found


def _owners_by_company(companies: set[int]) -> Mapping[int, set[int]]:
    """Who owns leads of these companies: works them now or won them."""
    found: dict[int, set[int]] = defaultdict(set)
    owned = Lead.objects.filter(company__in=companies).exclude(owner=None)
    for company, owner in owned.values_list("company", "owner").distinct() if companies else ():
        found[company].add(owner)
    return found


@dataclass(frozen=True, slots=True)
class WhyNobody:
    """A dry run for one waiting lead: who would get it, or why nobody."""

    assignment: Assignment | None
    why_not: Mapping[int, WhyNot]


def why_nobody(standing: Standing, *, now: datetime) -> WhyNobody:
    """What the allocation would do with this one lead now, changing nothing."""
    reps = list(Rep.objects.whole().order_by("pk"))
    limit = sales_policy().reps_before_manager
    queue, desks = queue_of([standing], now=now), desks_of(reps, now=now)
    result = plan(queue, desks, now, reps_before_manager=limit)
    if result.assignments:
        return WhyNobody(result.assignments[0], result.assignments[0].passed_over)
    return WhyNobody(None, result.unplaced[0].why_not)
