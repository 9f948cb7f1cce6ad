"""Profiles of the past as the codes that the kernel reads (profiles.py): made here, not in the database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from scoring.engine.fields import FieldType, Profile, Value, is_known, months_until
from scoring.engine.profiles import Column, Ints, Layout, Profiles


def encode(layout: Layout, profiles: Sequence[Profile], today: date) -> Profiles:
    """These profiles as of one day, one entry per place."""
    words: list[Ints] = [np.zeros(len(profiles), np.int64) for _ in range(layout.words)]
    for column, (word, bit) in layout.places.items():
        # The same few values come again and again.
        codes: dict[Value, int] = {}
        values = [profile.get(column.field) for profile in profiles]
        for value in set(values):
            codes[value] = code_of(column, value, today)
        words[word] += np.array([codes[value] for value in values], np.int64) << bit
    return Profiles(words, {name: _texts(name, profiles) for name in layout.texts})


def code_of(column: Column, value: Value, today: date) -> int:
    """The code of a value in its column: see ``profiles.Column``."""
    match column.type:
        case FieldType.TEXT:
            if not is_known(value):
                return 0
            return column.named.index(value) + 1 if value in column.named else len(column.named) + 1
        case FieldType.MONTH:
            return _month(column, value, today)
        case FieldType.LIST:
            items = value if isinstance(value, tuple) else ()
            return int(not set(items).isdisjoint(column.named) if column.named else bool(items))
    return int(bool(value))


def _month(column: Column, value: Value, today: date) -> int:
    """0 not known, 1 past, then the first limit that it lies within, then later."""
    ahead = months_until(value, today)
    if ahead is None:
        return 0
    if ahead < 0:
        return 1
    limits = [int(limit) for limit in column.named]
    return 2 + next((place for place, limit in enumerate(limits) if ahead <= limit), len(limits))


def _texts(name: str, profiles: Sequence[Mapping[str, Value]]) -> list[str]:
    """A custom field as JSON; "" where there is none."""
    values = [profile.get(name) for profile in profiles]
    return ["" if value is None else json.dumps(value) for value in values]
