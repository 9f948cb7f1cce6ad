"""What is missing to the next band: which facts to learn, which deeds to hope for (pure).

A *step* is one thing that may still become true of a lead: a fact that is not known yet, or something that
it may do today. Each proposal is tried with the plain reader itself, so caps, windows and gates are in it;
nothing is proposed that does not reach its goal, and no proposal holds a step that it could do without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from scoring.engine import fields
from scoring.engine.conditions import (
    All,
    AnyOf,
    Attribute,
    Condition,
    Happened,
    Leaf,
    Measure,
    Reads,
    Resembles,
)
from scoring.engine.explain import Frame, LeadFacts, Occurrence, explain
from scoring.engine.outcome import Outcome
from scoring.engine.rules import GRADES, Occurrences, RuleSet
from scoring.engine.signatures import EventMatch, SignatureFacts

GOALS = ("grade", "level", "mql", "ready")
MOST_SETS = 3  # proposals for a goal
MOST_PAIRS = 36  # pairs tried when no single step is enough
MOST_TOGETHER = 6  # steps of one proposal
# How somebody came is settled, and so is what was found out by Écluse itself.
_SETTLED = frozenset({"acquisition", "channel", "last_channel", "landing_page", "email_flags", "stage"})
_SAID = "…"  # a value that no rule names, for "known, whatever it is"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of event that a lead may still bring about carries into its signature."""

    code: str
    band: str = ""
    is_intent: bool = False
    is_activity: bool = True


@dataclass(frozen=True, slots=True)
class Learn:
    """It turns out that a field which is not known holds ``value``; ``test`` is the question it answers."""

    test: Attribute
    value: fields.Value


@dataclass(frozen=True, slots=True)
class Do:
    """The lead does it today, ``times`` times; about as many different contents where ``distinct``."""

    match: EventMatch
    example: SignatureFacts
    times: int = 1
    distinct: bool = False


Step = Learn | Do


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


def applied(steps: Iterable[Step], lead: LeadFacts, frame: Frame, now: datetime) -> tuple[LeadFacts, Frame]:
    """The lead, and the signatures, as they would be had these steps come true at ``now``."""
    profile, found = dict(lead.profile), list(lead.occurrences)
    signatures = dict(frame.signatures)
    for step in steps:
        if isinstance(step, Learn):
            profile[step.test.field] = _with(profile.get(step.test.field), step.value)
            continue
        for number in range(step.times):
            made = _one_more(step, number, max(signatures, default=0) + 1)
            signatures[made.id] = made
            found.append(Occurrence(1 + max((one.id for one in found), default=0), now, made.id))
    return LeadFacts(profile, tuple(found), **_rest(lead)), replace(frame, signatures=signatures)


def _rest(lead: LeadFacts) -> dict[str, object]:
    """Whatever else is known of a lead stays as it is."""
    return {name: getattr(lead, name) for name in lead.__slots__ if name not in ("profile", "occurrences")}


def _with(known: fields.Value, value: fields.Value) -> fields.Value:
    """A list grows; any other value is taken."""
    if isinstance(known, tuple) and isinstance(value, tuple):
        return (*known, *(one for one in value if one not in known))
    return value


def _one_more(step: Do, number: int, identity: int) -> SignatureFacts:
    content = step.example.content
    if step.distinct:
        named = step.match.contents
        content = named[number] if number < len(named) else f"{_SAID}{number}"
    return replace(step.example, id=identity, content=content)


