"""The bulk reader: a compiled rule set applied to a block of leads by numpy.

It shares the rule tree and the decay table with the plain reader (explain.py), and nothing else. A block's
leads have *places*, 0 to its size; every intermediate result is an array with one entry per place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date

import numpy as np

from scoring.engine.conditions import (
    All,
    AnyOf,
    Attribute,
    Condition,
    Happened,
    Inactive,
    Leaf,
    Measure,
    Not,
    Reads,
    Resembles,
)
from scoring.engine.events import Events, Packed
from scoring.engine.outcome import Outcome
from scoring.engine.profiles import Answers, Bools, Ints, Profiles
from scoring.engine.program import Program
from scoring.engine.rules import FULL, GRADES, PHASES, TEMPERATURES, Gate, Group, Rule, RuleSet, Step


@dataclass(frozen=True, slots=True)
class Block:
    """Some leads, by place: their profiles (profiles.py) and packed events in any order (events.py).

    ``adjustments``: by measure, what people added by hand and what counts today, in thousandths.
    """

    size: int
    profiles: Profiles
    events: Packed
    adjustments: Mapping[str, Ints] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scores:
    """One array per conclusion, one entry per lead of the block. Words are indexes into their tuples."""

    fit: Ints
    engagement: Ints
    grade: Ints
    level: Ints
    phase: Ints
    temperature: Ints
    completeness: Ints
    mql_gate: Bools
    mql_keep: Bools
    ready_gate: Bools
    ready_keep: Bools
    fast_path: Ints
    priority: Ints
    fast_paths: tuple[str, ...]

    def outcome(self, index: int) -> Outcome:
        """One lead's conclusions as plain values."""
        return Outcome(
            fit=int(self.fit[index]),
            engagement=int(self.engagement[index]),
            grade=GRADES[self.grade[index]],
            level=int(self.level[index]),
            phase=PHASES[self.phase[index]],
            temperature=TEMPERATURES[self.temperature[index]],
            completeness=int(self.completeness[index]),
            mql_gate=bool(self.mql_gate[index]),
            mql_keep=bool(self.mql_keep[index]),
            ready_gate=bool(self.ready_gate[index]),
            ready_keep=bool(self.ready_keep[index]),
            fast_path=self.fast_paths[self.fast_path[index]],
            priority=int(self.priority[index]),
        )

    def at(self, places: Ints) -> Scores:
        """The scores of some places only."""
        arrays = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "fast_paths"}
        return replace(self, **{name: array[places] for name, array in arrays.items()})


def read(program: Program, block: Block, today: date) -> Scores:
    """Score every place of the block as of a day of the program's zone.

    Raises ``events.UnknownSignature`` when an event's signature was not there at compilation.
    """
    return _Pass(program, block, today).scores()


def read_rules(program: Program, block: Block, today: date) -> dict[tuple[str, str], Bools]:
    """For each rule in use, by (group, rule): the places for which it gives or takes any points.

    Before its group's cap, which several rules share. Raises like ``read``.
    """
    return _Pass(program, block, today).rules_that_count()


