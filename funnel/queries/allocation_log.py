"""What the allocation decided, and what it would decide: for one lead, and for all of late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from funnel.allocation import Rule, WhyNot
from funnel.allocation_words import RULES, WHY_NOT, rule_words
from funnel.models import AllocationDecision, Rep, Standing
from funnel.queries.held import held_back
from funnel.queries.waiting import why_nobody
from funnel.stages import READY


@dataclass(frozen=True, slots=True)
class Line:
    """One rep and why the lead did not, or would not, go there."""

    rep: Rep
    why: WhyNot

    @property
    def words(self) -> str:
        return str(WHY_NOT[self.why])


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the next run would do with one waiting lead; ``is_held``: somebody may still undo a decision."""

    rep: Rep | None
    rule: Rule | None
    why_not: Sequence[Line]
    is_held: bool

    @property
    def words(self) -> str:
        """What would decide."""
        return str(RULES[self.rule]) if self.rule else ""


def dry_run(standing: Standing, *, now: datetime) -> DryRun | None:
    """Who would get this lead now, or why nobody; None for one that does not wait. Changes nothing."""
    if standing.position != READY:
        return None
    answer = why_nobody(standing, now=now)
    reps = names()
    chosen = answer.assignment
    return DryRun(
        reps.get(chosen.rep) if chosen else None,
        chosen.rule if chosen else None,
        lines(answer.why_not, reps),
        bool(held_back([standing.lead_id], now=now)),
    )


def names() -> dict[int, Rep]:
    """Every rep with the user, by number."""
    return {rep.pk: rep for rep in Rep.objects.select_related("user")}


def lines(why_not: Mapping[int, WhyNot], reps: Mapping[int, Rep]) -> list[Line]:
    """By name."""
    found = [Line(reps[number], why) for number, why in why_not.items() if number in reps]
    return sorted(found, key=lambda line: str(line.rep))


@dataclass(frozen=True, slots=True)
class Decided:
    """One entry of the log with its reps."""

    decision: AllocationDecision
    why_not: Sequence[Line]

    @property
    def words(self) -> str:
        """What decided."""
        return rule_words(self.decision.rule)

    @property
    def reasons(self) -> list[tuple[str, list[Rep]]]:
        """Each reason in words with those it held for."""
        grouped: dict[str, list[Rep]] = {}
        for line in self.why_not:
            grouped.setdefault(line.words, []).append(line.rep)
        return list(grouped.items())


def newest_decisions() -> QuerySet[AllocationDecision]:
    """The log, newest first, with leads and reps."""
    decisions = AllocationDecision.objects.select_related("lead__company", "rep__user")
    return decisions.filter(lead__merged_into=None, lead__erased_at=None).order_by("-at", "-id")


def decided(decisions: Sequence[AllocationDecision], reps: Mapping[int, Rep]) -> list[Decided]:
    """Entries with the reps behind their numbers."""
    return [
        Decided(
            one,
            lines({rep: WhyNot(why) for why, numbers in one.why_not.items() for rep in numbers}, reps),
        )
        for one in decisions
    ]
