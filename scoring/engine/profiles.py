"""What the rules ask of profiles, answered once per distinct profile.

A million leads hold a few thousand distinct profiles, as far as the rules look: each is a text, and its
answers are one row of a table of small integers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from scoring.engine.fields import FieldType, Value, field_type, holds, is_known
from scoring.engine.rules import Persona, RuleSet

MOST_REMEMBERED = 65_536
FIELD_SEPARATOR = "\x1f"
ITEM_SEPARATOR = "\x1e"


class Layout:
    """How the values of some fields are written into one text, between FIELD_SEPARATORs.

    First a number whose bit i tells that the i-th field of ``presences`` (type PRESENCE) is known. Then the
    ``others`` in order: text and months as they are (empty: not known), flags t or f, the items of a list
    between ITEM_SEPARATORs, custom values as JSON.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.presences = [name for name in names if field_type(name) is FieldType.PRESENCE]
        self.others = [name for name in names if name not in self.presences]
        self._readers = [_READERS[field_type(name) or FieldType.TEXT] for name in self.others]

    def read(self, profile: str) -> dict[str, Value]:
        """The values of a profile by their names."""
        known, *values = profile.split(FIELD_SEPARATOR)
        bits = int(known)
        read: dict[str, Value] = {
            name: True if bits >> bit & 1 else None for bit, name in enumerate(self.presences)
        }
        for name, reader, value in zip(self.others, self._readers, values, strict=True):
            read[name] = reader(value)
        return read


class ProfileTable:
    """Columns: completeness and similarity to each persona (whole percent), then the tests (0 or 1)."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.layout = Layout(rules.fields())
        tests = tuple(dict.fromkeys(rules.attributes()))
        self.completeness = 0
        self.personas = {persona.code: index for index, persona in enumerate(rules.personas, start=1)}
        self.tests = {test: index for index, test in enumerate(tests, start=1 + len(rules.personas))}
        self.today: date | None = None
        self._forget()

    def _forget(self) -> None:
        self.known: dict[str, int] = {}
        self.table: NDArray[np.int16] = np.zeros((64, 1 + len(self.personas) + len(self.tests)), np.int16)

    def rows(self, profiles: Sequence[str], today: date) -> NDArray[np.int64]:
        """The row of each profile; unseen ones are answered now. A new day forgets: months have moved on."""
        if today != self.today or len(self.known) > MOST_REMEMBERED:
            self._forget()
            self.today = today
        known = self.known
        for profile in set(profiles).difference(known):
            self._learn(profile, today)
        return np.fromiter((known[profile] for profile in profiles), np.int64, len(profiles))

    def _learn(self, profile: str, today: date) -> None:
        row = self.known[profile] = len(self.known)
        if row == len(self.table):
            self.table = np.concatenate((self.table, np.zeros_like(self.table)))
        self.table[row] = self._answers(self.layout.read(profile), today)

    def _answers(self, profile: dict[str, Value], today: date) -> list[int]:
        useful = self.rules.completeness
        known = sum(1 for name in useful if is_known(profile[name]))
        return [
            100 * known // len(useful) if useful else 100,
            *(_similarity(persona, profile, today) for persona in self.rules.personas),
            *(int(holds(test, profile[test.field], today)) for test in self.tests),
        ]


_READERS: Mapping[FieldType, Callable[[str], Value]] = {
    FieldType.TEXT: lambda text: text,
    FieldType.MONTH: lambda text: text,
    FieldType.FLAG: lambda text: text == "t",
    FieldType.LIST: lambda text: tuple(text.split(ITEM_SEPARATOR)) if text else (),
    FieldType.CUSTOM: lambda text: _custom(json.loads(text)) if text else None,
}


def _custom(value: object) -> Value:
    return tuple(value) if isinstance(value, list) else value  # type: ignore[return-value]  # a JSON scalar


def _similarity(persona: Persona, profile: dict[str, Value], today: date) -> int:
    have = sum(one.weight for one in persona.criteria if holds(one.test, profile[one.test.field], today))
    return 100 * have // sum(one.weight for one in persona.criteria)
