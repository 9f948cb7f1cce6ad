"""How many leads stand where: by cell of the matrix, now and under other thresholds; through the gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, F, Field, IntegerField, Q, Value, When

from scoring.engine.rules import GRADES, Matrix, PriorityWeights
from scoring.models import LeadScore
from scoring.ranking import Standing, stored_bonus

LEVELS = (1, 2, 3, 4)
BEST, OTHERS = 3, 2  # leads of the example ranking


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the matrix: how many leads are in it, and how many would be."""

    grade: str
    level: int
    before: int
    after: int

    @property
    def change(self) -> int:
        """How many more (or fewer) there would be."""
        return self.after - self.before


@dataclass(slots=True)
class Crowd:
    """The scored leads by cell: as they are, and by the thresholds that were asked about.

    Exact for thresholds alone: fit and engagement are those stored, of the live rules.
    """

    leads: int = 0
    moving: int = 0
    before: Counter[tuple[str, int]] = field(default_factory=Counter)
    after: Counter[tuple[str, int]] = field(default_factory=Counter)

    @property
    def rows(self) -> list[tuple[str, list[Cell]]]:
        """The matrix, A1 first."""
        return [(grade, [self._cell(grade, level) for level in LEVELS]) for grade in GRADES]

    def _cell(self, grade: str, level: int) -> Cell:
        return Cell(grade, level, self.before[grade, level], self.after[grade, level])


def crowd(matrix: Matrix) -> Crowd:
    """Every scored lead, counted by its cell and by the one it would have under ``matrix`` (one query)."""
    counted = (
        LeadScore.objects.annotate(
            new_grade=_rank("fit", matrix.fit, GRADES, CharField()),
            new_level=_rank("engagement", matrix.engagement, LEVELS, IntegerField()),
        )
        .values_list("grade", "level", "new_grade", "new_level")
        .annotate(leads=Count("*"))
        .order_by()
    )
    found = Crowd()
    for grade, level, new_grade, new_level, leads in counted:
        found.leads += leads
        found.moving += leads if (grade, level) != (new_grade, new_level) else 0
        found.before[grade, level] += leads
        found.after[new_grade, new_level] += leads
    return found


def _rank(
    column: str, thresholds: Sequence[int], words: Sequence[str | int], output: Field[Any, Any]
) -> Case:
    """The first word whose threshold (whole points) is reached, else the last."""
    steps = zip(thresholds, words, strict=False)
    return Case(
        *(When(**{f"{column}__gte": points * 1000}, then=Value(word)) for points, word in steps),
        default=Value(words[-1]),
        output_field=output,
    )


@dataclass(frozen=True, slots=True)
class Through:
    """How many leads pass each gate by the live rules; ``kept`` only stay because they were in."""

    leads: int
    mql: int
    mql_kept: int
    ready: int
    ready_kept: int


def through() -> Through:
    """Who passes the gates today (one query)."""
    only = {"mql": Q(mql_gate=True), "ready": Q(ready_gate=True)}
    kept = {
        "mql_kept": Q(mql_keep=True, mql_gate=False),
        "ready_kept": Q(ready_keep=True, ready_gate=False),
    }
    counts = {name: Count("pk", filter=test) for name, test in (only | kept).items()}
    return Through(**LeadScore.objects.aggregate(leads=Count("*"), **counts))


@dataclass(frozen=True, slots=True)
class Spread:
    """How many leads are in each phase and have each temperature, by code."""

    phases: Counter[str]
    temperatures: Counter[str]


def spread() -> Spread:
    """By the live rules (one query)."""
    phases: Counter[str] = Counter()
    temperatures: Counter[str] = Counter()
    rows = LeadScore.objects.values_list("phase", "temperature").annotate(leads=Count("*")).order_by()
    for phase, temperature, leads in rows:
        phases[phase] += leads
        temperatures[temperature] += leads
    return Spread(phases, temperatures)


def examples(live: PriorityWeights) -> list[Standing]:
    """Five leads that are ready: the three hottest, and two that are not hot (two queries, by index)."""
    ready = LeadScore.objects.filter(ready_gate=True).select_related("lead", "lead__company")
    hot = ready.filter(hot_priority__isnull=False).order_by(F("hot_priority").desc(), "lead_id")[:BEST]
    others = ready.filter(hot_priority__isnull=True).order_by("-lead_id")[:OTHERS]
    return [_standing(score, live) for score in (*hot, *others)]


def _standing(score: LeadScore, live: PriorityWeights) -> Standing:
    return Standing(
        lead=score.lead,
        fit=score.fit,
        engagement=score.engagement,
        grade=score.grade,
        level=score.level,
        temperature=score.temperature,
        stored=score.priority,
        is_fast=stored_bonus(score.priority, score.fit, score.engagement, score.temperature, live) > 0,
    )
