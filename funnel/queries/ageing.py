"""Whom the ageing rule gives up: never qualified, for too long or too often; not in anybody's hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from funnel.ageing import Limits
from funnel.models import AgeingRule, Passage, Standing
from funnel.stages import Situation, Stage, Verb

SHOWN = 12


def ageing_rule() -> AgeingRule:
    """The one rule; off while nobody ever touched it."""
    return AgeingRule.objects.filter(pk=1).first() or AgeingRule(pk=1)


def aged(limits: Limits, *, now: datetime) -> QuerySet[Standing]:
    """Their standings, by lead. What sales have on the table or work is nobody's to give up."""
    idle = Q(stage__in=[Stage.LEAD, Stage.RECYCLED]) | Q(stage=Stage.MQL, situation=Situation.MARKETING)
    passages = Passage.objects.filter(lead=OuterRef("lead"))
    reopened = passages.filter(verb=Verb.REOPEN).order_by("-id")
    qualified = passages.filter(to_stage__in=[Stage.SQL, Stage.CUSTOMER])
    standings = Standing.objects.alias(
        known_since=Coalesce(Subquery(reopened.values("at")[:1]), F("lead__created_at")),
        cycles=F("cycle") - Coalesce(Subquery(reopened.values("cycle")[:1]), Value(1)) + 1,
    )
    return standings.filter(idle, _past(limits, now), ~Exists(qualified)).order_by("lead")


def _past(limits: Limits, now: datetime) -> Q:
    """Past one of the limits; nobody where there is none."""
    past = Q(pk__in=[])
    if (before := limits.came_before(now)) is not None:
        past |= Q(known_since__lte=before)
    return past if limits.cycles is None else past | Q(cycles__gt=limits.cycles)


@dataclass(frozen=True, slots=True)
class WouldAge:
    """Whom a rule would give up at once: how many by stage, and the first few."""

    number: int
    by_stage: tuple[tuple[str, int], ...]
    first: tuple[Standing, ...]


def would_age(limits: Limits, *, now: datetime) -> WouldAge:
    """A look ahead. Two queries."""
    found = aged(limits, now=now)
    counts = tuple(found.order_by().values_list("stage").annotate(number=Count("pk")).order_by("stage"))
    first = found.select_related("lead__company").order_by("lead__created_at", "lead")[:SHOWN]
    return WouldAge(sum(number for _, number in counts), counts, tuple(first))
