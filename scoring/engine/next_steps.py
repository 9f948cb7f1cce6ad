"""What may still become true of a lead: facts to learn, deeds to hope for (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

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
from scoring.engine.explain import Frame, LeadFacts, Occurrence
from scoring.engine.rules import Occurrences, RuleSet
from scoring.engine.signatures import EventMatch, SignatureFacts

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


def steps_of(
    rules: RuleSet, lead: LeadFacts, frame: Frame, missing: Iterable[str], kinds: Sequence[Kind]
) -> list[Step]:
    """What rules that give points, phases, temperatures and gates ask for and may still come true.

    ``missing``: the useful fields that are not known. ``kinds``: what a lead may do, the first of several
    that fit being taken as the example.
    """
    source = _Steps(rules, lead, frame, kinds)
    return list(dict.fromkeys(source.all(missing)))


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
    later = replace(lead, profile=profile, occurrences=tuple(found))
    return later, replace(frame, signatures=signatures)


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


class _Steps:
    def __init__(self, rules: RuleSet, lead: LeadFacts, frame: Frame, kinds: Sequence[Kind]) -> None:
        self.rules, self.lead, self.frame, self.kinds = rules, lead, frame, kinds

    def all(self, missing: Iterable[str]) -> Iterator[Step]:
        for count in self._counts():
            yield from self._doing(count.match)
        for leaf in self._questions():
            yield from self._answers(leaf)
        for name in missing:
            yield from self._learning(Attribute(name, "is_set"))

    def _counts(self) -> Iterator[Occurrences]:
        for group in self.rules.active_groups:
            yield from (rule.count for rule in group.active_rules if rule.count and rule.points > 0)

    def _questions(self) -> Iterator[Leaf]:
        """What rules that give points, phases, temperatures and gates ask, but for what they deny."""
        for group in self.rules.active_groups:
            yield from (
                leaf
                for rule in group.active_rules
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
        return frame.today.replace(year=frame.today.year + 30, day=1).isoformat()
    return True if kind is fields.FieldType.PRESENCE else _SAID
