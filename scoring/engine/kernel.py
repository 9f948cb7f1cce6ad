"""The bulk reader: a rule set compiled once, applied to blocks of leads by numpy.

Each event becomes one sortable integer: class | lead | age | hour | content, where the *class* is the set of
questions that its signature answers. One sort then puts everything in its place: what a question asks for is
a few contiguous slices, in which a lead's events lie together, newest first; counting is ``np.bincount``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scoring.engine import decay, zones
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
    OnePer,
    Reads,
    Resembles,
)
from scoring.engine.outcome import Outcome
from scoring.engine.profiles import ProfileTable
from scoring.engine.rules import FULL, GRADES, PHASES, TEMPERATURES, Gate, Occurrences, Rule, RuleSet, Step
from scoring.engine.signatures import EventMatch, PropertyPredicate, SignatureFacts

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
UNKNOWN = -1
AGE_BITS = 16  # days since 1970 until 2106
HOUR_BITS = 5


class UnknownSignature(LookupError):
    """An event carries a signature that the program was not compiled with: compile it again."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some leads: profiles (texts of ``Program.fields``, see profiles.py) and events in three columns.

    ``lead`` is the index in ``profiles``, ``signature`` an id, ``second`` the epoch second (floored).
    """

    profiles: Sequence[str]
    lead: Ints
    signature: Ints
    second: Ints


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


class Program:
    """A rule set compiled against the known signatures. Keep it: it remembers profiles seen today.

    ``forgive``: an event of an unknown signature counts for nothing instead of raising UnknownSignature.
    """

    def __init__(
        self,
        rules: RuleSet,
        signatures: Iterable[SignatureFacts],
        *,
        zone: ZoneInfo,
        bits: Mapping[PropertyPredicate, int] | None = None,
        forgive: bool = False,
    ) -> None:
        self.unknown = 0 if forgive else UNKNOWN
        self.rules = rules
        self.fields = rules.fields()
        self.zone = zone
        self.profiles = ProfileTable(rules)
        self.horizon = _horizon(rules)
        self.fast_paths = ("", *(step.code for step in rules.ready.fast))
        self._index(list(signatures), bits or {})
        table = zones.transitions(zone)
        self.changes = np.array([second for second, _ in table], np.int64)
        self.offsets = np.array([offset for _, offset in table], np.int64)

    def _index(self, signatures: list[SignatureFacts], bits: Mapping[PropertyPredicate, int]) -> None:
        matches = tuple(dict.fromkeys(self.rules.matches()))
        size = max((one.id for one in signatures), default=0) + 2
        # The last entry stands for every signature beyond the table.
        self.class_of = np.full(size, self.unknown, np.int16)
        self.content_of = np.zeros(size, np.int64)
        classes: dict[tuple[bool, ...], int] = {(False,) * len(matches): 0}
        contents: dict[str, int] = {"": 0}
        for one in signatures:
            answers = tuple(match.accepts(one, bits) for match in matches)
            self.class_of[one.id] = classes.setdefault(answers, len(classes))
            self.content_of[one.id] = contents.setdefault(one.content, len(contents))
        self.class_count = len(classes)
        self.content_count = len(contents)
        self.classes_of = {
            match: tuple(number for answers, number in classes.items() if answers[index])
            for index, match in enumerate(matches)
        }

    def read(self, block: Block, today: date) -> Scores:
        """Score every lead of the block as of a day of the program's zone.

        Raises UnknownSignature when an event's signature was not there at compilation.
        """
        return _Pass(self, block, today).scores()


def _horizon(rules: RuleSet) -> int | None:
    """Events this many days old and older count for nothing; None when some question asks "ever"."""
    ages: list[int | None] = [0]
    ages += [_reach(rule.count, rule.points) for group in rules.groups for rule in group.rules if rule.count]
    ages += [leaf.within_days for leaf in rules.leaves() if isinstance(leaf, Happened)]
    ages += [None for leaf in rules.leaves() if isinstance(leaf, Inactive)]
    return None if None in ages else max(age for age in ages if age is not None)


def _reach(count: Occurrences, points: int) -> int | None:
    """From which age in days on an occurrence adds nothing."""
    faded = None if count.half_life is None else len(decay.worth(points, count.half_life)) - 1
    return min((age for age in (count.within_days, faded) if age is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Events:
    """Some events of the block as sorted keys: lead | age | hour | content."""

    keys: Ints
    content_bits: int

    @property
    def lead(self) -> Ints:
        """The index of the lead."""
        return self.keys >> (AGE_BITS + HOUR_BITS + self.content_bits)

    @property
    def lead_and_age(self) -> Ints:
        """The same number for events of one lead on one day."""
        return self.keys >> (HOUR_BITS + self.content_bits)

    @property
    def age(self) -> Ints:
        """Whole days."""
        return self.lead_and_age & ((1 << AGE_BITS) - 1)

    @property
    def lead_and_content(self) -> Ints:
        """The same number for events of one lead about one content."""
        content = self.keys & ((1 << self.content_bits) - 1)
        return (self.lead << self.content_bits) | content

    def take(self, chosen: Bools | slice) -> _Events:
        """Some of them, still sorted."""
        return _Events(self.keys[chosen], self.content_bits)


class _Pass:
    def __init__(self, program: Program, block: Block, today: date) -> None:
        self.program = program
        self.rules = program.rules
        self.size = len(block.profiles)
        self.today = today.toordinal()
        self.profile_rows = program.profiles.rows(block.profiles, today)
        self.truths: dict[Condition, Bools] = {}
        self.matched: dict[EventMatch, _Events] = {}
        self.readings: dict[str, Ints] = {}
        self.completeness = self._column(program.profiles.completeness)
        self.measures: dict[str, Ints] = {"completeness": self.completeness * 1000}
        self._sort(block)

    def _column(self, index: int) -> Ints:
        column: Ints = self.program.profiles.table[self.profile_rows, index].astype(np.int64)
        return column

    def _sort(self, block: Block) -> None:
        classes = self.program.class_of.take(block.signature, mode="clip").astype(np.int64)
        if classes.size and classes.min() == UNKNOWN:
            raise UnknownSignature
        # Class 0 answers no question.
        chosen = classes > 0
        age, hour = self._local(block.second[chosen])
        self.content_bits = (self.program.content_count - 1).bit_length()
        keys = classes[chosen] << (self.size - 1).bit_length() | block.lead[chosen]
        keys = (keys << AGE_BITS | age) << HOUR_BITS | hour
        keys = keys << self.content_bits | self.program.content_of.take(block.signature[chosen])
        keys.sort()
        self.class_shift = (self.size - 1).bit_length() + AGE_BITS + HOUR_BITS + self.content_bits
        self.bounds = np.searchsorted(keys, np.arange(self.program.class_count + 1) << self.class_shift)
        self.keys = keys & ((1 << self.class_shift) - 1)

    def _local(self, second: Ints) -> tuple[Ints, Ints]:
        """Whole days of age and the hour on the wall, in the program's zone."""
        second = np.maximum(second, 0)
        local = second + self._offsets(second)
        day = local // zones.DAY
        # A clock ahead of ours may date an event tomorrow: for a score, that is today.
        return np.maximum(self.today - _EPOCH_DAY - day, 0), (local - day * zones.DAY) // 3600

    def _offsets(self, second: Ints) -> Ints | np.int64:
        """The UTC offset at each second. A block's events meet few changes of it: one comparison each."""
        if not second.size:
            return np.int64(0)
        program = self.program
        first, last = np.searchsorted(program.changes, (second.min(), second.max()), side="right") - 1
        if last - first > 8:
            return program.offsets[np.searchsorted(program.changes, second, side="right") - 1]
        offset: Ints | np.int64 = program.offsets[first]
        for change in range(first + 1, last + 1):
            step = program.offsets[change] - program.offsets[change - 1]
            offset = offset + (second >= program.changes[change]) * step
        return offset

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

    # -- scores

    def _measure(self, measure: str) -> Ints:
        total = np.zeros(self.size, np.int64)
        for group in self.rules.groups:
            if group.measures == measure:
                points = np.zeros(self.size, np.int64)
                for rule in group.rules:
                    points += self._rule(rule)
                if group.cap is not None:
                    np.minimum(points, group.cap, out=points)
                for limit in group.only_for:
                    points *= self._truth(limit)
                total += points
        score = np.clip(total, 0, FULL)
        self.measures[measure] = score
        return score

    def _rule(self, rule: Rule) -> Ints:
        if rule.count is None:
            assert rule.when is not None
            return self._truth(rule.when) * np.int64(rule.points)
        points = self._counted(rule.count, rule.points)
        return points if rule.when is None else points * self._truth(rule.when)

    def _counted(self, count: Occurrences, points: int) -> Ints:
        events = self._one_per(self._within(self._matching(count.match), count.within_days), count.one_per)
        if count.half_life is None:
            times = self._times(events)
            return points * (times if count.most is None else np.minimum(times, count.most))
        if count.most is not None:
            events = _newest(events, count.most, self.size)
        worth = np.array(decay.worth(points, count.half_life), np.int64)
        # Weights are summed as doubles: exact, the sums stay far below 2**53.
        weights = worth.take(events.age, mode="clip")
        return np.bincount(events.lead, weights=weights, minlength=self.size).astype(np.int64)

    # -- events

    def _matching(self, match: EventMatch) -> _Events:
        found = self.matched.get(match)
        if found is None:
            slices = [
                self.keys[self.bounds[number] : self.bounds[number + 1]]
                for number in self.program.classes_of[match]
            ]
            keys = slices[0] if len(slices) == 1 else np.sort(np.concatenate([_NOTHING, *slices]))
            found = self.matched[match] = _Events(keys, self.content_bits)
        return found

    def _within(self, events: _Events, days: int | None) -> _Events:
        return events if days is None else events.take(events.age < days)

    def _one_per(self, events: _Events, span: OnePer) -> _Events:
        """The newest of each span: in sorted keys, the first that differs from the one before."""
        if not span:
            return events
        if span == "hour":
            bucket = events.keys >> self.content_bits
        elif span == "day":
            bucket = events.lead_and_age
        else:
            # ISO weeks begin on Monday, and so does the calendar of ordinals: day 1 is a Monday.
            week = (self.today - events.age - 1) // 7
            bucket = (events.lead << AGE_BITS) + week
        return events.take(_firsts(bucket))

    def _times(self, events: _Events) -> Ints:
        return np.bincount(events.lead, minlength=self.size)

    def _contents(self, events: _Events) -> Ints:
        pairs = np.sort(events.lead_and_content)
        named = pairs & ((1 << self.content_bits) - 1) > 0
        return np.bincount(pairs[_firsts(pairs) & named] >> self.content_bits, minlength=self.size)

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
                answer = self._column(self.program.profiles.tests[leaf]) != 0
            case Resembles(code, at_least):
                answer = self._column(self.program.profiles.personas[code]) >= at_least
            case Happened():
                answer = self._happened(leaf)
            case Inactive(days, match_):
                events = self._matching(match_)
                answer = (self._times(events) > 0) & (self._times(self._within(events, days)) == 0)
            case Measure(name, at_least, below):
                whole = self.measures[name] // 1000
                answer = (whole >= (at_least or 0)) & (whole < (101 if below is None else below))
            case Reads(name, values):
                answer = np.isin(self.readings[name], [_code(name, value) for value in values])
        return answer

    def _happened(self, leaf: Happened) -> Bools:
        inside = self._within(self._matching(leaf.match), leaf.within_days)
        held: Bools = self._times(self._one_per(inside, leaf.one_per)) >= leaf.at_least
        return held & (self._contents(inside) >= leaf.distinct_contents) if leaf.distinct_contents else held

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


_EPOCH_DAY = date(1970, 1, 1).toordinal()
_NOTHING = np.zeros(0, np.int64)


def _rank(score: Ints, thresholds: tuple[int, int, int]) -> Ints:
    """0 for the best class … 3 for the last."""
    return 3 - np.searchsorted(np.array(thresholds[::-1], np.int64) * 1000, score, side="right")


def _code(name: str, value: str | int) -> int:
    """The number that stands for a reading's word in the arrays."""
    words = {"grade": GRADES, "phase": PHASES, "temperature": TEMPERATURES}.get(name)
    return int(value) if words is None else words.index(str(value))


def _firsts(sorted_values: Ints) -> Bools:
    """Which values differ from the one before."""
    first = np.ones(len(sorted_values), np.bool_)
    np.not_equal(sorted_values[1:], sorted_values[:-1], out=first[1:])
    return first


def _newest(events: _Events, most: int, size: int) -> _Events:
    """The ``most`` youngest events of each lead. Equal ages are worth the same: which one does not matter."""
    lead = events.lead
    starts = np.cumsum(np.bincount(lead, minlength=size)) - np.bincount(lead, minlength=size)
    return events.take(np.arange(len(lead)) - starts[lead] < most)
