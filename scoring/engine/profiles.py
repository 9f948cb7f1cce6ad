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


class ProfileTable:
    """Columns: completeness and similarity to each persona (whole percent), then the tests (0 or 1)."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.fields = rules.fields()
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
        self.table[row] = self._answers(read_profile(self.fields, profile), today)

    def _answers(self, profile: dict[str, Value], today: date) -> list[int]:
        useful = self.rules.completeness
        known = sum(1 for name in useful if is_known(profile[name]))
        return [
            100 * known // len(useful) if useful else 100,
            *(_similarity(persona, profile, today) for persona in self.rules.personas),
            *(int(holds(test, profile[test.field], today)) for test in self.tests),
        ]


def read_profile(names: Sequence[str], profile: str) -> dict[str, Value]:
    """A profile from its text: what is only known or not, then the other values, between FIELD_SEPARATORs.

    The first value is a number whose bit i tells that the i-th field of type PRESENCE is known. The others
    follow in the order of ``names``: text and months as they are (empty: not known), flags t or f, the
    items of a list between ITEM_SEPARATORs, custom values as JSON.
    """
    known, *values = profile.split(FIELD_SEPARATOR)
    presences, others = split_names(names)
    read: dict[str, Value] = {
        name: True if int(known) >> bit & 1 else None for bit, name in enumerate(presences)
    }
    for name, value in zip(others, values, strict=True):
        read[name] = _READERS[field_type(name) or FieldType.TEXT](value)
    return read


def split_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The fields that are only known or not, and the others."""
    presences = [name for name in names if field_type(name) is FieldType.PRESENCE]
    return presences, [name for name in names if name not in presences]


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