class _Pass:
    def __init__(self, program: Program, block: Block, today: date) -> None:
        self.program = program
        self.rules: RuleSet = program.rules
        self.size = block.size
        self.events = Events(program, block.events, block.size, today)
        self.answers = Answers(program.rules, program.layout, block.profiles, today)
        self.adjustments = block.adjustments
        self.personas = {persona.code: persona for persona in program.rules.personas}
        self.truths: dict[Condition, Bools] = {}
        self.readings: dict[str, Ints] = {}
        self.completeness = self.answers.completeness()
        self.measures: dict[str, Ints] = {"completeness": self.completeness * 1000}

    def scores(self) -> Scores:
        fit, engagement = self._measure("fit"), self._measure("engagement")
        self.readings["grade"] = grade = _rank(fit, self.rules.matrix.fit)
        level = 1 + _rank(engagement, self.rules.matrix.engagement)
        self.readings["level"] = level
        self.readings["phase"] = phase = self._first(self.rules.phases, PHASES)
        self.readings["temperature"] = temperature = self._first(self.rules.temperatures, TEMPERATURES)
        fast = self._fast_path(self.rules.ready)
        ready_gate = self._opens(self.rules.ready)
        ready_keep = ready_gate | self._truth(self.rules.ready.keep)
        mql_gate = self._opens(self.rules.mql)
        return Scores(
            fit=fit,
            engagement=engagement,
            grade=grade,
            level=level,
            phase=phase,
            temperature=temperature,
            completeness=self.completeness,
            mql_gate=mql_gate | ready_gate,
            mql_keep=mql_gate | self._truth(self.rules.mql.keep) | ready_keep,
            ready_gate=ready_gate,
            ready_keep=ready_keep,
            fast_path=fast,
            priority=self._priority(fast),
            fast_paths=self.program.fast_paths,
        )

    def rules_that_count(self) -> dict[tuple[str, str], Bools]:
        for measure in ("fit", "engagement"):
            self._measure(measure)
        found = {}
        for group in self.rules.active_groups:
            inside = np.ones(self.size, np.bool_)
            for limit in group.only_for:
                inside &= self._truth(limit)
            for rule in group.active_rules:
                found[group.code, rule.code] = (self._rule(rule) != 0) & inside
        return found

    # -- scores

    def _measure(self, measure: str) -> Ints:
        total = np.zeros(self.size, np.int64)
        for group in self.rules.active_groups:
            if group.measures == measure:
                total += self._group(group)
        if measure in self.adjustments:
            total += self.adjustments[measure]
        score = np.clip(total, 0, FULL)
        self.measures[measure] = score
        return score

    def _group(self, group: Group) -> Ints:
        points = np.zeros(self.size, np.int64)
        for rule in group.active_rules:
            points += self._rule(rule)
        if group.cap is not None:
            np.minimum(points, group.cap, out=points)
        for limit in group.only_for:
            points *= self._truth(limit)
        return points

    def _rule(self, rule: Rule) -> Ints:
        if rule.count is None:
            assert rule.when is not None
            return self._truth(rule.when) * np.int64(rule.points)
        points = self.events.points(rule.count, rule.points)
        return points if rule.when is None else points * self._truth(rule.when)

    # -- conditions

    def _truth(self, condition: Condition) -> Bools:
        found = self.truths.get(condition)
        if found is None:
            found = self.truths[condition] = self._answer(condition)
        return found

    def _answer(self, condition: Condition) -> Bools:
        answer: Bools
        match condition:
            case All(parts):
                answer = np.logical_and.reduce([self._truth(part) for part in parts])
            case AnyOf(parts):
                answer = np.logical_or.reduce([self._truth(part) for part in parts])
            case Not(part):
                answer = ~self._truth(part)
            case _:
                answer = self._leaf(condition)
        return answer

    def _leaf(self, leaf: Leaf) -> Bools:
        answer: Bools
        match leaf:
            case Attribute():
                answer = self.answers.holds(leaf)
            case Resembles(code, at_least):
                answer = self.answers.similarity(self.personas[code]) >= at_least
            case Happened():
                answer = self._happened(leaf)
            case Inactive(days, match_):
                answer = self.events.happened(match_) & ~self.events.happened(match_, days)
            case Measure(name, at_least, below):
                whole = self.measures[name] // 1000
                answer = (whole >= (at_least or 0)) & (whole < (101 if below is None else below))
            case Reads(name, values):
                answer = np.isin(self.readings[name], [_code(name, value) for value in values])
        return answer

    def _happened(self, leaf: Happened) -> Bools:
        if leaf.at_least == 1:
            held = self.events.happened(leaf.match, leaf.within_days)
        else:
            held = self.events.times(leaf.match, leaf.within_days, leaf.one_per) >= leaf.at_least
        if leaf.distinct_contents:
            held &= self.events.contents(leaf.match, leaf.within_days) >= leaf.distinct_contents
        return held

    # -- conclusions

    def _first(self, steps: Sequence[Step], words: tuple[str, ...]) -> Ints:
        value = np.zeros(self.size, np.int64)
        for step in reversed(steps):
            value[self._truth(step.when)] = words.index(step.code)
        return value

    def _fast_path(self, gate: Gate) -> Ints:
        value = np.zeros(self.size, np.int64)
        for number, step in reversed(list(enumerate(gate.fast, start=1))):
            value[self._truth(step.when)] = number
        return value

    def _opens(self, gate: Gate) -> Bools:
        return self._truth(gate.when) | (self._fast_path(gate) > 0)

    def _priority(self, fast_path: Ints) -> Ints:
        weights = self.rules.priority
        scores = self.measures["fit"] * weights.fit + self.measures["engagement"] * weights.engagement
        bonus = np.array([0, weights.warm, weights.hot], np.int64)[self.readings["temperature"]]
        return scores // 1000 + bonus + (fast_path > 0) * np.int64(weights.fast_path)


def _rank(score: Ints, thresholds: tuple[int, int, int]) -> Ints:
    """0 for the best class … 3 for the last."""
    return 3 - np.searchsorted(np.array(thresholds[::-1], np.int64) * 1000, score, side="right")


def _code(name: str, value: str | int) -> int:
    """The number that stands for a reading's word in the arrays."""
    words = {"grade": GRADES, "phase": PHASES, "temperature": TEMPERATURES}.get(name)
    return int(value) if words is None else words.index(str(value))
