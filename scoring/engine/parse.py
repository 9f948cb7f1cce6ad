"""A rule set from its JSON document. What is wrong is refused here, with the path to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scoring.engine.conditions import All, AnyOf, Attribute, Condition, Happened, Measure
from scoring.engine.fields import STAGES, field_type
from scoring.engine.parse_conditions import (
    BEHAVIOUR,
    FIT,
    GATE,
    TEMPERATURE,
    Scope,
    Vocabulary,
    parse_attribute,
    parse_condition,
    parse_days,
    parse_match,
    parse_one_per,
)
from scoring.engine.reading import Node
from scoring.engine.rules import (
    PHASES,
    TEMPERATURES,
    Criterion,
    Gate,
    Group,
    Matrix,
    Occurrences,
    Persona,
    PriorityWeights,
    Rule,
    RuleSet,
    Step,
    Text,
)
from scoring.engine.signatures import EventMatch

MAX_POINTS = 1000
MAX_RULES = 200
MAX_NOTE = 1000  # characters
INTENT_DAYS = 90
AUDIENCES = ("b2b", "b2c", "unknown")
OPTIONAL = ("matrix", "completeness", "personas", "phases", "temperatures", "priority", "intent_days", "note")


def parse(document: object, known: Vocabulary | None = None) -> RuleSet:
    """The rule set that a document describes.

    ``known`` holds the site's codes (kinds, contents, lists, custom fields); without it codes are not
    checked. Raises RuleError naming the path of the first thing wrong.
    """
    node = Node(document)
    given = node.fields(required=("name", "groups", "gates"), optional=OPTIONAL)
    personas = _personas(given.get("personas"), known or Vocabulary())
    known = replace(known or Vocabulary(), personas=frozenset(persona.code for persona in personas))
    mql, ready = _gates(given["gates"], known)
    return RuleSet(
        name=_text(given["name"]),
        groups=_groups(given["groups"], known),
        mql=mql,
        ready=ready,
        matrix=_matrix(given.get("matrix")),
        completeness=_completeness(given.get("completeness")),
        personas=personas,
        phases=_phases(given.get("phases"), known),
        temperatures=_temperatures(given.get("temperatures"), _intent(given.get("intent_days")), known),
        priority=_priority(given.get("priority")),
        note=_note(given.get("note")),
    )


def _text(node: Node, most: int = 200) -> Text:
    if isinstance(node.value, str):
        return Text(node.text(most=most), node.text(most=most))
    given = node.fields(required=("fr", "en"))
    return Text(given["fr"].text(most=most), given["en"].text(most=most))


def _note(node: Node | None) -> Text | None:
    """Why something is as it is: said to people, without effect on scores."""
    return None if node is None else _text(node, MAX_NOTE)


def _code(node: Node, taken: set[str]) -> str:
    code = node.text(most=60)
    if code in taken:
        raise node.fail("The code %(code)s is used twice.", code=code)
    taken.add(code)
    return code


def _groups(node: Node, known: Vocabulary) -> tuple[Group, ...]:
    taken: set[str] = set()
    groups = tuple(_group(item, known, taken) for item in node.items(least=1, most=50))
    if sum(len(group.rules) for group in groups) > MAX_RULES:
        raise node.fail("At most %(most)d rules are allowed.", most=MAX_RULES)
    return groups


def _group(node: Node, known: Vocabulary, taken: set[str]) -> Group:
    optional = ("cap", "audience", "sectors", "stages", "note", "enabled")
    given = node.fields(required=("code", "name", "measures", "rules"), optional=optional)
    measures = given["measures"].choice(("fit", "engagement"))
    scope = FIT if measures == "fit" else BEHAVIOUR
    return Group(
        code=_code(given["code"], taken),
        name=_text(given["name"]),
        measures=measures,
        rules=tuple(_rule(item, scope, known, taken) for item in given["rules"].items(least=1)),
        cap=given["cap"].thousandths(0, MAX_POINTS) if "cap" in given else None,
        only_for=_limits(given),
        note=_note(given.get("note")),
        enabled=_enabled(given),
    )


def _limits(given: Mapping[str, Node]) -> tuple[Attribute, ...]:
    limits = []
    if "audience" in given:
        limits.append(Attribute("audience", "in", given["audience"].choices(AUDIENCES)))
    if "sectors" in given:
        limits.append(Attribute("company.sector", "in", given["sectors"].texts()))
    if "stages" in given:
        limits.append(Attribute("stage", "in", given["stages"].choices(STAGES)))
    return tuple(limits)


def _enabled(given: Mapping[str, Node]) -> bool:
    """Whether a group or rule counts: one that is off is kept, and checked like any other."""
    return "enabled" not in given or given["enabled"].flag()


def _rule(node: Node, scope: Scope, known: Vocabulary, taken: set[str]) -> Rule:
    given = node.fields(required=("code", "name", "points"), optional=("when", "count", "note", "enabled"))
    if "when" not in given and "count" not in given:
        raise node.fail("A rule needs a condition, or events to count.")
    if "count" in given and not scope.events:
        raise given["count"].fail("Fit tells who somebody is: it cannot ask for events.")
    return Rule(
        code=_code(given["code"], taken),
        name=_text(given["name"]),
        points=given["points"].thousandths(-MAX_POINTS, MAX_POINTS),
        when=parse_condition(given["when"], scope, known) if "when" in given else None,
        count=_count(given["count"], known) if "count" in given else None,
        note=_note(given.get("note")),
        enabled=_enabled(given),
    )


def _count(node: Node, known: Vocabulary) -> Occurrences:
    given = node.fields(required=("event",), optional=("one_per", "within_days", "most", "half_life"))
    return Occurrences(
        match=parse_match(given["event"], known),
        one_per=parse_one_per(given.get("one_per")),
        within_days=parse_days(given.get("within_days")),
        most=given["most"].whole(1, 1000) if "most" in given else None,
        half_life=parse_days(given.get("half_life")),
    )


def _personas(node: Node | None, known: Vocabulary) -> tuple[Persona, ...]:
    taken: set[str] = set()
    return tuple(_persona(item, known, taken) for item in node.items(most=20)) if node else ()


def _persona(node: Node, known: Vocabulary, taken: set[str]) -> Persona:
    given = node.fields(required=("code", "name", "criteria"), optional=("story",))
    criteria = tuple(_criterion(item, known) for item in given["criteria"].items(least=1, most=20))
    story = _note(given.get("story"))
    return Persona(_code(given["code"], taken), _text(given["name"]), criteria, story)


def _criterion(node: Node, known: Vocabulary) -> Criterion:
    test = parse_attribute(node, known)
    weight = node.fields(required=("field", "op"), optional=("value", "weight")).get("weight")
    return Criterion(test, weight.whole(1, 100) if weight else 1)


def _completeness(node: Node | None) -> tuple[str, ...]:
    names = []
    for item in node.items(least=1, most=50) if node else ():
        if field_type(item.text()) is None:
            raise item.fail("There is no field %(name)s.", name=item.text())
        names.append(item.text())
    return tuple(dict.fromkeys(names))


def _matrix(node: Node | None) -> Matrix:
    if node is None:
        return Matrix()
    given = node.fields(required=("fit", "engagement"))
    return Matrix(_thresholds(given["fit"]), _thresholds(given["engagement"]))


def _thresholds(node: Node) -> tuple[int, int, int]:
    first, second, third = (item.whole(1, 100) for item in node.items(least=3, most=3))
    if not first > second > third:
        raise node.fail("The thresholds are reversed.")
    return first, second, third


def _phases(node: Node | None, known: Vocabulary) -> tuple[Step, ...]:
    return tuple(_step(item, "phase", PHASES, BEHAVIOUR, known) for item in node.items()) if node else ()


def _temperatures(node: Node | None, intent: Condition, known: Vocabulary) -> tuple[Step, ...]:
    rows = node.items() if node else ()
    steps = (_step(row, "temperature", TEMPERATURES, TEMPERATURE, known) for row in rows)
    # Whoever never asked for anything is not hot, whatever a table says.
    return tuple(replace(one, when=All((intent, one.when))) if one.code == "hot" else one for one in steps)


def _intent(node: Node | None) -> Condition:
    return Happened(EventMatch(intent=True), within_days=parse_days(node) or INTENT_DAYS)


def _step(node: Node, word: str, allowed: tuple[str, ...], scope: Scope, known: Vocabulary) -> Step:
    given = node.fields(required=(word, "when"), optional=("note",))
    when = parse_condition(given["when"], scope, known)
    return Step(given[word].choice(allowed), when, note=_note(given.get("note")))


def _gates(node: Node, known: Vocabulary) -> tuple[Gate, Gate]:
    given = node.fields(required=("mql", "ready"))
    mql, ready = _gate(given["mql"], known), _gate(given["ready"], known)
    _check_order(given["ready"], lower=mql.when, upper=ready.when)
    _check_order(given["mql"], lower=mql.keep, upper=mql.when)
    _check_order(given["ready"], lower=ready.keep, upper=ready.when)
    return mql, ready


def _check_order(node: Node, *, lower: Condition, upper: Condition) -> None:
    """MQL asks for no more than ready, and staying for no more than entering."""
    for name in ("fit", "engagement"):
        if floor_of(lower, name) > floor_of(upper, name) > 0:
            raise node.fail("The thresholds are reversed.")


def _gate(node: Node, known: Vocabulary) -> Gate:
    given = node.fields(required=("when",), optional=("keep", "fast", "note"))
    when = parse_condition(given["when"], GATE, known)
    taken: set[str] = set()
    return Gate(
        when=when,
        keep=parse_condition(given["keep"], GATE, known) if "keep" in given else when,
        fast=tuple(_fast(item, known, taken) for item in given["fast"].items()) if "fast" in given else (),
        note=_note(given.get("note")),
    )


def _fast(node: Node, known: Vocabulary, taken: set[str]) -> Step:
    given = node.fields(required=("code", "when"), optional=("name", "note"))
    return Step(
        code=_code(given["code"], taken),
        when=parse_condition(given["when"], GATE, known),
        name=_text(given["name"]) if "name" in given else None,
        note=_note(given.get("note")),
    )


def floor_of(condition: Condition, name: str) -> int:
    """The least whole points of a measure without which a gate cannot open."""
    match condition:
        case Measure(name=measure, at_least=least):
            return (least or 0) if measure == name else 0
        case All(parts):
            return max((floor_of(part, name) for part in parts), default=0)
        case AnyOf(parts):
            return min((floor_of(part, name) for part in parts), default=0)
        case _:
            return 0


def _priority(node: Node | None) -> PriorityWeights:
    if node is None:
        return PriorityWeights()
    given = node.fields(optional=("fit", "engagement", "warm", "hot", "fast_path"))
    return PriorityWeights(**{name: value.whole(0, 1000) for name, value in given.items()})
