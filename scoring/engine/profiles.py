"""What the rules ask of a profile, as small numbers instead of texts.

Rules cannot tell two sectors apart that none of them names. So each field that is asked about is a *column*
whose *code* says which of the named values it holds, if any. The database works the codes out and packs them
into one integer or two (scoring/sql.py); nothing else of a profile leaves it. For each code stands one value,
and every question is answered once per code, by the same function as everywhere (engine/fields.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from scoring.engine.conditions import Attribute, Scalar
from scoring.engine.fields import FieldType, Value, field_type, holds, is_known
from scoring.engine.rules import Persona, RuleSet

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
WORD_BITS = 62
_OTHER = "\0"  # stands for any value that no rule names; no text in PostgreSQL can hold it


@dataclass(frozen=True, slots=True)
class Column:
    """A field with the values that rules name; a code tells them apart, and nothing else.

    text: 0 not known, 1… the named ones, then any other. presence and flag: 0 or 1. list: 1 when it holds
    one of the named items (without any: when it is not empty). month: 0 not known, 1 past, 2… within so many
    months, then later. A custom field has no codes: its values travel as JSON.
    """

    field: str
    named: tuple[Scalar, ...] = ()

    @property
    def type(self) -> FieldType:
        """What kind of fact the field holds."""
        return field_type(self.field) or FieldType.TEXT

    @property
    def bits(self) -> int:
        """How many bits a code takes."""
        extra = {FieldType.TEXT: 2, FieldType.MONTH: 3}.get(self.type)
        return 1 if extra is None else (len(self.named) + extra - 1).bit_length()

    def values(self, today: date) -> tuple[Value, ...]:
        """One value for each code, in order: it passes the same tests as all that have this code."""
        match self.type:
            case FieldType.TEXT:
                return ("", *self.named, _OTHER)
            case FieldType.PRESENCE:
                return (None, True)
            case FieldType.LIST:
                return ((), tuple(str(item) for item in self.named) or (_OTHER,))
            case FieldType.MONTH:
                months = [int(ahead) for ahead in self.named]
                ahead = (-1, *months, max(months, default=-1) + 1)
                return (None, *(month_ahead(today, one).isoformat() for one in ahead))
        return (False, True)


def month_ahead(today: date, months: int) -> date:
    """The first day of the month that lies so many months after today's."""
    number = today.year * 12 + today.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


class Layout:
    """Which columns a rule set needs, and where each one's code lies: (number of the word, lowest bit).

    ``texts`` are the custom fields, which have no codes.
    """

    def __init__(self, rules: RuleSet) -> None:
        tests = tuple(dict.fromkeys(rules.attributes()))
        self._named = _named_values(tests)
        columns = [self.column(test) for test in tests]
        columns += [self.column_of_field(name) for name in rules.completeness]
        distinct = tuple(dict.fromkeys(columns))
        self.texts = tuple(dict.fromkeys(one.field for one in distinct if one.type is FieldType.CUSTOM))
        self.places = dict(_pack([one for one in distinct if one.type is not FieldType.CUSTOM]))
        self.words = 1 + max((word for word, _ in self.places.values()), default=0)

    def column(self, test: Attribute) -> Column:
        """The column that answers a test; a list has one for each set of items that is asked for."""
        if field_type(test.field) is FieldType.LIST:
            return Column(test.field, _constants(test))
        return self.column_of_field(test.field)

    def column_of_field(self, name: str) -> Column:
        """The column that tells whether a field is known."""
        return Column(name, self._named.get(name, ()))


def _named_values(tests: Iterable[Attribute]) -> dict[str, tuple[Scalar, ...]]:
    """By field: the texts, or the ascending numbers of months, that the tests compare it with."""
    named: dict[str, dict[Scalar, None]] = {}
    for test in tests:
        if field_type(test.field) in (FieldType.TEXT, FieldType.MONTH):
            named.setdefault(test.field, {}).update(dict.fromkeys(_constants(test)))
    return {
        name: tuple(sorted(values) if field_type(name) is FieldType.MONTH else values)
        for name, values in named.items()
    }


def _constants(test: Attribute) -> tuple[Scalar, ...]:
    if test.value is None:
        return ()
    return test.value if isinstance(test.value, tuple) else (test.value,)


def _pack(columns: Sequence[Column]) -> Iterator[tuple[Column, tuple[int, int]]]:
    word, bit = 0, 0
    for column in columns:
        if bit + column.bits > WORD_BITS:
            word, bit = word + 1, 0
        yield column, (word, bit)
        bit += column.bits


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of a block, one entry per place: packed codes, and custom fields as JSON ("": none)."""

    words: Sequence[Ints]
    texts: Mapping[str, Sequence[str]]


class Answers:
    """A rule set's questions to the profiles of one block."""

    def __init__(self, rules: RuleSet, layout: Layout, profiles: Profiles, today: date) -> None:
        self.rules = rules
        self.layout = layout
        self.profiles = profiles
        self.today = today
        self._codes: dict[Column, tuple[tuple[Value, ...], Ints]] = {}
        self.size = len(profiles.words[0])

    def holds(self, test: Attribute) -> Bools:
        """Which leads pass a test."""
        values, codes = self._column(self.layout.column(test))
        return np.array([holds(test, value, self.today) for value in values], np.bool_)[codes]

    def completeness(self) -> Ints:
        """How much of what is useful is known, in whole percent."""
        useful = self.rules.completeness
        if not useful:
            return np.full(self.size, 100, np.int64)
        known = np.zeros(self.size, np.int64)
        for name in useful:
            values, codes = self._column(self.layout.column_of_field(name))
            known += np.array([is_known(value) for value in values], np.bool_)[codes]
        return 100 * known // len(useful)

    def similarity(self, persona: Persona) -> Ints:
        """The share of a persona's weight that each lead has, in whole percent."""
        have = np.zeros(self.size, np.int64)
        for criterion in persona.criteria:
            have += self.holds(criterion.test) * np.int64(criterion.weight)
        return 100 * have // sum(criterion.weight for criterion in persona.criteria)

    def _column(self, column: Column) -> tuple[tuple[Value, ...], Ints]:
        """The values that occur, and for each lead which of them it has."""
        found = self._codes.get(column)
        if found is None:
            found = self._codes[column] = self._read(column)
        return found

    def _read(self, column: Column) -> tuple[tuple[Value, ...], Ints]:
        if column.type is FieldType.CUSTOM:
            return _factorize(self.profiles.texts[column.field])
        word, bit = self.layout.places[column]
        codes = self.profiles.words[word] >> bit & ((1 << column.bits) - 1)
        return column.values(self.today), codes


def _factorize(texts: Sequence[str]) -> tuple[tuple[Value, ...], Ints]:
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(text, len(numbers)) for text in texts]
    return tuple(_custom(text) for text in numbers), np.array(codes, np.int64)


def _custom(text: str) -> Value:
    value = json.loads(text) if text else None
    return tuple(value) if isinstance(value, list) else value
