"""What is missing to a lead's next band, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from leads.models import EventKind, Lead
from scoring.engine.conditions import Happened
from scoring.engine.next_band import Way, next_band
from scoring.engine.next_steps import Kind, Learn, Step
from scoring.engine.rules import RuleSet
from scoring.queries import case_of
from scoring.sentences import condition_sentence

_GATES = {"mql": lazy("MQL"), "ready": lazy("Ready for sales")}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One thing that may still come true. ``field``: the field to fill in, "" for something to be done."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class ShownWay:
    """How one goal is reached; ``lacking`` in thousandths, ``capped`` the names of full groups."""

    goal: str
    title: str | Promise
    lacking: int
    sets: tuple[tuple[ShownStep, ...], ...]
    capped: tuple[str, ...]


def ways_forward(lead: Lead, *, now: datetime) -> tuple[ShownWay, ...]:
    """The ways to the next grade, level and gates, by the live rules and all that is known at ``now``.

    Raises ``scoring.programs.NoLiveRules``.
    """
    case = case_of(lead, moment=now)
    found = next_band(case.tree, case.facts, case.frame, now=now, kinds=_kinds())
    return tuple(_shown(way, case.tree) for way in found)


def _kinds() -> list[Kind]:
    """What a lead may do of itself, and what speaks for it."""
    rows = EventKind.objects.filter(is_internal=False, is_activity=True, points__gte=0).order_by("id")
    return [Kind(*row) for row in rows.values_list("code", "band", "is_intent", "is_activity")]


def _shown(way: Way, tree: RuleSet) -> ShownWay:
    language = get_language() or "fr"
    names = {group.code: group.name.in_(language) for group in tree.groups}
    return ShownWay(
        goal=way.goal,
        title=_title(way),
        lacking=way.lacking,
        sets=tuple(tuple(_step(step) for step in steps) for steps in way.sets),
        capped=tuple(names[code] for code in way.capped),
    )


def _title(way: Way) -> str | Promise:
    if way.goal == "grade":
        return _("Fit %(grade)s") % {"grade": way.target}
    if way.goal == "level":
        return _("Engagement %(level)s") % {"level": way.target}
    return _GATES[way.goal]


def _step(step: Step) -> ShownStep:
    if isinstance(step, Learn):
        return ShownStep(capfirst(condition_sentence(step.test)), step.test.field)
    deed = Happened(step.match, step.times, step.times if step.distinct and step.times > 1 else 0)
    return ShownStep(capfirst(condition_sentence(deed)))