class _Search:
    def __init__(
        self, rules: RuleSet, lead: LeadFacts, frame: Frame, now: datetime, kinds: Sequence[Kind]
    ) -> None:
        self.rules, self.lead, self.frame, self.now, self.kinds = rules, lead, frame, now, kinds
        self.found = explain(rules, lead, frame)
        self.tried: dict[frozenset[Step], Outcome] = {}

    def ways(self) -> tuple[Way, ...]:
        goals = [goal for goal in GOALS if not self._reached(goal, self.found.outcome)]
        steps = [step for step in self._steps() if self._try((step,)) != self.found.outcome]
        return tuple(self._way(goal, steps) for goal in goals)

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
        enough = [step for step in self._best_first(goal, steps) if self._does(goal, (step,))]
        return [(step,) for step in enough]

    def _pairs(self, goal: str, steps: Sequence[Step]) -> list[tuple[Step, ...]]:
        """Pairs of the steps that help most; tried only while no single one is enough."""
        useful = self._useful(goal, steps)
        pairs = sorted(
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

    # -- which steps there are

    def _steps(self) -> list[Step]:
        found: dict[Step, None] = {}
        for count in self._counts():
            found.update(dict.fromkeys(self._doing(count.match)))
        for leaf in self._questions():
            found.update(dict.fromkeys(self._answers(leaf)))
        for name in self.found.missing:
            found.update(dict.fromkeys(self._learning(Attribute(name, "is_set"))))
        return list(found)

    def _counts(self) -> Iterator[Occurrences]:
        for group in self.rules.groups:
            yield from (rule.count for rule in group.rules if rule.count and rule.points > 0)

    def _questions(self) -> Iterator[Leaf]:
        """What rules that give points, phases, temperatures and gates ask, but for what they deny."""
        for group in self.rules.groups:
            yield from (
                leaf
                for rule in group.rules
                if rule.when is not None and rule.points > 0
                for leaf in _affirmed(rule.when)
            )
        for step in (*self.rules.phases, *self.rules.temperatures):
            yield from _affirmed(step.when)
        for gate in (self.rules.mql, self.rules.ready):
            for condition in (gate.when, *(step.when for step in gate.fast)):
                yield from _affirmed(condition)

    def _answers(self, leaf: Leaf) -> Iterator[Step]:
        match leaf:
            case Attribute():
                yield from self._learning(leaf)
            case Resembles(code):
                persona = next(one for one in self.rules.personas if one.code == code)
                for criterion in persona.criteria:
                    yield from self._learning(criterion.test)
            case Happened():
                yield from self._happening(leaf)
            case Measure() | Reads():
                return

    def _learning(self, test: Attribute) -> Iterator[Learn]:
        """The fact that would answer yes, where the field may still be learned."""
        known = self.lead.profile.get(test.field)
        is_open = not fields.is_known(known) or known == "unknown" or isinstance(known, tuple)
        if test.field in _SETTLED or not is_open:
            return
        value = _value_for(test, self.frame)
        if value is not None and fields.holds(test, _with(known, value), self.frame.today):
            yield Learn(test, value)

    def _doing(self, match: EventMatch) -> Iterator[Do]:
        example = self._example(match)
        if example is not None:
            yield Do(match, example)

    def _happening(self, leaf: Happened) -> Iterator[Do]:
        """Once, or as often as is still missing."""
        example = self._example(leaf.match)
        if example is None:
            return
        more = max(leaf.at_least, leaf.distinct_contents)
        for times in dict.fromkeys((1, *range(2, min(more, 5) + 1))):
            yield Do(leaf.match, example, times, distinct=leaf.distinct_contents > 0)

    def _example(self, match: EventMatch) -> SignatureFacts | None:
        """A signature that the match accepts, of a kind that a lead may bring about."""
        for kind in self.kinds:
            made = SignatureFacts(
                id=0,
                kind=kind.code,
                content=_first(match.contents),
                content_type=_first(match.content_types),
                band=_first(match.bands) or kind.band,
                topics=frozenset(match.topics[:1]),
                channel=_first(match.channels),
                mask=_mask(match, self.frame),
                is_intent=kind.is_intent,
                is_activity=kind.is_activity,
            )
            if match.accepts(made, self.frame.bits):
                return made
        return None


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""


def _mask(match: EventMatch, frame: Frame) -> int:
    return sum(1 << frame.bits[one] for one in dict.fromkeys(match.properties) if one in frame.bits)


def _affirmed(condition: Condition) -> Iterator[Leaf]:
    """The questions whose yes helps a condition to hold."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _affirmed(part)
        case Attribute() | Resembles() | Happened() | Measure() | Reads():
            yield condition
        case _:
            return


def _fit_together(steps: Sequence[Step]) -> bool:
    """Whether no two of these steps tell different things of one field, or the same deed twice."""
    names = [step.test.field if isinstance(step, Learn) else step.match for step in steps]
    return len(set(names)) == len(names)


def _value_for(test: Attribute, frame: Frame) -> fields.Value:
    """A value with which the test holds; None where there is none to name."""
    is_list = fields.field_type(test.field) is fields.FieldType.LIST
    match test.operator:
        case "is" | "at_least" | "at_most":
            return test.value if not isinstance(test.value, tuple) else None
        case "in" | "has_any" if isinstance(test.value, tuple) and test.value:
            first = test.value[0]
            return (str(first),) if is_list else first
        case "has":
            return (str(test.value),)
        case "within_months":
            return frame.today.replace(day=1).isoformat()
        case "is_set":
            return _known(test.field, is_list, frame)
    return None


def _known(name: str, is_list: bool, frame: Frame) -> fields.Value:
    """Any value at all."""
    if is_list:
        return (_SAID,)
    kind = fields.field_type(name)
    if kind is fields.FieldType.MONTH:
        return frame.today.replace(day=1).isoformat()
    return True if kind is fields.FieldType.PRESENCE else _SAID
