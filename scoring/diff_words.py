"""What differs between two rule documents, in sentences, part by part."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from scoring.choices import Phase, Temperature
from scoring.drafts import ABSENT, Change, Path
from scoring.editor.words import condition_words, limits_words, name_of, points_words, rule_words
from scoring.sentences import field_name


@dataclass(frozen=True, slots=True)
class Told:
    """One part that differs: where it is, what it said and what it says. Empty where it is not."""

    path: Path
    kind: str
    where: str
    old: str
    new: str


def tell(changes: Sequence[Change], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Told]:
    """Changes from ``old`` to ``new`` in the reader's language.

    What goes or comes with its group is told once.
    """
    gone = {one.path for one in changes if len(one.path) == 2 and one.kind in ("added", "removed")}
    told = []
    for change in changes:
        is_told_with_group = len(change.path) > 2 and change.path[:2] in gone
        if is_told_with_group or (change.kind == "moved" and not change.is_reordering):
            continue
        told.append(
            Told(
                change.path,
                change.kind,
                where(change.path, new, old),
                part_words(change.path, change.old, old),
                part_words(change.path, change.new, new),
            )
        )
    return told


def where(path: Path, *documents: Mapping[str, Any]) -> str:
    """The name of a part: its group and rule, or what section it is."""
    names = list(_names(path, documents))
    return " › ".join(names) if names else _SECTIONS.get(path[0], lambda: path[0])()


def _names(path: Path, documents: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if path[0] in ("groups", "personas"):
        if path[0] == "personas":
            yield _("Personas")
        for depth in (2, 4):
            if len(path) >= depth and not path[depth - 1].startswith("#"):
                yield _name_at(path[:depth], documents)
        if path[-1].startswith("#"):
            yield _("Order")
    elif path[0] == "gates":
        yield _("Gate to MQL") if path[1] == "mql" else _("Gate to ready for sales")


def _name_at(path: Path, documents: Sequence[Mapping[str, Any]]) -> str:
    for document in documents:
        entry = _entry(document, path)
        if entry is not None:
            return name_of(entry.get("name", path[-1]))
    return path[-1]


def _entry(document: Mapping[str, Any], path: Path) -> Mapping[str, Any] | None:
    entries: Any = document
    for depth in range(0, len(path), 2):
        found = entries.get(path[depth], []) if isinstance(entries, Mapping) else []
        entries = next((entry for entry in found if entry.get("code") == path[depth + 1]), None)
        if entries is None:
            return None
    return entries if isinstance(entries, Mapping) else None


def part_words(path: Path, value: Any, document: Mapping[str, Any]) -> str:
    """A part's value as a sentence; "" for ABSENT."""
    if value is ABSENT:
        return ""
    if path[-1].startswith("#"):
        return ", ".join(_name_at((*path[:-1], code), (document,)) for code in value)
    if path[0] == "groups":
        return _group(value) if len(path) == 2 else _rule(value, document)
    say = _SAY.get(path[0])
    try:
        return say(value, document) if say else _plainly(value)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        return _plainly(value)


def _plainly(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rule(rule: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    name = name_of(rule.get("name", ""))
    said = f"{points_words(rule.get('points'))} · {name} · {rule_words(rule, document)}"
    return f"{said} ({_('switched off')})" if rule.get("enabled") is False else said


def _group(group: Mapping[str, Any]) -> str:
    said = [name_of(group.get("name", "")), _("fit") if group.get("measures") == "fit" else _("engagement")]
    if "cap" in group:
        said.append(_("at most %(points)s points") % {"points": points_words(group["cap"], signed=False)})
    said += limits_words(group)
    if group.get("enabled") is False:
        said.append(_("switched off"))
    return " · ".join(said)


def _persona(persona: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    traits = ", ".join(_trait(one, document) for one in persona["criteria"])
    return _("%(name)s: %(traits)s") % {"name": name_of(persona["name"]), "traits": traits}


def _trait(criterion: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    test = {name: value for name, value in criterion.items() if name != "weight"}
    return f"{condition_words(test, document)} ({criterion.get('weight', 1)})"


def _matrix(matrix: Mapping[str, Any], _document: Mapping[str, Any]) -> str:
    fit, engagement = matrix["fit"], matrix["engagement"]
    letters = _("fit: A from %(a)s, B from %(b)s, C from %(c)s") % dict(zip("abc", fit, strict=True))
    levels = _("engagement: 1 from %(a)s, 2 from %(b)s, 3 from %(c)s") % dict(
        zip("abc", engagement, strict=True)
    )
    return f"{letters} · {levels}"


def _gate(gate: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    said = [_("opens if %(what)s") % {"what": condition_words(gate["when"], document)}]
    if "keep" in gate:
        said.append(_("stays open while %(what)s") % {"what": condition_words(gate["keep"], document)})
    fast = (condition_words(step["when"], document) for step in gate.get("fast", ()))
    said.extend(_("at once if %(what)s") % {"what": words} for words in fast)
    return " · ".join(said)


def _steps(steps: Sequence[Mapping[str, Any]], document: Mapping[str, Any]) -> str:
    labels = {**dict(Phase.choices), **dict(Temperature.choices)}
    said: list[str] = []
    for step in steps:
        code = step.get("phase") or step.get("temperature")
        when = condition_words(step["when"], document)
        said.append(_("%(what)s if %(when)s") % {"what": labels.get(str(code), code), "when": when})
    return " · ".join(said)


def _name(value: Any, _document: Mapping[str, Any]) -> str:
    return name_of(value)


def _fields(value: Sequence[str], _document: Mapping[str, Any]) -> str:
    return ", ".join(field_name(name) for name in value)


def _weights(value: Mapping[str, Any], _document: Mapping[str, Any]) -> str:
    return ", ".join(f"{_PRIORITIES[name]()} {number}" for name, number in value.items())


_SAY: Mapping[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "name": _name,
    "note": _name,
    "matrix": _matrix,
    "completeness": _fields,
    "personas": _persona,
    "phases": _steps,
    "temperatures": _steps,
    "gates": _gate,
    "priority": _weights,
    "intent_days": lambda value, _document: _("%(days)s days") % {"days": value},
}
_SECTIONS: Mapping[str, Callable[[], str]] = {
    "name": lambda: _("Name"),
    "note": lambda: _("Note"),
    "matrix": lambda: _("Matrix"),
    "completeness": lambda: _("Useful fields"),
    "phases": lambda: _("Buying phases"),
    "temperatures": lambda: _("Temperatures"),
    "intent_days": lambda: _("How long an act of intent keeps hot"),
    "priority": lambda: _("Priority in the waiting room"),
}
_PRIORITIES: Mapping[str, Callable[[], str]] = {
    "fit": lambda: _("fit"),
    "engagement": lambda: _("engagement"),
    "warm": lambda: _("warm"),
    "hot": lambda: _("hot"),
    "fast_path": lambda: _("fast path"),
}
