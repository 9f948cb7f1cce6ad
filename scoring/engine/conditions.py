"""What a rule, a phase, a temperature or a gate may ask of a lead. Plain frozen values.

Every condition is hashable, so that a reader may answer each distinct one once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from scoring.engine.signatures import EventMatch

OnePer = Literal["hour", "day", "week", ""]
Scalar = str | int | bool
MEASURES = ("fit", "engagement", "completeness")
READINGS = ("grade", "level", "phase", "temperature")


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; an empty one holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Attribute:
    """A fact of the lead or of its company (engine/fields.py), compared by an operator."""

    field: str
    operator: str
    value: Scalar | tuple[Scalar, ...] | None = None


@dataclass(frozen=True, slots=True)
class Resembles:
    """The lead has at least this share (whole percent) of a persona's weighted criteria."""

    persona: str
    at_least: int


@dataclass(frozen=True, slots=True)
class Happened:
    """At least ``at_least`` times, of at least ``distinct_contents`` contents, within ``within_days``.

    ``within_days`` counts whole calendar days, today being the first: 1 is today only; None is ever.
    ``one_per`` counts at most one occurrence per local hour, day or ISO week; distinct contents are
    counted over all occurrences of the window.
    """

    match: EventMatch
    at_least: int = 1
    distinct_contents: int = 0
    within_days: int | None = None
    one_per: OnePer = ""


@dataclass(frozen=True, slots=True)
class Inactive:
    """The newest matching event is ``days`` or more calendar days old; never active is not inactive."""

    days: int
    match: EventMatch


@dataclass(frozen=True, slots=True)
class Measure:
    """Fit, engagement or completeness lies within [at_least, below), in whole points of 0..100."""

    name: str
    at_least: int | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class Reads:
    """The grade, level, phase or temperature is one of these."""

    name: str
    values: tuple[str | int, ...]


Condition = All | AnyOf | Not | Attribute | Resembles | Happened | Inactive | Measure | Reads
Leaf = Attribute | Resembles | Happened | Inactive | Measure | Reads


def leaves(condition: Condition) -> Iterator[Leaf]:
    """The questions at the ends of a condition, from left to right."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield condition


def depth(condition: Condition) -> int:
    """How many levels a condition nests; a single question is 1."""
    match condition:
        case All(parts) | AnyOf(parts):
            return 1 + max((depth(part) for part in parts), default=0)
        case Not(part):
            return 1 + depth(part)
        case _:
            return 1
