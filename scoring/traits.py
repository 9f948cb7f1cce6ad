"""Single questions that rules may ask, answered for past moments: what a search for patterns looks at. Pure.

Never a field that identifies somebody, not even whether it is known; nor language, country or region of a
person, which stand in for where somebody comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from scoring.engine.events import MINUTE_BITS, PLACE_BITS
from scoring.engine.fields import FIELDS, FieldType, Profile, is_known
from scoring.engine.program import SIGNATURE_BITS
from scoring.engine.signatures import NEVER_SCORED, SignatureFacts
from scoring.past import Past

WITHIN_DAYS = 90
_PERSON = ("first_name", "last_name", "email", "phone", "address", "city", "postcode", "social")
IDENTIFYING = frozenset((*_PERSON, "company.name", "company.siren", "company.domain"))
_NEVER = IDENTIFYING | {"language", "country", "region", "stage", "landing_page"}
ASKED = tuple(
    name
    for name, kind in FIELDS.items()
    if name not in _NEVER and kind in (FieldType.TEXT, FieldType.LIST, FieldType.PRESENCE)
)
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, order=True)
class Trait:
    """``is`` or ``unknown`` of a field, ``did`` or ``did_not`` of a kind of event within 90 days."""

    ask: str
    name: str
    value: str = ""

    def condition(self) -> dict[str, Any]:
        """As a rule asks it (docs/scoring.md)."""
        match self.ask:
            case "is":
                operator = "has" if FIELDS[self.name] is FieldType.LIST else "is"
                return {"field": self.name, "op": operator, "value": self.value}
            case "unknown":
                return {"field": self.name, "op": "is_not_set"}
        happened = {"event": {"kind": [self.name]}, "within_days": WITHIN_DAYS}
        return happened if self.ask == "did" else {"not": happened}

    @property
    def measures(self) -> str:
        """What a rule about it adds to: who somebody is, or what they do."""
        return "engagement" if self.ask.startswith("did") else "fit"


def traits_of(
    past: Past, signatures: Mapping[int, SignatureFacts], kinds: Sequence[str]
) -> list[frozenset[Trait]]:
    """The traits at each moment, in order; ``kinds`` are the kinds of event that are asked about."""
    done = _kinds_done(past, signatures)
    return [
        frozenset((*_about(profile), *_doings(did, kinds)))
        for profile, did in zip(past.profiles, done, strict=True)
    ]


def _about(profile: Profile) -> Iterator[Trait]:
    for name in ASKED:
        value = profile.get(name)
        if not is_known(value):
            yield Trait("unknown", name)
        elif isinstance(value, tuple):
            yield from (Trait("is", name, item) for item in value)
        elif isinstance(value, str):
            yield Trait("is", name, value)


def _doings(did: set[str], kinds: Sequence[str]) -> Iterator[Trait]:
    for kind in kinds:
        if kind not in NEVER_SCORED:
            yield Trait("did" if kind in did else "did_not", kind)


def _kinds_done(past: Past, signatures: Mapping[int, SignatureFacts]) -> list[set[str]]:
    """What was done at least once within the days before each moment."""
    done: list[set[str]] = [set() for _ in past.moments]
    place = (past.events >> np.uint64(64 - PLACE_BITS)).astype(np.int64)
    signature = (past.events >> np.uint64(MINUTE_BITS) & np.uint64((1 << SIGNATURE_BITS) - 1)).astype(
        np.int64
    )
    day = (past.events & np.uint64((1 << MINUTE_BITS) - 1)).astype(np.int64) // 1440
    first = np.array([one.toordinal() - _EPOCH - WITHIN_DAYS for one in past.days], np.int64)
    recent = day > first[place] if len(place) else np.zeros(0, np.bool_)
    pairs = np.unique(place[recent] << SIGNATURE_BITS | signature[recent]).tolist()
    for pair in pairs:
        facts = signatures.get(pair & ((1 << SIGNATURE_BITS) - 1))
        if facts is not None:
            done[pair >> SIGNATURE_BITS].add(facts.kind)
    return done
