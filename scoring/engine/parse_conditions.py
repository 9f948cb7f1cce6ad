"""Conditions from JSON: limits, operators and values are checked here, when the rule is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scoring.engine.conditions import (
    MEASURES,
    READINGS,
    All,
    AnyOf,
    Attribute,
    Condition,
    Happened,
    Inactive,
    Measure,
    Not,
    OnePer,
    Reads,
    Resembles,
    Scalar,
    depth,
    leaves,
)
from scoring.engine.contradictions import contradiction
from scoring.engine.fields import CUSTOM, OPERATORS, FieldType, field_type, words_of
from scoring.engine.reading import Node, RuleError
from scoring.engine.rules import GRADES, PHASES, TEMPERATURES
from scoring.engine.signatures import NEVER_SCORED, EventMatch, PropertyPredicate

MAX_CONDITIONS = 50
MAX_DEPTH = 5
MAX_DAYS = 3650
PREDICATE_OPERATORS = ("equals", "in", "starts_with", "contains", "is_set", "at_least", "at_most")
# Conclusions that Écluse draws from the score itself: a rule on them would feed on its own effect.
CONCLUSIONS = frozenset({"ready", "offered", "became_mql", "cooled_down"})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The codes that exist on this site; None means that they are not checked."""

    kinds: frozenset[str] | None = None
    contents: frozenset[str] | None = None
    lists: frozenset[str] | None = None
    custom: frozenset[str] | None = None
    personas: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be asked at this place: rules may not ask for the score that they make."""

    events: bool = True
    measures: tuple[str, ...] = ("completeness",)
    readings: tuple[str, ...] = ()


FIT = Scope(events=False)
BEHAVIOUR = Scope()
TEMPERATURE = Scope(measures=MEASURES, readings=("grade", "level", "phase"))
GATE = Scope(measures=MEASURES, readings=READINGS)
READING_VALUES: Mapping[str, tuple[str | int, ...]] = {
    "grade": GRADES,
    "level": (1, 2, 3, 4),
    "phase": PHASES,
    "temperature": TEMPERATURES,
}


def parse_condition(node: Node, scope: Scope, known: Vocabulary) -> Condition:
    """The condition written at ``node``. Raises RuleError naming the path of what is wrong."""
    _check_nesting(node)
    condition = _condition(node, scope, known)
    if sum(1 for _ in leaves(condition)) > MAX_CONDITIONS:
        raise node.fail("At most %(most)d conditions are allowed.", most=MAX_CONDITIONS)
    if depth(condition) > MAX_DEPTH:
        raise node.fail("Conditions may be nested %(most)d levels deep.", most=MAX_DEPTH)
    if contradiction(condition):
        raise node.fail("These conditions contradict each other: they can never hold together.")
    return condition


def _check_nesting(node: Node) -> None:
    """Refuse a bottomless document before any recursion meets it."""
    level, values = 0, [node.value]
    while values:
        level += 1
        if level > 4 * MAX_DEPTH:
            raise node.fail("Conditions may be nested %(most)d levels deep.", most=MAX_DEPTH)
        inner: list[object] = []
        for value in values:
            inner += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        values = inner


def _condition(node: Node, scope: Scope, known: Vocabulary) -> Condition:
    if not isinstance(node.value, dict):
        raise node.fail("An object is expected here.")
    for word, read in _FORMS.items():
        if word in node.value:
            return read(node, scope, known)
    if "score" in node.value:
        return _measure(node, scope)
    for word in READINGS:
        if word in node.value:
            return _reading(node, word, scope)
    raise node.fail("This condition is not understood.")


def _all(node: Node, scope: Scope, known: Vocabulary) -> Condition:
    parts = node.fields(required=("all",))["all"].items(least=1, most=MAX_CONDITIONS)
    return All(tuple(_condition(part, scope, known) for part in parts))


def _any(node: Node, scope: Scope, known: Vocabulary) -> Condition:
    parts = node.fields(required=("any",))["any"].items(least=1, most=MAX_CONDITIONS)
    return AnyOf(tuple(_condition(part, scope, known) for part in parts))


def _not(node: Node, scope: Scope, known: Vocabulary) -> Condition:
    return Not(_condition(node.fields(required=("not",))["not"], scope, known))


def parse_attribute(node: Node, known: Vocabulary) -> Attribute:
    """A question to the profile: ``{"field": …, "op": …, "value": …}``."""
    given = node.fields(required=("field", "op"), optional=("value", "weight"))
    name = given["field"].text(most=64 + len(CUSTOM))
    kind = field_type(name)
    unknown_custom = known.custom is not None and name.removeprefix(CUSTOM) not in known.custom
    if kind is None or (kind is FieldType.CUSTOM and unknown_custom):
        raise given["field"].fail("There is no field %(name)s.", name=name)
    operator = given["op"].choice(sorted(OPERATORS[kind]))
    value = _attribute_value(node, given.get("value"), kind, operator)
    _check_words(node, name, value)
    return Attribute(name, operator, value)


def _check_words(node: Node, name: str, value: Scalar | tuple[Scalar, ...] | None) -> None:
    """A field with a closed list of values is only compared with these."""
    allowed = words_of(name)
    asked = value if isinstance(value, tuple) else () if value is None else (value,)
    if allowed is not None and not set(asked) <= set(allowed):
        raise RuleError(
            f"{node.path}.value", "One of these is expected: %(allowed)s.", allowed=", ".join(allowed)
        )


def _attribute_value(
    node: Node, value: Node | None, kind: FieldType, operator: str
) -> Scalar | tuple[Scalar, ...] | None:
    if operator in ("is_set", "is_not_set"):
        if value is not None:
            raise value.fail("This operator takes no value.")
        return None
    if value is None:
        raise RuleError(f"{node.path}.value", "This field is missing.")
    if operator in ("in", "not_in", "has_any", "has_none"):
        return tuple(_scalar(item, kind) for item in value.items(least=1))
    if operator in ("at_least", "at_most"):
        return value.whole(-(10**12), 10**12)
    if operator == "within_months":
        return value.whole(0, 120)
    return _scalar(value, kind)


def _scalar(node: Node, kind: FieldType) -> Scalar:
    if kind is FieldType.FLAG:
        return node.flag()
    if kind is FieldType.CUSTOM and isinstance(node.value, bool | int):
        return node.value
    return node.text()


def _persona(node: Node, _scope: Scope, known: Vocabulary) -> Condition:
    given = node.fields(required=("persona", "at_least"))
    code = given["persona"].text()
    if code not in known.personas:
        raise given["persona"].fail("There is no persona %(name)s.", name=code)
    return Resembles(code, given["at_least"].whole(1, 100))


def _list(node: Node, _scope: Scope, known: Vocabulary) -> Condition:
    code = node.fields(required=("list",))["list"]
    _check_codes(code, (code.text(),), known.lists)
    return Attribute("lists", "has", code.text())


def _inactive(node: Node, scope: Scope, known: Vocabulary) -> Condition:
    given = node.fields(required=("inactive_days",), optional=("event",))
    _check_events(node, scope)
    match = parse_match(given["event"], known) if "event" in given else EventMatch(activity=True)
    return Inactive(given["inactive_days"].whole(1, MAX_DAYS), match)


def _happened(node: Node, scope: Scope, known: Vocabulary) -> Condition:
    optional = ("at_least", "distinct_contents", "within_days", "one_per")
    given = node.fields(required=("event",), optional=optional)
    _check_events(node, scope)
    return Happened(
        match=parse_match(given["event"], known),
        at_least=given["at_least"].whole(1, 1000) if "at_least" in given else 1,
        distinct_contents=given["distinct_contents"].whole(1, 1000) if "distinct_contents" in given else 0,
        within_days=parse_days(given.get("within_days")),
        one_per=parse_one_per(given.get("one_per")),
    )


def parse_days(node: Node | None) -> int | None:
    """A window or half-life in whole days, at least one; None when not given."""
    return None if node is None else node.whole(1, MAX_DAYS)


def parse_one_per(node: Node | None) -> OnePer:
    """The span of which at most one occurrence counts; "" when not given."""
    if node is None:
        return ""
    spans: Mapping[str, OnePer] = {"hour": "hour", "day": "day", "week": "week"}
    return spans[node.choice(tuple(spans))]


def parse_match(node: Node, known: Vocabulary) -> EventMatch:
    """Which events are meant: ``{"kind": […], "content_type": […], "properties": […] …}``."""
    filters = ("kind", "content", "content_type", "band", "phase", "topic", "channel")
    given = node.fields(optional=(*filters, "properties", "intent", "activity"))
    if not given:
        raise node.fail("Say which events are meant.")
    codes = {name: given[name].texts() if name in given else () for name in filters}
    if "kind" in given:
        _check_kinds(given["kind"], codes["kind"], known)
    if "content" in given:
        _check_codes(given["content"], codes["content"], known.contents)
    return EventMatch(
        kinds=codes["kind"],
        contents=codes["content"],
        content_types=codes["content_type"],
        bands=codes["band"],
        phases=codes["phase"],
        topics=codes["topic"],
        channels=codes["channel"],
        properties=_predicates(given.get("properties")),
        intent="intent" in given and given["intent"].flag(),
        activity="activity" in given and given["activity"].flag(),
    )


def _predicates(node: Node | None) -> tuple[PropertyPredicate, ...]:
    return tuple(_predicate(item) for item in node.items(least=1)) if node else ()


def _predicate(node: Node) -> PropertyPredicate:
    given = node.fields(required=("path", "op"), optional=("value",))
    operator = given["op"].choice(PREDICATE_OPERATORS)
    path = given["path"].text(most=64)
    if operator == "is_set":
        return PropertyPredicate(path, operator, given["value"].flag() if "value" in given else True)
    if "value" not in given:
        raise RuleError(f"{node.path}.value", "This field is missing.")
    return PropertyPredicate(path, operator, _predicate_value(given["value"], operator))


def _predicate_value(node: Node, operator: str) -> str | int | bool | tuple[str | int | bool, ...]:
    if operator == "in":
        return tuple(_json_scalar(item) for item in node.items(least=1))
    if operator in ("at_least", "at_most"):
        return node.whole(-(10**12), 10**12)
    return _json_scalar(node) if operator == "equals" else node.text()


def _json_scalar(node: Node) -> str | int | bool:
    return node.value if isinstance(node.value, bool | int) else node.text()


def _measure(node: Node, scope: Scope) -> Measure:
    given = node.fields(required=("score",), optional=("at_least", "below"))
    name = given["score"].choice(MEASURES)
    if name not in scope.measures:
        raise given["score"].fail("A rule cannot ask for the score that it makes.")
    least = given["at_least"].whole(0, 100) if "at_least" in given else None
    below = given["below"].whole(1, 101) if "below" in given else None
    if least is None and below is None:
        raise RuleError(f"{node.path}.at_least", "This field is missing.")
    if least is not None and below is not None and least >= below:
        raise RuleError(f"{node.path}.below", "The thresholds are reversed.")
    return Measure(name, least, below)


def _reading(node: Node, word: str, scope: Scope) -> Reads:
    given = node.fields(required=(word,))[word]
    if word not in scope.readings:
        raise given.fail("A rule cannot ask for the score that it makes.")
    values = []
    for item in given.items(least=1):
        if isinstance(item.value, bool) or item.value not in READING_VALUES[word]:
            raise item.fail(
                "One of these is expected: %(allowed)s.", allowed=", ".join(map(str, READING_VALUES[word]))
            )
        values.append(item.value)
    return Reads(word, tuple(values))


def _check_events(node: Node, scope: Scope) -> None:
    if not scope.events:
        raise node.fail("Fit tells who somebody is: it cannot ask for events.")


def _check_kinds(node: Node, codes: tuple[str, ...], known: Vocabulary) -> None:
    _check_codes(node, codes, known.kinds)
    for code in codes:
        if code in NEVER_SCORED:
            raise node.fail("Loading a mail says nothing about a person: it is never scored.")
        if code in CONCLUSIONS:
            raise node.fail("The event %(code)s is drawn from the score: a rule on it is a cycle.", code=code)


def _check_codes(node: Node, codes: tuple[str, ...], existing: frozenset[str] | None) -> None:
    for code in codes:
        if existing is not None and code not in existing:
            raise node.fail("There is no %(code)s here.", code=code)


_FORMS: Mapping[str, Callable[[Node, Scope, Vocabulary], Condition]] = {
    "all": _all,
    "any": _any,
    "not": _not,
    "field": lambda node, _scope, known: parse_attribute(_without_weight(node), known),
    "persona": _persona,
    "list": _list,
    "inactive_days": _inactive,
    "event": _happened,
}


def _without_weight(node: Node) -> Node:
    if isinstance(node.value, dict) and "weight" in node.value:
        raise RuleError(f"{node.path}.weight", "This field is unknown.")
    return node
