"""The rule tree: plain frozen values, made by parse.py and read by explain.py and kernel.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scoring.engine.conditions import Attribute, Condition, Happened, Inactive, Leaf, OnePer, leaves
from scoring.engine.signatures import EventMatch, PropertyPredicate

GRADES = ("A", "B", "C", "D")
PHASES = ("awareness", "interest", "consideration", "decision", "conversion")
TEMPERATURES = ("cold", "warm", "hot")
FULL = 100_000  # the top of a score, in thousandths


@dataclass(frozen=True, slots=True)
class Text:
    """A name that a marketer gave, in French and English."""

    fr: str
    en: str

    def in_(self, language: str) -> str:
        """The wording in ``language`` ("fr", "fr-ca", "en" …); French unless English is asked for."""
        return self.en if language.startswith("en") else self.fr


@dataclass(frozen=True, slots=True)
class Occurrences:
    """How a behaviour rule counts, newest first.

    At most one ``one_per`` local hour, day or ISO week, inside the last ``within_days`` calendar days, at
    most ``most`` of them; each is worth half as much every ``half_life`` whole days.
    """

    match: EventMatch
    one_per: OnePer = ""
    within_days: int | None = None
    most: int | None = None
    half_life: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """``points`` (thousandths) when ``when`` holds: once, or for each of the ``count``ed occurrences.

    ``note``, here and elsewhere, says why it is so; it changes no score. What is not ``enabled`` never
    counts.
    """

    code: str
    name: Text
    points: int
    when: Condition | None = None
    count: Occurrences | None = None
    note: Text | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Rules of one measure ("fit" or "engagement") whose total is capped (thousandths, None: not capped).

    ``only_for`` limits the group to audiences, sectors or stages.
    """

    code: str
    name: Text
    measures: str
    rules: tuple[Rule, ...]
    cap: int | None = None
    only_for: tuple[Attribute, ...] = ()
    note: Text | None = None
    enabled: bool = True

    @property
    def active_rules(self) -> tuple[Rule, ...]:
        """The rules that are not switched off."""
        return tuple(rule for rule in self.rules if rule.enabled)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One trait of a persona with its weight."""

    test: Attribute
    weight: int


@dataclass(frozen=True, slots=True)
class Persona:
    """A described ideal buyer; similarity is the share of weight that a lead has, in whole percent."""

    code: str
    name: Text
    criteria: tuple[Criterion, ...]
    story: Text | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """The least whole points for A, B, C (fit) and for 1, 2, 3 (engagement); below are D and 4."""

    fit: tuple[int, int, int] = (75, 50, 25)
    engagement: tuple[int, int, int] = (75, 50, 25)


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a small table (phase, temperature, fast path): its code when the condition holds.

    A fast path may have a name of its own.
    """

    code: str
    when: Condition
    name: Text | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """Opens when ``when`` or a fast path holds; what is through stays while ``keep`` holds (hysteresis)."""

    when: Condition
    keep: Condition
    fast: tuple[Step, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class PriorityWeights:
    """How ready leads are ranked while they wait for a place: weights per point, and bonuses."""

    fit: int = 1
    engagement: int = 1
    warm: int = 20
    hot: int = 50
    fast_path: int = 100


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A whole published document. The version number lives beside it, not in it."""

    name: Text
    groups: tuple[Group, ...]
    mql: Gate
    ready: Gate
    matrix: Matrix = field(default_factory=Matrix)
    completeness: tuple[str, ...] = ()
    personas: tuple[Persona, ...] = ()
    phases: tuple[Step, ...] = ()
    temperatures: tuple[Step, ...] = ()
    priority: PriorityWeights = field(default_factory=PriorityWeights)
    note: Text | None = None

    @property
    def active_groups(self) -> tuple[Group, ...]:
        """The groups that are not switched off."""
        return tuple(group for group in self.groups if group.enabled)

    def conditions(self) -> Iterator[Condition]:
        """Every condition that counts, group limits included."""
        for group in self.active_groups:
            yield from group.only_for
            yield from (rule.when for rule in group.active_rules if rule.when is not None)
        yield from (step.when for step in (*self.phases, *self.temperatures))
        for gate in (self.mql, self.ready):
            yield from (gate.when, gate.keep, *(step.when for step in gate.fast))

    def leaves(self) -> Iterator[Leaf]:
        """Every question of the document, repeated ones repeatedly."""
        for condition in self.conditions():
            yield from leaves(condition)

    def counts(self) -> Iterator[Occurrences]:
        """What the behaviour rules count."""
        for group in self.active_groups:
            yield from (rule.count for rule in group.active_rules if rule.count is not None)

    def matches(self) -> Iterator[EventMatch]:
        """Every question put to events."""
        yield from (count.match for count in self.counts())
        yield from (leaf.match for leaf in self.leaves() if isinstance(leaf, Happened | Inactive))

    def predicates(self) -> tuple[PropertyPredicate, ...]:
        """The property predicates that have to be answered at ingest, without repetition."""
        found = (predicate for match in self.matches() for predicate in match.properties)
        return tuple(dict.fromkeys(found))

    def attributes(self) -> Iterator[Attribute]:
        """Every question put to the profile, those of the personas included."""
        yield from (leaf for leaf in self.leaves() if isinstance(leaf, Attribute))
        for persona in self.personas:
            yield from (criterion.test for criterion in persona.criteria)

    def fields(self) -> tuple[str, ...]:
        """The fields of the profile that have to be read, without repetition, in a stable order."""
        asked = (test.field for test in self.attributes())
        return tuple(dict.fromkeys((*asked, *self.completeness)))
