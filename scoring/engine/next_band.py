"""What is missing to the next band: which facts to learn, which deeds to hope for (pure).

A *step* is one thing that may still become true of a lead: a fact that is not known yet, or something that
it may do today. Each proposal is tried with the plain reader itself, so caps, windows and gates are in it;
nothing is proposed that does not reach its goal, and no proposal holds a step that it could do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from scoring.engine.explain import Frame, LeadFacts, explain
from scoring.engine.next_steps import Kind, Learn, Step, applied, steps_of
from scoring.engine.outcome import Outcome
from scoring.engine.rules import GRADES, RuleSet

GOALS = ("grade", "level", "mql", "ready")
MOST_SETS = 3  # proposals for a goal
MOST_PAIRS = 36  # pairs tried when no single step is enough
MOST_TOGETHER = 6  # steps of one proposal


@dataclass(frozen=True, slots=True)
class Way:
    """How one goal is reached.

    ``goal``: grade, level, mql or ready; ``target`` the grade or level. ``lacking``: thousandths of points to
    the threshold (grade and level). ``sets``: proposals, the smallest first; none when nothing known here
    suffices, and then ``capped`` names the groups that are full already.
    """

    goal: str
    target: str
    lacking: int
    sets: tuple[tuple[Step, ...], ...]
    capped: tuple[str, ...] = ()


def next_band(
    rules: RuleSet, lead: LeadFacts, frame: Frame, *, now: datetime, kinds: Sequence[Kind]
) -> tuple[Way, ...]:
    """The ways to the next grade, the next level and the gates that are shut.

    ``kinds``: what a lead may do, the first of several that fit being taken as the example. ``now``: aware.
    """
    return _Search(rules, lead, frame, now, kinds).ways()


class _Search:
    def __init__(
        self, rules: RuleSet, lead: LeadFacts, frame: Frame, now: datetime, kinds: Sequence[Kind]
    ) -> None:
        self.rules, self.lead, self.frame, self.now, self.kinds = rules, lead, frame, now, kinds
        self.found = explain(rules, lead, frame)
        self.tried: dict[frozenset[Step], Outcome] = {}

    def ways(self) -> tuple[Way, ...]:
        goals = [goal for goal in GOALS if not self._reached(goal, self.found.outcome)]
        steps = [step for step in self._possible() if self._try((step,)) != self.found.outcome]
        return tuple(self._way(goal, steps) for goal in goals)

    def _possible(self) -> list[Step]:
        return steps_of(self.rules, self.lead, self.frame, self.found.missing, self.kinds)

    def _way(self, goal: str, steps: Sequence[Step]) -> Way:
        sets = self._singles(goal, steps) or self._pairs(goal, steps) or self._greedy(goal, steps)
        target, lacking = self._target(goal)
        return Way(goal, target, lacking, tuple(sets[:MOST_SETS]), () if sets else self._capped(goal))

    # -- trying

    def _try(self, steps: Sequence[Step]) -> Outcome:
        key = frozenset(steps)
        if key not in self.tried:
            lead, frame = applied(steps, self.lead, self.frame, self.now)
            self.tried[key] = explain(self.rules, lead, frame).outcome
        return self.tried[key]

    def _reached(self, goal: str, outcome: Outcome) -> bool:
        """Whether a goal of the lead as it is now is reached in this outcome; the best band has none."""
        before = self.found.outcome
        match goal:
            case "grade":
                return before.grade == "A" or outcome.grade < before.grade
            case "level":
                return before.level == 1 or outcome.level < before.level
            case "mql":
                return outcome.mql_gate
            case _:
                return outcome.ready_gate

    def _does(self, goal: str, steps: Sequence[Step]) -> bool:
        return self._reached(goal, self._try(steps))

    def _gain(self, goal: str, step: Step) -> int:
        """By how much a step helps, in thousandths: of the fit, of the engagement, or of both for a gate."""
        before, after = self.found.outcome, self._try((step,))
        fit, engagement = after.fit - before.fit, after.engagement - before.engagement
        if goal in ("grade", "level"):
            return fit if goal == "grade" else engagement
        return fit + engagement + 1000 * (after.completeness - before.completeness)

    def _singles(self, goal: str, steps: Sequence[Step]) -> list[tuple[Step, ...]]:
        """Each step that is enough alone, the least one first; one about each field or deed."""
        enough: dict[object, Step] = {}
        for step in reversed(self._best_first(goal, steps)):
            if self._does(goal, (step,)):
                enough.setdefault(_subject(step), step)
        return [(step,) for step in enough.values()]

    def _pairs(self, goal: str, steps: Sequence[Step]) -> list[tuple[Step, ...]]:
        """Pairs of the steps that help most; tried only while no single one is enough."""
        useful = self._useful(goal, steps)
        pairs: list[tuple[Step, ...]] = sorted(
            (pair for pair in combinations(useful, 2) if _fit_together(pair)),
            key=lambda pair: -sum(self._gain(goal, step) for step in pair),
        )
        return [pair for pair in pairs[:MOST_PAIRS] if self._does(goal, pair)][:MOST_SETS]

    def _greedy(self, goal: str, steps: Sequence[Step]) -> list[tuple[Step, ...]]:
        """One larger set: the best steps until it is enough, less those that it can do without."""
        chosen: tuple[Step, ...] = ()
        for step in self._useful(goal, steps)[:12]:
            if len(chosen) == MOST_TOGETHER or not _fit_together((*chosen, step)):
                continue
            chosen = (*chosen, step)
            if self._does(goal, chosen):
                return [self._without_needless(goal, chosen)]
        return []

    def _without_needless(self, goal: str, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        for step in steps:
            fewer = tuple(one for one in steps if one != step)
            if self._does(goal, fewer):
                return self._without_needless(goal, fewer)
        return steps

    def _useful(self, goal: str, steps: Sequence[Step]) -> list[Step]:
        return [step for step in self._best_first(goal, steps) if self._gain(goal, step) >= 0]

    def _best_first(self, goal: str, steps: Sequence[Step]) -> list[Step]:
        return sorted(steps, key=lambda step: -self._gain(goal, step))

    # -- what is asked for

    def _target(self, goal: str) -> tuple[str, int]:
        """The next grade or level, and how many thousandths of points it is away."""
        outcome, matrix = self.found.outcome, self.rules.matrix
        if goal == "grade":
            above = GRADES.index(outcome.grade) - 1
            return GRADES[above], matrix.fit[above] * 1000 - outcome.fit
        if goal == "level":
            return str(outcome.level - 1), matrix.engagement[outcome.level - 2] * 1000 - outcome.engagement
        return "", 0

    def _capped(self, goal: str) -> tuple[str, ...]:
        """The groups of the measure whose cap takes points away already."""
        measures = {"grade": ("fit",), "level": ("engagement",)}.get(goal, ("fit", "engagement"))
        full = [line.group for line in self.found.lines if line.kind == "cap" and line.measure in measures]
        return tuple(dict.fromkeys(full))


def _fit_together(steps: Sequence[Step]) -> bool:
    """Whether no two of these steps tell different things of one field, or the same deed twice."""
    return len({_subject(step) for step in steps}) == len(steps)


def _subject(step: Step) -> object:
    """The field that is learned, or the deed."""
    return step.test.field if isinstance(step, Learn) else step.match
