"""What the plain reader is given, and what it tells: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scoring.engine import fields
from scoring.engine.conditions import Leaf
from scoring.engine.outcome import Outcome
from scoring.engine.rules import Criterion, Text
from scoring.engine.signatures import PropertyPredicate, SignatureFacts

# Events are packed as minutes since 1970; nothing older reaches Écluse but by mistake.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class Occurrence(NamedTuple):
    """One counted event: its id, when it happened (aware) and the id of its signature. (There may be many
    thousands of them for a lead: a tuple is made in a fraction of the time.)"""

    id: int
    occurred_at: datetime
    signature: int


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What somebody added to a measure by hand, in thousandths, with the reason; negative takes away.

    ``expires_on``: the last day on which it counts; None: it always does.
    """

    id: int
    measure: str
    points: int
    reason: str
    author: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """All that scoring knows of a lead: its profile by field name, its events in any order, and what people
    added by hand and did not take back."""

    profile: fields.Profile
    occurrences: tuple[Occurrence, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What a reading depends on besides the rules and the lead: today is a day of ``zone``."""

    signatures: Mapping[int, SignatureFacts]
    zone: ZoneInfo
    today: date
    bits: Mapping[PropertyPredicate, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One addend of a score, in thousandths.

    ``kind``: event, attribute, cap, adjustment (by hand), clamp (to 0..100) or rounding (to the whole points
    shown). ``points`` is what is added, ``full`` what an event was worth before decay.
    """

    measure: str
    kind: str
    points: int
    full: int
    rule: str = ""
    group: str = ""
    name: Text | None = None
    event_id: int | None = None
    signature: int | None = None
    age: int | None = None
    adjustment: Adjustment | None = None

    @property
    def decay(self) -> int:
        """What decay took away (negative for positive points)."""
        return self.points - self.full


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question, with what was found: a count, a value, a number of days."""

    leaf: Leaf
    held: bool
    found: object


@dataclass(frozen=True, slots=True)
class Because:
    """A conclusion and the answers that led to it."""

    value: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class PersonaReading:
    """How near a lead is to a persona, in whole percent, and trait by trait: which ones it has."""

    code: str
    name: Text
    percent: int
    traits: tuple[tuple[Criterion, bool], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An outcome with everything that made it. Lines of a measure add up to what is shown.

    ``personas``: all that the rules describe, in their order.
    """

    outcome: Outcome
    lines: tuple[Line, ...]
    phase: Because
    temperature: Because
    mql: Because
    ready: Because
    missing: tuple[str, ...]
    priority: tuple[tuple[str, int], ...]
    personas: tuple[PersonaReading, ...] = ()

    def shown(self, measure: str) -> int:
        """The whole points shown, 0..100: the sum of the measure's lines."""
        return sum(line.points for line in self.lines if line.measure == measure) // 1000
