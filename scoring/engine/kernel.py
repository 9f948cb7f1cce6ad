"""The bulk reader: a rule set compiled once, applied to blocks of leads by numpy.

Events come packed in one int64 each: position of the lead in the block | signature | epoch second.
Per block they are sorted by *class* (the set of questions that a signature answers), so that what a rule
counts is a few contiguous slices, and counting is ``np.bincount``.
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
EPOCH_BITS = 32
EPOCH_MASK = (1 << EPOCH_BITS) - 1
UNKNOWN = -1


class UnknownSignature(LookupError):
    """An event carries a signature that the program was not compiled with: compile it again."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some leads: their profiles (JSON arrays of ``Program.fields``) and their events, packed.

    ``signature_bits`` is the width of the signature in ``packed``. ``positions`` maps what is packed as the
    lead to its index in ``profiles`` (-1: not one of these leads); None means that they are the same.
    """

    profiles: Sequence[str]
    packed: Ints
    signature_bits: int
    positions: Ints | None = None


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
    """Some events of the block in columns: lead position, age in days, local hour, content."""

    lead: Ints
    age: Ints
    hour: Ints
    content: Ints

    def take(self, chosen: Bools | Ints | slice) -> _Events:
        return _Events(self.lead[chosen], self.age[chosen], self.hour[chosen], self.content[chosen])


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
        self._unpack(block)

    def _column(self, index: int) -> Ints:
        column: Ints = self.program.profiles.table[self.profile_rows, index].astype(np.int64)
        return column

    def _unpack(self, block: Block) -> None:
        packed, lead = block.packed, None
        if block.positions is not None:
            lead = block.positions[packed >> (EPOCH_BITS + block.signature_bits)]
            packed, lead = packed[lead >= 0], lead[lead >= 0]
        signature = (packed >> EPOCH_BITS) & ((1 << block.signature_bits) - 1)
        classes = self.program.class_of.take(signature, mode="clip")
        if classes.size and classes.min() == UNKNOWN:
            raise UnknownSignature
        sizes = np.bincount(classes, minlength=self.program.class_count)
        self.ends = np.cumsum(sizes)
        # Stable on 16 bits is a radix sort: linear. Class 0 answers no question and is left out.
        order = np.argsort(classes, kind="stable")[int(sizes[0]) :]
        self.ends -= sizes[0]
        packed = packed[order]
        lead = packed >> (EPOCH_BITS + block.signature_bits) if lead is None else lead[order]
        self.events = self._in_columns(lead, packed & EPOCH_MASK, signature[order])

    def _in_columns(self, lead: Ints, epoch: Ints, signature: Ints) -> _Events:
        change = np.searchsorted(self.program.changes, epoch, side="right") - 1
        local = epoch + self.program.offsets[change]
        day = local // zones.DAY + _EPOCH_DAY
        age = np.maximum(self.today - day, 0)
        hour = local // 3600 % 24
        return _Events(lead, age, hour, self.program.content_of.take(signature))

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
            slices = [self._class(number) for number in self.program.classes_of[match]]
            found = slices[0] if len(slices) == 1 else _joined(slices)
            self.matched[match] = found
        return found

    def _class(self, number: int) -> _Events:
        return self.events.take(slice(int(self.ends[number - 1]), int(self.ends[number])))

    def _within(self, events: _Events, days: int | None) -> _Events:
        return events if days is None else events.take(events.age < days)

    def _one_per(self, events: _Events, span: OnePer) -> _Events:
        if not span:
            return events
        bucket = {
            "hour": events.age * 24 + events.hour,
            "day": events.age,
            # ISO weeks begin on Monday, and so does the calendar of ordinals: day 1 is a Monday.
            "week": (self.today - events.age - 1) // 7,
        }[span]
        order = np.lexsort((events.age, bucket, events.lead))
        lead, bucket = events.lead[order], bucket[order]
        first = np.ones(len(order), np.bool_)
        first[1:] = (lead[1:] != lead[:-1]) | (bucket[1:] != bucket[:-1])
        return events.take(order[first])

    def _times(self, events: _Events) -> Ints:
        return np.bincount(events.lead, minlength=self.size)

    def _contents(self, events: _Events) -> Ints:
        width = self.program.content_count
        pairs = np.unique((events.lead * width + events.content)[events.content > 0])
        return np.bincount(pairs // width, minlength=self.size)

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


def _rank(score: Ints, thresholds: tuple[int, int, int]) -> Ints:
    """0 for the best class … 3 for the last."""
    return 3 - np.searchsorted(np.array(thresholds[::-1], np.int64) * 1000, score, side="right")


def _code(name: str, value: str | int) -> int:
    """The number that stands for a reading's word in the arrays."""
    words = {"grade": GRADES, "phase": PHASES, "temperature": TEMPERATURES}.get(name)
    return int(value) if words is None else words.index(str(value))


def _joined(slices: list[_Events]) -> _Events:
    columns = zip(*((one.lead, one.age, one.hour, one.content) for one in slices), strict=True)
    joined = [np.concatenate(column) for column in columns] or [np.zeros(0, np.int64)] * 4
    return _Events(*joined)


def _newest(events: _Events, most: int, size: int) -> _Events:
    """The ``most`` youngest events of each lead. Equal ages are worth the same: which one does not matter."""
    events = events.take(np.lexsort((events.age, events.lead)))
    starts = np.concatenate(([0], np.cumsum(np.bincount(events.lead, minlength=size))[:-1]))
    rank = np.arange(len(events.lead)) - starts[events.lead]
    return events.take(rank < most)
