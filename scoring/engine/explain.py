"""The plain reader: one lead, slowly and with reasons. The kernel must agree with it to the last digit.

Written straight from the rules' definition and apart from the kernel on purpose: the property test that
compares the two is only worth something while they share nothing but the tree and the decay table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from operator import attrgetter

from scoring.engine import decay, fields
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
from scoring.engine.explanation import (
    EARLIEST,
    Adjustment,
    Because,
    Explanation,
    Finding,
    Frame,
    LeadFacts,
    Line,
    Occurrence,
    PersonaReading,
)
from scoring.engine.likeness import likeness
from scoring.engine.outcome import Outcome
from scoring.engine.rules import FULL, GRADES, Gate, Group, Occurrences, Persona, Rule, RuleSet, Step
from scoring.engine.signatures import EventMatch

__all__ = [
    "EARLIEST",
    "Adjustment",
    "Because",
    "Explanation",
    "Finding",
    "Frame",
    "LeadFacts",
    "Line",
    "Occurrence",
    "PersonaReading",
    "explain",
]


_EVER = 36_500  # days


def explain(rules: RuleSet, lead: LeadFacts, frame: Frame) -> Explanation:
    """Score one lead and say why."""
    return _Reader(rules, lead, frame).explanation()


class _Reader:
    def __init__(self, rules: RuleSet, lead: LeadFacts, frame: Frame) -> None:
        self.rules = rules
        self.profile = lead.profile
        self.adjustments = lead.adjustments
        self.frame = frame
        # By (occurred_at, id), in two stable sorts: quicker than making a pair for each of thousands.
        by_id = sorted(lead.occurrences, key=attrgetter("id"), reverse=True)
        self.newest_first = sorted(by_id, key=attrgetter("occurred_at"), reverse=True)
        # Where the events of each signature stand in that order.
        self.places: dict[int, list[int]] = {}
        for place, one in enumerate(self.newest_first):
            self.places.setdefault(one.signature, []).append(place)
        # Asked again and again of the same events: each match and each local time is worked out once.
        self.matching: dict[EventMatch, list[Occurrence]] = {}
        self.local: dict[int, tuple[date, int]] = {}
        self.happened: dict[Happened, Finding] = {}
        self.readings: dict[str, str | int] = {}
        self.missing = tuple(
            name for name in rules.completeness if not fields.is_known(self.profile.get(name))
        )
        self.measures = {"completeness": self._completeness() * 1000}

    def explanation(self) -> Explanation:
        lines = (*self._measure("fit"), *self._measure("engagement"))
        fit, engagement = self.measures["fit"], self.measures["engagement"]
        self.readings["grade"] = GRADES[_rank(fit, self.rules.matrix.fit)]
        self.readings["level"] = 1 + _rank(engagement, self.rules.matrix.engagement)
        phase = self._first(self.rules.phases, "awareness")
        self.readings["phase"] = phase.value
        temperature = self._first(self.rules.temperatures, "cold")
        self.readings["temperature"] = temperature.value
        ready, mql = self._gate(self.rules.ready), self._gate(self.rules.mql)
        priority = self._priority(self._fast_path(self.rules.ready))
        outcome = Outcome(
            fit=fit,
            engagement=engagement,
            grade=str(self.readings["grade"]),
            level=int(self.readings["level"]),
            phase=phase.value,
            temperature=temperature.value,
            completeness=self._completeness(),
            # Who is ready for sales is qualified for marketing too.
            mql_gate=self._opens(self.rules.mql) or self._opens(self.rules.ready),
            mql_keep=self._keeps(self.rules.mql) or self._keeps(self.rules.ready),
            ready_gate=self._opens(self.rules.ready),
            ready_keep=self._keeps(self.rules.ready),
            fast_path=self._fast_path(self.rules.ready),
            priority=sum(points for _, points in priority),
        )
        personas = tuple(self._persona(persona) for persona in self.rules.personas)
        return Explanation(outcome, lines, phase, temperature, mql, ready, self.missing, priority, personas)

    # -- scores

    def _measure(self, measure: str) -> list[Line]:
        lines: list[Line] = []
        for group in self.rules.active_groups:
            if group.measures == measure and all(self.holds(limit) for limit in group.only_for):
                lines += self._group(group)
        lines += self._by_hand(measure)
        total = sum(line.points for line in lines)
        score = max(0, min(FULL, total))
        self.measures[measure] = score
        lines += _correction(measure, "clamp", score - total)
        lines += _correction(measure, "rounding", -(score % 1000))
        return lines

    def _by_hand(self, measure: str) -> Iterable[Line]:
        for one in sorted(self.adjustments, key=lambda one: one.id):
            if one.measure == measure and (one.expires_on is None or self.frame.today <= one.expires_on):
                yield Line(measure, "adjustment", one.points, one.points, adjustment=one)

    def _group(self, group: Group) -> list[Line]:
        lines = [line for rule in group.active_rules for line in self._rule(group, rule)]
        total = sum(line.points for line in lines)
        if group.cap is not None and total > group.cap:
            lines += _correction(group.measures, "cap", group.cap - total, group)
        return lines

    def _rule(self, group: Group, rule: Rule) -> Iterable[Line]:
        if rule.when is not None and not self.holds(rule.when):
            return
        if rule.count is None:
            yield Line(
                group.measures, "attribute", rule.points, rule.points, rule.code, group.code, rule.name
            )
            return
        for one in self._counted(rule.count):
            age = self._age(one)
            points = decay.worth_at(rule.points, rule.count.half_life, age)
            yield Line(
                group.measures, "event", points, rule.points, rule.code, group.code, rule.name,
                event_id=one.id, signature=one.signature, age=age,
            )  # fmt: skip

    def _counted(self, count: Occurrences) -> list[Occurrence]:
        inside = self._within(self._matching(count.match), count.within_days)
        return list(islice(self._one_per(inside, count.one_per), count.most))

    # -- events

    def _matching(self, match: EventMatch) -> list[Occurrence]:
        found = self.matching.get(match)
        if found is None:
            places = [
                place
                for number, places in self.places.items()
                if match.accepts(self.frame.signatures[number], self.frame.bits)
                for place in places
            ]
            found = self.matching[match] = [self.newest_first[place] for place in sorted(places)]
        return found

    def _local(self, one: Occurrence) -> tuple[date, int]:
        known = self.local.get(one.id)
        if known is None:
            # A clock ahead of ours may date an event tomorrow: for a score, that is today.
            local = max(one.occurred_at, EARLIEST).astimezone(self.frame.zone)
            known = self.local[one.id] = (min(local.date(), self.frame.today), local.hour)
        return known

    def _age(self, one: Occurrence) -> int:
        return (self.frame.today - self._local(one)[0]).days

    def _newest_age(self, match: EventMatch) -> int | None:
        """The least age: where a clock is put back at midnight, the newest by UTC may be a day older."""
        found = self._matching(match)
        if not found:
            return None
        first = found[0].occurred_at - timedelta(days=2)
        return min(self._age(one) for one in takewhile(lambda one: one.occurred_at >= first, found))

    def _within(self, found: list[Occurrence], days: int | None) -> list[Occurrence]:
        if days is None:
            return found
        # No clock is a day away from UTC: what is older by more than that need not be looked at.
        first = datetime.combine(self.frame.today, time(), UTC) - timedelta(days=min(days, _EVER) + 1)
        # And what is younger by more than that lies inside for certain.
        certain = first + timedelta(days=3)
        recent = takewhile(lambda one: one.occurred_at >= first, found)
        return [one for one in recent if one.occurred_at >= certain or self._age(one) < days]

    def _one_per(self, found: Iterable[Occurrence], span: OnePer) -> Iterator[Occurrence]:
        """The newest of each span, one after the other."""
        if not span:
            yield from found
            return
        passed: set[object] = set()
        for one in found:
            when = self._span(one, span)
            if when not in passed:
                passed.add(when)
                yield one

    def _span(self, one: Occurrence, span: OnePer) -> object:
        day, hour = self._local(one)
        return {"hour": (day, hour), "day": day, "week": day.isocalendar()[:2]}[span]

    # -- conditions

    def holds(self, condition: Condition) -> bool:
        match condition:
            case All(parts):
                return all(self.holds(part) for part in parts)
            case AnyOf(parts):
                return any(self.holds(part) for part in parts)
            case Not(part):
                return not self.holds(part)
            case _:
                return self._find(condition).held

    def _findings(self, condition: Condition) -> tuple[Finding, ...]:
        match condition:
            case All(parts) | AnyOf(parts):
                return tuple(finding for part in parts for finding in self._findings(part))
            case Not(part):
                return self._findings(part)
            case _:
                return (self._find(condition),)

    def _find(self, leaf: Leaf) -> Finding:
        match leaf:
            case Attribute(name):
                value = self.profile.get(name)
                return Finding(leaf, fields.holds(leaf, value, self.frame.today), value)
            case Resembles(code, at_least):
                share = self._similarity(code)
                return Finding(leaf, share >= at_least, share)
            case Happened():
                if leaf not in self.happened:
                    self.happened[leaf] = self._happened(leaf)
                return self.happened[leaf]
            case Inactive(days, match_):
                age = self._newest_age(match_)
                return Finding(leaf, age is not None and age >= days, age)
            case Measure(name, at_least, below):
                whole = self.measures[name] // 1000
                return Finding(leaf, (at_least or 0) <= whole < (101 if below is None else below), whole)
            case Reads(name, values):
                return Finding(leaf, self.readings[name] in values, self.readings[name])

    def _happened(self, leaf: Happened) -> Finding:
        inside = self._within(self._matching(leaf.match), leaf.within_days)
        times = sum(1 for _one in self._one_per(inside, leaf.one_per))
        contents = {self.frame.signatures[one.signature].content for one in inside} - {""}
        return Finding(leaf, times >= leaf.at_least and len(contents) >= leaf.distinct_contents, times)

    def _similarity(self, code: str) -> int:
        persona = next(persona for persona in self.rules.personas if persona.code == code)
        return self._persona(persona).percent

    def _persona(self, persona: Persona) -> PersonaReading:
        return likeness(persona, self.profile, self.frame.today)

    # -- conclusions

    def _completeness(self) -> int:
        useful = len(self.rules.completeness)
        return 100 * (useful - len(self.missing)) // useful if useful else 100

    def _first(self, steps: Sequence[Step], otherwise: str) -> Because:
        for step in steps:
            if self.holds(step.when):
                return Because(step.code, self._findings(step.when))
        return Because(otherwise, tuple(finding for step in steps for finding in self._findings(step.when)))

    def _fast_path(self, gate: Gate) -> str:
        return next((step.code for step in gate.fast if self.holds(step.when)), "")

    def _opens(self, gate: Gate) -> bool:
        return self.holds(gate.when) or self._fast_path(gate) != ""

    def _keeps(self, gate: Gate) -> bool:
        return self._opens(gate) or self.holds(gate.keep)

    def _gate(self, gate: Gate) -> Because:
        for step in gate.fast:
            if self.holds(step.when):
                return Because("fast", self._findings(step.when))
        if self.holds(gate.when):
            return Because("open", self._findings(gate.when))
        return Because("kept" if self.holds(gate.keep) else "shut", self._findings(gate.when))

    def _priority(self, fast_path: str) -> tuple[tuple[str, int], ...]:
        weights = self.rules.priority
        scores = self.measures["fit"] * weights.fit + self.measures["engagement"] * weights.engagement
        bonus = {"warm": weights.warm, "hot": weights.hot}.get(str(self.readings["temperature"]), 0)
        return (
            ("scores", scores // 1000),
            ("temperature", bonus),
            ("fast_path", weights.fast_path if fast_path else 0),
        )


def _rank(score: int, thresholds: tuple[int, int, int]) -> int:
    """0 for the best class … 3 for the last."""
    return sum(1 for least in thresholds if score < least * 1000)


def _correction(measure: str, kind: str, points: int, group: Group | None = None) -> list[Line]:
    if points == 0:
        return []
    if group is None:
        return [Line(measure, kind, points, points)]
    return [Line(measure, kind, points, points, group=group.code, name=group.name)]
