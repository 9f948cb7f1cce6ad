"""Questions that rules ask of an event's properties, answered once when the event comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Predicate:
    """``properties[path] <operator> value``; ``bit`` is its place in the mask."""

    bit: int
    path: str
    operator: str
    value: object


def _number(value: object) -> float | None:
    """The value as a number; booleans and text are none."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _compare(test: Callable[[float, float], bool]) -> Callable[[object, object], bool]:
    """An operator on numbers that is false where either side is none."""

    def holds(actual: object, wanted: object) -> bool:
        left, right = _number(actual), _number(wanted)
        return left is not None and right is not None and test(left, right)

    return holds


# Text has no order (collations differ between languages and servers): equals, in, starts with, is set only.
OPERATORS: dict[str, Callable[[object, object], bool]] = {
    "equals": lambda actual, wanted: (
        actual == wanted and isinstance(actual, bool) == isinstance(wanted, bool)
    ),
    "in": lambda actual, wanted: isinstance(wanted, list) and actual in wanted,
    "starts_with": lambda actual, wanted: isinstance(actual, str) and actual.startswith(str(wanted)),
    "contains": lambda actual, wanted: isinstance(actual, str) and str(wanted) in actual,
    "is_set": lambda actual, wanted: (actual is not None) == bool(wanted),
    "at_least": _compare(lambda left, right: left >= right),
    "at_most": _compare(lambda left, right: left <= right),
}


def property_mask(properties: Mapping[str, object], predicates: Iterable[Predicate]) -> int:
    """One bit for each predicate that holds for ``properties``."""
    mask = 0
    for predicate in predicates:
        if OPERATORS[predicate.operator](properties.get(predicate.path), predicate.value):
            mask |= 1 << predicate.bit
    return mask
