"""Parts of one *all* that can never hold together: found when a rule is saved, not when it never fires."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

from scoring.engine.conditions import All, AnyOf, Attribute, Condition, Measure, Not, Reads


def contradiction(condition: Condition) -> bool:
    """Whether some *all* holds two parts that exclude each other.

    Finds what a person gets wrong in a form (two values for one field, set and not set, reversed limits,
    a part and its negation); it is not a proof of satisfiability.
    """
    match condition:
        case All(parts):
            return _excluding(_flat(parts)) or any(contradiction(part) for part in parts)
        case AnyOf(parts):
            return any(contradiction(part) for part in parts)
        case Not(part):
            return contradiction(part)
        case _:
            return False


def _flat(parts: tuple[Condition, ...]) -> list[Condition]:
    flat: list[Condition] = []
    for part in parts:
        flat += _flat(part.parts) if isinstance(part, All) else [part]
    return flat


def _excluding(parts: list[Condition]) -> bool:
    if any(isinstance(part, Not) and part.part in parts for part in parts):
        return True
    return _fields_exclude(parts) or _measures_exclude(parts) or _readings_exclude(parts)


def _fields_exclude(parts: list[Condition]) -> bool:
    by_field: dict[str, list[Attribute]] = defaultdict(list)
    for part in parts:
        if isinstance(part, Attribute):
            by_field[part.field].append(part)
    return any(_pair_excludes(a, b) for tests in by_field.values() for a, b in combinations(tests, 2))


def _pair_excludes(left: Attribute, right: Attribute) -> bool:
    pair = {left.operator: left.value, right.operator: right.value}
    one, other = _wanted(left), _wanted(right)
    if one is not None and other is not None:
        return one.isdisjoint(other)
    if "is_not_set" in pair and len(pair) == 2:
        return one is not None or other is not None or pair.keys() & {"is_set", "has", "has_any"} != set()
    if pair.keys() == {"is", "is_not"}:
        return pair["is"] == pair["is_not"]
    if pair.keys() == {"at_least", "at_most"}:
        least, most = pair["at_least"], pair["at_most"]
        return isinstance(least, int) and isinstance(most, int) and least > most
    return False


def _wanted(test: Attribute) -> set[object] | None:
    if test.operator == "is":
        return {test.value}
    if test.operator == "in" and isinstance(test.value, tuple):
        return set(test.value)
    return None


def _measures_exclude(parts: list[Condition]) -> bool:
    least: dict[str, int] = defaultdict(int)
    below: dict[str, int] = defaultdict(lambda: 101)
    for part in parts:
        if isinstance(part, Measure):
            least[part.name] = max(least[part.name], part.at_least or 0)
            below[part.name] = min(below[part.name], 101 if part.below is None else part.below)
    return any(least[name] >= below[name] for name in list(least))


def _readings_exclude(parts: list[Condition]) -> bool:
    readings = [part for part in parts if isinstance(part, Reads)]
    return any(a.name == b.name and set(a.values).isdisjoint(b.values) for a, b in combinations(readings, 2))
